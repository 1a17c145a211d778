// Pictures to take away: the network and the curves, as SVG and PNG.
import { canvas, h } from "./dom.js"
import { run, view } from "./state.js"
import { lines, measures, plotOf } from "./curves.js"
import { drawn, paint, scale, tall } from "./beside.js"
import { axisNow, shown } from "./network.js"
import { drawFall } from "./fall.js"
import { drawPlot } from "./plot.js"
import { drawShortcuts } from "./shortcut.js"
import { canvasPen, svgPen } from "./pen.js"
import { colour, colours, mark } from "./palette.js"
import { gradient, shape } from "./format.js"
import { metric } from "./series.js"
import { t } from "./i18n.js"

const W = 960

export const pictures = { network: { height: () => drawn() ? 104 + tall : 360, draw: pen => drawn() ? besides(pen) : network(pen) }, curves: { height: () => (measures() ? 620 : 330) + legend().height, draw: curves } }

function network(pen) {
  const c = colours(), layers = shown()
  if (!layers) throw new Error(t("net_empty"))
  pen.rect(0, 0, W, 360, { colour: c.card })
  pen.text("Stheno: " + (run()?.name ?? ""), 24, 32, { colour: c.ink, size: 16, bold: true })
  pen.text(t("row_norm") + " (" + t("key_now") + "; - - " + t("key_then") + ")", 24, 52, { colour: c["ink-2"], size: 12 })
  drawFall(pen, layers, axisNow() ?? [-4, 0], 24, 66, W - 48, 220, c)
  drawShortcuts(pen, layers, 24, 66, W - 48, 220, c)
  const col = (W - 48) / layers.length
  layers.forEach((l, i) => {
    const x = 24 + (i + .5) * col
    pen.text(l.name.slice(0, Math.max(4, Math.floor(col / 7))), x, 306, { colour: c.ink, size: 11, align: "center", bold: true })
    pen.text(shape(l.shape), x, 322, { colour: c["ink-2"], size: 10, align: "center" })
    pen.text(gradient(l), x, 338, { colour: c["ink-2"], size: 10, align: "center" })
  })
}

// besides are two networks as they stand side by side.
function besides(pen) {
  const c = colours(), two = drawn(), w = (W - 48 - 28) / 2
  if (!two.every(([, layers]) => layers.length)) throw new Error(t("net_empty"))
  pen.rect(0, 0, W, 104 + tall, { colour: c.card })
  two.forEach(([r, layers, step], i) => {
    const x = 24 + i * (w + 28), all = [...r.name], fits = Math.floor(w / 8.5)
    pen.text(mark(r), x, 32, { colour: colour(r), size: 15, bold: true })
    pen.text(all.length > fits ? all.slice(0, fits - 1).join("") + "…" : r.name, x + 20, 32, { colour: c.ink, size: 15, bold: true })
    pen.text(t("beside_step", step), x + 20, 52, { colour: c["ink-2"], size: 12 })
    paint(pen, layers, scale(), x, 66, w, { ...c, accent: colour(r) })
  })
  pen.text("Stheno: " + t("beside_key"), 24, 88 + tall, { colour: c["ink-2"], size: 12 })
}

function plot(pen, what, name, y, tall) {
  const c = colours()
  pen.text(name, 24, y - 8, { colour: c.ink, size: 13, bold: true })
  drawPlot(pen, plotOf(what), 24, y, W - 48, tall, c)
  pen.text(t("x_" + view.x), W - 38, y + tall + 8, { colour: c["ink-3"], size: 10, align: "end" })
}

// legend places the runs of either chart in lines, as many in each as there is room for.
function legend() {
  const all = new Map(), wide = text => [...text].reduce((n, c) => n + (c > "\u2e80" ? 12 : 6.8), 0) // of a letter at that size
  for (const what of ["loss", "metric"]) for (const l of lines(what)) if (!l.ring) all.set(l.label, l)
  let x = 24, y = 26
  const placed = [...all.values()].map(l => {
    const label = [...l.label].length > 110 ? [...l.label].slice(0, 109).join("") + "…" : l.label, w = 62 + wide(label)
    if (x > 24 && x + w > W - 24) { x = 24; y += 20 }
    const at = { ...l, label, x, y }
    x += w
    return at
  })
  return { placed, height: y - 26 }
}

function curves(pen) {
  const c = colours(), { placed, height } = legend()
  pen.rect(0, 0, W, pictures.curves.height(), { colour: c.card })
  for (const l of placed) { pen.line([[l.x, l.y - 4], [l.x + 26, l.y - 4]], { colour: l.colour, width: 2, dash: l.dash }); pen.text(l.mark + " " + l.label, l.x + 32, l.y, { colour: c.ink, size: 12 }) }
  plot(pen, "loss", t("loss"), 58 + height, 250)
  if (measures()) plot(pen, "metric", metric(view.metric), 348 + height, 250)
}

export function svgOf(name) {
  const p = pictures[name], pen = svgPen(W, p.height())
  p.draw(pen)
  return new Blob([pen.end()], { type: "image/svg+xml" })
}

export function pngOf(name) {
  const p = pictures[name], c = h("canvas")
  p.draw(canvasPen(canvas(c, W, p.height())))
  return new Promise((take, fail) => c.toBlob(b => b ? take(b) : fail(new Error("PNG")), "image/png"))
}
