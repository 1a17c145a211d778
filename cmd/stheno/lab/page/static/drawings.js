// What is drawn while a run goes on, by name: by the painter in its worker, or on the page's own thread.
import { canvasPen } from "./pen.js"
import { drawColumns } from "./columns.js"
import { drawPlot } from "./plot.js"

const drawings = { network: (g, w, h, what, c) => drawColumns(g, what, c), plot: (g, w, h, what, c) => drawPlot(canvasPen(g), what, 0, 0, w, h, c) }

// draw draws one on a canvas that is w by h CSS pixels large, each of them ratio of its own.
export function draw(canvas, { name, w, h, ratio, what }, c) {
  const pw = Math.max(1, Math.round(w * ratio)), ph = Math.max(1, Math.round(h * ratio))
  if (canvas.width !== pw || canvas.height !== ph) { canvas.width = pw; canvas.height = ph }
  const g = canvas.getContext("2d")
  g.setTransform(ratio, 0, 0, ratio, 0, 0)
  g.clearRect(0, 0, w, h)
  drawings[name](g, w, h, what, c)
}
