// What is drawn while a run goes on, by name: by the painter in its worker, or on the page's own thread.
import { canvasPen } from "./pen.js"
import { drawColumns } from "./columns.js"
import { drawPlot } from "./plot.js"

const drawings = { network: (g, w, h, what, c) => drawColumns(g, what, c), plot: (g, w, h, what, c) => drawPlot(canvasPen(g), what, 0, 0, w, h, c), time: drawTime }

// drawTime draws along the bar of time the checkpoints, where settings changed, and how far it has come.
function drawTime(g, w, h, { checkpoints, changes, from, head, colour }, c) {
  g.fillStyle = c["ink-3"]
  for (const x of checkpoints) g.fillRect(Math.round(x), h - 5, 1, 4)
  g.fillStyle = colour
  for (const x of changes) g.fillRect(Math.round(x) - 1, 1, 2, 5)
  g.globalAlpha = .5
  if (head > from) g.fillRect(from, h - 1, head - from, 1)
  g.globalAlpha = 1
}

// draw draws one on a canvas that is w by h CSS pixels large, each of them ratio of its own.
export function draw(canvas, { name, w, h, ratio, what }, c) {
  const pw = Math.max(1, Math.round(w * ratio)), ph = Math.max(1, Math.round(h * ratio))
  if (canvas.width !== pw || canvas.height !== ph) { canvas.width = pw; canvas.height = ph }
  const g = canvas.getContext("2d")
  g.setTransform(ratio, 0, 0, ratio, 0, 0)
  g.clearRect(0, 0, w, h)
  drawings[name](g, w, h, what, c)
}
