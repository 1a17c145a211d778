// The network: a column a layer, and across them the line of the gradient's norm.
import { $, canvas, h, icon, put, table } from "./dom.js"
import { lab, on } from "./state.js"
import { soon } from "./frame.js"
import { drawFall, span } from "./fall.js"
import { drawHist } from "./hist.js"
import { canvasPen } from "./pen.js"
import { colours } from "./palette.js"
import { compact, detail, figure, percent, power, shape, titled, whole } from "./format.js"
import { openLayer } from "./layer.js"
import { tip } from "./tip.js"
import { t } from "./i18n.js"

let columns = [], key = "", axis = null, axisOf = "", width = 0, tableOpen = false
let box, scroll, inner, list, fallCanvas, actCanvas, gradCanvas, behind

const rows = [["row_shape", 1], ["row_params", 2], ["row_grad", 3], ["row_norm", 4], ["row_ratio", 5], ["row_act", 6], ["row_gradhist", 7], ["row_share", 8]]
const least = 46 // CSS pixels a column

export const shown = () => lab.layers.get(lab.current)?.layers ?? null
export const axisNow = () => axis

function build() {
  fallCanvas = h("canvas", { role: "img", tLabel: "net_canvas" })
  actCanvas = h("canvas", { "aria-hidden": "true" })
  gradCanvas = h("canvas", { "aria-hidden": "true" })
  list = h("ol", { class: "layers" })
  inner = h("div", { class: "net-inner" }, fallCanvas, actCanvas, gradCanvas, list)
  scroll = h("div", { class: "net-scroll", tabindex: "0", role: "group", tLabel: "network" }, inner)
  box = h("div", { class: "net" }, h("div", { class: "net-labels", "aria-hidden": "true" }, h("span", { t: "layer" }), rows.map(([k]) => h("span", { t: k }))), scroll)
  behind = h("div", { class: "behind", hidden: true, tabindex: "0", role: "group", tLabel: "table", test: "network-table" })
  const key = h("p", { class: "net-key" }, h("span", {}, h("i"), h("span", { t: "key_now" })), h("span", {}, h("i", { class: "then" }), h("span", { t: "key_then" })), h("span", { id: "net-fall", test: "net-fall" }), h("span", { t: "click_opens" }))
  const empty = h("p", { class: "empty", id: "net-empty", test: "net-empty" })
  $("network-body").append(empty, box, key, behind)
  $("network-tools").append(h("button", { type: "button", class: "quiet", "aria-expanded": "false", test: "network-table-button",
    onclick: e => { tableOpen = !tableOpen; e.currentTarget.setAttribute("aria-expanded", String(tableOpen)); behind.hidden = !tableOpen; figures() } }, icon("table"), h("span", { t: "table" })))
  new ResizeObserver(() => { const w = scroll.clientWidth; if (w !== width) { width = w; draw() } }).observe(scroll)
}

function column(l, i) {
  const parts = {}
  for (const k of ["name", "what", "shape", "params", "gap", "grad", "ratio", "gap2", "gap3", "share"]) parts[k] = h("span", { class: k, "aria-hidden": k === "name" || k === "what" ? null : "true" })
  parts.read = h("span", { class: "hidden-text" }) // the figures, with what they are
  const head = h("span", { class: "title" }, parts.name, " ", parts.what)
  const button = h("button", { type: "button", class: "layer", test: "layer", "data-layer": l.name, onclick: () => openLayer(l.name) }, head, Object.entries(parts).filter(([k]) => k !== "name" && k !== "what").map(([, e]) => e))
  tip(button, () => says(shown()?.[i]))
  return { li: h("li", { "data-layer": l.name }, button), button, ...parts }
}

function says(l) {
  if (!l) return null
  return [titled(l), [t("row_shape"), shape(l.shape)], [t("row_params"), whole(l.params)], [t("row_norm"), power(l.grad_norm, 2)], [t("first_norm"), power(l.first?.grad_norm, 2)],
    [t("row_ratio"), power(l.update_ratio, 2)], [t("weight_norm"), figure(l.weight_norm)],
    [t("row_act"), l.activation ? figure(l.activation.mean) + " ± " + figure(l.activation.std) : "–"], [t("row_gradhist"), l.gradient ? power(l.gradient.mean) + " ± " + power(l.gradient.std) : "–"],
    ...(typeof l.saturated === "number" ? [[t("saturated_word"), percent(l.saturated)]] : []), ...(typeof l.dead === "number" ? [[t("dead_word"), percent(l.dead)]] : [])]
}

// share is the larger of the shares of units that no gradient passes: saturated, or dead.
function share(l) {
  const [v, word] = typeof l.dead === "number" && !(l.saturated > l.dead) ? [l.dead, "dead"] : [l.saturated, "saturated"]
  return typeof v === "number" ? [percent(v, 0), v > .5, t(word, percent(v, 0))] : ["", false, ""]
}

