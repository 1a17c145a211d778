// Pictures to take away: the network and the curves, as SVG and PNG.
import { canvas, h } from "./dom.js"
import { run, view } from "./state.js"
import { lines } from "./curves.js"
import { axisNow, shown } from "./network.js"
import { drawFall } from "./fall.js"
import { drawShortcuts } from "./shortcut.js"
import { canvasPen, svgPen } from "./pen.js"
import { colours } from "./palette.js"
import { figure, gradient, shape } from "./format.js"
import { t } from "./i18n.js"

const W = 960

export const pictures = { network: { height: () => 360, draw: network }, curves: { height: () => 620 + legend().height, draw: curves } }

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

// ticks gives some four round ticks between two numbers.
function ticks(low, high) {
  const raw = (high - low) / 4 || 1, p = 10 ** Math.floor(Math.log10(raw)), size = [1, 2, 5, 10].map(f => f * p).find(s => s >= raw)
  const out = []
  for (let v = Math.ceil(low / size) * size; v <= high + size * 1e-9; v += size) out.push(Math.abs(v) < size * 1e-9 ? 0 : v)
  return out
}

function plot(pen, what, name, x, y, w, hgt) {
  const c = colours(), [out, data] = lines(what)
  pen.text(name, x, y - 8, { colour: c.ink, size: 13, bold: true })
  const log = what === "loss" && view.log, f = v => log ? Math.log10(v) : v, percents = what === "metric" && view.metric === "accuracy"
  const xs = data.flatMap(d => d.xs), ys = data.flatMap(d => d.ys).filter(v => typeof v === "number" && (!log || v > 0)).map(f)
  if (!ys.length) return
  const reach = list => list.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [Infinity, -Infinity])
  const [x0, x1] = reach(xs), [y0, y1] = reach(ys)
  const px = v => x + 48 + (v - x0) / (x1 - x0 || 1) * (w - 56), py = v => y + hgt - 22 - (v - y0) / (y1 - y0 || 1) * (hgt - 30)
  for (const v of ticks(y0, y1)) { pen.line([[x + 48, py(v)], [x + w - 8, py(v)]], { colour: c.grid }); pen.text(log ? "1e" + figure(v) : percents ? figure(v * 100) + "%" : figure(v), x + 42, py(v) + 4, { colour: c["ink-2"], size: 10, align: "end" }) }
  for (const v of ticks(x0, x1)) pen.text(figure(v), px(v), y + hgt - 6, { colour: c["ink-2"], size: 10, align: "center" })
  pen.text(t("x_" + view.x), x + w - 8, y + hgt + 8, { colour: c["ink-3"], size: 10, align: "end" })
  out.forEach((l, i) => {
    const points = data[i].xs.map((v, k) => [v, data[i].ys[k]]).filter(([, v]) => typeof v === "number" && (!log || v > 0)).map(([a, b]) => [px(a), py(f(b))])
    pen.line(points, { colour: l.colour, width: l.ring ? 1 : 1.8, dash: l.ring ? [2, 3] : l.dash })
    if (l.ring) for (const [a, b] of points) pen.dot(a, b, 3, { colour: l.colour, ring: c.card, hollow: true })
    else if (points.length) pen.text(l.mark, ...points[points.length - 1].map((v, k) => k ? v + 4 : v), { colour: l.colour, size: 12, align: "center", bold: true })
  })
}

// legend places the runs of either chart in lines, as many in each as there is room for.
function legend() {
  const all = new Map(), wide = text => [...text].reduce((n, c) => n + (c > "\u2e80" ? 12 : 6.8), 0) // of a letter at that size
  for (const what of ["loss", "metric"]) for (const l of lines(what)[0]) if (!l.ring) all.set(l.label, l)
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
  pen.rect(0, 0, W, 620 + height, { colour: c.card })
  for (const l of placed) { pen.line([[l.x, l.y - 4], [l.x + 26, l.y - 4]], { colour: l.colour, width: 2, dash: l.dash }); pen.text(l.mark + " " + l.label, l.x + 32, l.y, { colour: c.ink, size: 12 }) }
  plot(pen, "loss", t("loss"), 24, 58 + height, W - 48, 250)
  plot(pen, "metric", view.metric === "accuracy" ? t("accuracy") : view.metric, 24, 348 + height, W - 48, 250)
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