function draw() {
  const m = lab.layers.get(lab.current), layers = m?.layers ?? []
  $("net-empty").hidden = layers.length > 0
  put($("net-empty"), t(lab.state?.ready === false || !lab.state ? "preparing" : lab.current ? "net_empty" : "no_runs"))
  box.hidden = layers.length === 0
  box.nextSibling.hidden = layers.length === 0
  if (!layers.length) { put($("network-note"), ""); return }
  put($("network-note"), t("net_note", layers.length, compact(layers.reduce((n, l) => n + (l.params || 0), 0)), whole(m.step)))
  const now = lab.current + "|" + layers.map(l => l.name).join("|")
  if (now !== key) {
    key = now
    columns = layers.map(column)
    list.replaceChildren(...columns.map(c => c.li))
    width = scroll.clientWidth
  }
  if (axisOf !== lab.current) { axisOf = lab.current; axis = null }
  axis = span(layers, axis)
  const noted = new Set((lab.findings.get(lab.current)?.findings ?? []).filter(f => f.severity !== "note" && f.severity !== "good" && f.severity !== "info").map(f => f.layer))
  layers.forEach((l, i) => {
    const c = columns[i]
    put(c.name, l.name.replaceAll("_", "\u200b_")) // where it may be broken
    put(c.what, detail(l))
    put(c.shape, shape(l.shape))
    put(c.params, l.params ? compact(l.params) : "–")
    const [text, bad, said] = share(l)
    put(c.share, text)
    c.share.classList.toggle("bad", bad)
    c.li.classList.toggle("noted", noted.has(l.name))
    put(c.read, " " + t("row_norm") + " " + power(l.grad_norm) + (said ? ", " + said : ""))
  })
  const w = Math.max(width, least * layers.length), col = w / layers.length
  if (list.style.gridTemplateColumns !== `repeat(${layers.length}, ${col}px)`) {
    list.style.gridTemplateColumns = `repeat(${layers.length}, ${col}px)`
    inner.style.width = w + "px"
  }
  list.classList.toggle("narrow", col < 58)
  const c = colours(), digits = col < 52 ? 0 : 1
  columns.forEach((e, i) => { put(e.grad, power(layers[i].grad_norm, digits)); put(e.ratio, power(layers[i].update_ratio, digits)) })
  // The heights are those of --rows in the style sheet.
  fallCanvas.style.top = "78px"
  actCanvas.style.top = "254px"
  gradCanvas.style.top = "304px"
  drawFall(canvasPen(canvas(fallCanvas, w, 138)), layers, axis, 0, 0, w, 138, c)
  soon("network-act", () => hists(actCanvas, layers, w, l => [l.activation, l.first?.activation], c.act))
  soon("network-grad", () => hists(gradCanvas, layers, w, l => [l.gradient, l.first?.gradient], c.accent))
  const norms = layers.map(l => l.grad_norm).filter(v => typeof v === "number")
  put($("net-fall"), norms.length > 1 && norms[norms.length - 1] > 0 ? t("fall", power(norms[0] / norms[norms.length - 1])) : "")
  if (tableOpen) figures()
}

function hists(to, layers, w, of, colour) {
  const g = canvas(to, w, 50), col = w / layers.length
  layers.forEach((l, i) => drawHist(g, ...of(l), i * col + 5, 4, col - 10, 42, colour))
}

let wrote = 0
function figures() {
  const layers = shown()
  if (!tableOpen || !layers || performance.now() - wrote < 500) return
  wrote = performance.now()
  behind.replaceChildren(table(t("net_note", layers.length, compact(layers.reduce((n, l) => n + (l.params || 0), 0)), whole(lab.layers.get(lab.current).step)),
    [t("layer"), t("row_shape"), t("row_params"), t("row_norm"), t("first_norm"), t("row_ratio"), t("weight_norm"), t("saturated_word"), t("dead_word")],
    layers.map(l => [titled(l), shape(l.shape), whole(l.params), power(l.grad_norm, 2), power(l.first?.grad_norm, 2), power(l.update_ratio, 2), figure(l.weight_norm), percent(l.saturated), percent(l.dead)])))
}

// light marks a layer's column for as long as something points at it; show brings it into sight.
export function light(name, is, show = false) {
  for (const c of columns) {
    const at = c.li.dataset.layer === name
    c.li.classList.toggle("lit", is && at)
    if (at && show) { c.button.scrollIntoView({ block: "center", inline: "center", behavior: "smooth" }); c.button.focus({ preventScroll: true }) }
  }
}

export function start() {
  build()
  on("layers state findings language theme", "network", draw)
}
