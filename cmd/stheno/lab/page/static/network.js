// The network: a column a layer, and across them the line of the gradient's norm.
import { $, h, icon, put, table } from "./dom.js"
import { lab, on, run } from "./state.js"
import { seen, soon } from "./frame.js"
import { Easel } from "./easel.js"
import { span } from "./fall.js"
import { shortcuts } from "./shortcut.js"
import { compact, detail, figure, gradient, percent, power, shape, titled, whole } from "./format.js"
import { openLayer } from "./layer.js"
import { blocks, plan } from "./places.js"
import { tip } from "./tip.js"
import { t } from "./i18n.js"

let columns = [], key = "", drawn = null, axis = null, axisOf = "", width = 0, tableOpen = false, place = null
let folded = null // whether parts of parts are left out; null: where there is no room for them
let box, scroll, inner, list, sheet, easel, behind, fold, under_

const rows = ["row_shape", "row_params", "row_grad", "row_norm", "row_ratio", "row_act", "row_gradhist", "row_share"]
const narrow = matchMedia("(max-width: 760px)"), calm = matchMedia("(prefers-reduced-motion: reduce)")
// now is the one message of which all of the panel is drawn; all are its layers.
const now = () => lab.layers.get(lab.current)
const all = () => now()?.layers ?? []

// shown are the layers that have a column.
export const shown = () => { const l = all(); return !l.length ? null : l.some(o => o.nested) && (folded ?? (narrow.matches ? l.length > 16 : l.length * 30 > width)) ? blocks(l) : l }
export const axisNow = () => axis

function build() {
  sheet = h("canvas", { role: "img", tLabel: "net_canvas" })
  easel = new Easel(sheet)
  list = h("ol", { class: "layers", onkeydown: walk })
  inner = h("div", { class: "net-inner" }, sheet, list)
  scroll = h("div", { class: "net-scroll" }, inner)
  box = h("div", { class: "net" }, h("div", { class: "net-labels", "aria-hidden": "true" }, h("span", { t: "layer" }), rows.map(k => h("span", { t: k, class: k }))), scroll)
  behind = h("div", { class: "behind", hidden: true, tabindex: "0", role: "group", tLabel: "table", test: "network-table" })
  under_ = h("p", { class: "net-key" }, h("span", {}, h("i"), h("span", { t: "key_now" })), h("span", {}, h("i", { class: "then" }), h("span", { t: "key_then" })), h("span", { class: "shortcut", id: "net-shortcut", t: "key_shortcut", test: "net-shortcut", hidden: true }), h("span", { id: "net-fall", test: "net-fall" }), h("span", { t: "click_opens" }))
  const empty = h("p", { class: "empty", id: "net-empty", test: "net-empty" })
  $("network-body").append(empty, box, under_, behind)
  fold = h("button", { type: "button", class: "quiet", test: "network-fold", hidden: true, onclick: () => { folded = shown().length === all().length; soon("network", draw) } })
  $("network-tools").append(fold, h("button", { type: "button", class: "quiet", "aria-expanded": "false", test: "network-table-button",
    onclick: e => { tableOpen = !tableOpen; e.currentTarget.setAttribute("aria-expanded", String(tableOpen)); behind.hidden = !tableOpen; figures() } }, icon("table"), h("span", { t: "table" })))
  new ResizeObserver(() => { const w = scroll.clientWidth; if (w && w !== width) { width = w; soon("network", draw) } }).observe(scroll)
  narrow.addEventListener("change", () => soon("network", draw))
}

// walk moves the focus from layer to layer: of all of them Tab meets one.
function walk(e) {
  const at = columns.findIndex(c => c.button === e.target), last = columns.length - 1
  const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: last }[e.key]
  if (at < 0 || to === undefined || e.ctrlKey || e.metaKey || e.altKey) return
  e.preventDefault()
  meet(Math.max(0, Math.min(last, to)))
  columns.find(c => c.button.tabIndex === 0)?.button.focus()
}

const meet = to => columns.forEach((c, i) => { c.button.tabIndex = i === to ? 0 : -1 })

function column(l) {
  const [, kind, number] = /^(.*?)(?:_(\d+))?$/.exec(l.name)
  const name = h("span", { class: "name" }, h("span", { text: kind }), number && [h("wbr"), h("i", { text: "_" }), h("span", { class: "number", text: number })])
  const parts = [h("span", { class: "title" }, name, " ", h("span", { class: "what", text: detail(l) })), h("span", { class: "shape", text: shape(l.shape) }), h("span", { class: "params", text: l.params ? compact(l.params) : "–" })]
  const button = h("button", { type: "button", class: "layer", tabindex: columns.length ? "-1" : "0", test: "layer", "data-layer": l.name, onclick: () => openLayer(l.name), onfocus: () => meet(columns.findIndex(c => c.button === button)) }, parts)
  tip(button, () => says(shown()?.find(o => o.name === l.name)))
  return { li: h("li", { "data-layer": l.name }, button), button, label: "" }
}

function says(l) {
  if (!l) return null
  return [titled(l), [t("row_shape"), shape(l.shape)], [t("row_params"), whole(l.params)], [t("row_norm"), l.not_finite ? t("not_finite") : power(l.grad_norm, 2)], [t("first_norm"), power(l.first?.grad_norm, 2)],
    [t("row_ratio"), power(l.update_ratio, 2)], [t("weight_norm"), figure(l.weight_norm)],
    [t("row_act"), l.activation ? figure(l.activation.mean) + " ± " + figure(l.activation.std) : "–"], [t("row_gradhist"), l.gradient ? power(l.gradient.mean) + " ± " + power(l.gradient.std) : "–"],
    ...(typeof l.saturated === "number" ? [[t("saturated_word"), percent(l.saturated)]] : []), ...(typeof l.dead === "number" ? [[t("dead_word"), percent(l.dead)]] : [])]
}

// share is the larger of the shares of units that no gradient passes: saturated, or dead.
function share(l) {
  const [v, word] = typeof l.dead === "number" && !(l.saturated > l.dead) ? [l.dead, "dead"] : [l.saturated, "saturated"]
  return typeof v === "number" ? [percent(v, 0), v > .5, t(word, percent(v, 0))] : ["", false, ""]
}

const noteOf = () => t("net_note", run()?.name ?? "", all().length, compact(blocks(all()).reduce((n, l) => n + (l.params || 0), 0)), whole(now().step))

// keyOf tells whether columns are those of the run that is looked at, and of its layers.
const keyOf = layers => [lab.current, ...layers.map(l => l.name + l.label + l.shape)].join("|")

// mine are the layers to draw, if the columns that stand there are theirs, all of them; else null: draw comes to it.
function mine() {
  const layers = shown()
  return layers && drawn !== null && drawn === keyOf(layers) ? layers : null
}

// clear takes away all that is of other layers, the drawing with it: half of one network is not shown under another one's name.
function clear() {
  drawn = null
  columns = []
  list.replaceChildren()
  easel.blank()
  for (const e of [$("network-note"), $("net-fall")]) put(e, "")
  $("net-shortcut").hidden = true
  behind.replaceChildren()
}

function draw() {
  const layers = shown()
  $("net-empty").hidden = Boolean(layers)
  put($("net-empty"), t(lab.state?.ready === false || !lab.state ? "preparing" : lab.current ? "net_empty" : "no_runs"))
  box.hidden = under_.hidden = !layers
  fold.hidden = !all().some(l => l.nested)
  const is = layers ? keyOf(layers) : ""
  if (is !== key) {
    key = is
    clear()
    if (layers) width = scroll.clientWidth
  }
  return layers ? grow : undefined
}

// grow makes columns, some a frame; they are seen when all are there.
function grow() {
  const layers = shown()
  if (!layers || keyOf(layers) !== key) return draw
  for (const l of layers.slice(columns.length, columns.length + 5)) columns.push(column(l))
  return columns.length < layers.length ? grow : lie
}

// lie has them take their places where these are others.
function lie() {
  const layers = shown(), fresh = drawn !== key
  if (!layers || keyOf(layers) !== key) return draw
  const p = plan(layers, width, narrow.matches)
  const changed = !place || Object.keys(p).some(k => typeof p[k] !== "object" && p[k] !== place[k]) || list.dataset.n !== String(layers.length)
  place = p
  if (changed) {
    list.dataset.n = layers.length
    box.dataset.kind = p.kind
    box.classList.toggle("tight", p.down && !p.figures)
    list.style.gridTemplateColumns = p.down ? "1fr" : `repeat(${layers.length}, ${p.col}px)`
    list.style.gridAutoRows = p.down ? p.row + "px" : p.h + "px"
    inner.style.width = p.w + "px"
    inner.style.height = p.h + "px"
    scroll.tabIndex = p.w > width + 1 ? 0 : -1 // what scrolls is reached by keys
    sheet.style.left = p.sheet.left + "px"
    sheet.style.top = p.sheet.top + "px"
  }
  if (axisOf !== lab.current) { axisOf = lab.current; axis = null }
  axis = span(layers, axis)
  if (fresh) { list.append(...columns.map(c => c.li)); drawn = key; words() }
  else soon("network-words", words, { every: lab.state?.playing ? 1000 : 0 }) // they are laid out, and read
  seen(inner, "network-paint", paint, { beside: true })
}

// paint has the columns drawn, if the run that is looked at by then is still the one they were made for.
function paint() {
  const layers = mine()
  if (!layers) return
  easel.draw("network", place.sheet.w, place.sheet.h, { plan: place, axis, layers: layers.map(l => ({
    kind: l.kind, nested: l.nested, shortcut: l.shortcut, grad_norm: l.grad_norm, not_finite: l.not_finite, update_ratio: l.update_ratio, activation: l.activation, gradient: l.gradient, first: l.first, says: share(l),
  })) })
}

// words writes what stands beside the drawing, and what each column is to those who do not see it.
function words() {
  const layers = mine()
  if (!layers) return
  const noted = new Set((lab.findings.get(lab.current)?.findings ?? []).filter(f => f.severity === "error" || f.severity === "warning").map(f => column_(f.layer)))
  put($("network-note"), noteOf())
  put(fold, t(layers.length === all().length ? "fold" : "unfold", all().length))
  layers.forEach((l, i) => {
    const e = columns[i], said = share(l)[2], label = [titled(l), shape(l.shape), ...(l.params ? [t("row_params") + " " + whole(l.params)] : []), t("row_norm") + " " + (l.not_finite ? t("not_finite") : power(l.grad_norm)), ...(said ? [said] : [])].join(t("clause"))
    if (e.label !== label) { e.label = label; e.button.setAttribute("aria-label", label) }
    e.li.classList.toggle("noted", noted.has(l.name))
  })
  const norms = layers.map(l => l.grad_norm).filter(v => typeof v === "number")
  put($("net-fall"), norms.length > 1 && norms[norms.length - 1] > 0 && !layers.some(l => l.not_finite) ? t("fall", figure(norms[0] / norms[norms.length - 1], 2)) : "")
  $("net-shortcut").hidden = !shortcuts(layers).length
  if (tableOpen) figures()
}

// figures are the drawing's, in a table; they are written with the words, which come to the last message too.
function figures() {
  const layers = all()
  if (!tableOpen || !layers.length || !mine()) return
  behind.replaceChildren(table(noteOf(),
    [t("layer"), t("row_shape"), t("row_params"), t("row_norm"), t("first_norm"), t("row_ratio"), t("weight_norm"), t("saturated_word"), t("dead_word")],
    layers.map(l => [titled(l), shape(l.shape), whole(l.params), gradient(l, 2), power(l.first?.grad_norm, 2), power(l.update_ratio, 2), figure(l.weight_norm), percent(l.saturated), percent(l.dead)])))
}

// column_ is the layer in whose column another one lies: its own, or that of the part it belongs to.
function column_(name) {
  const l = all(), is = new Set((shown() ?? []).map(o => o.name))
  let i = l.findIndex(o => o.name === name)
  while (i >= 0 && !is.has(l[i].name)) i--
  return l[i]?.name
}

// light marks a layer's column for as long as something points at it; show brings it into sight.
export function light(name, is, show = false) {
  const of = column_(name)
  for (const c of columns) {
    const at = c.li.dataset.layer === of
    c.li.classList.toggle("lit", is && at)
    if (at && show) { c.button.scrollIntoView({ block: "center", inline: "center", behavior: calm.matches ? "instant" : "smooth" }); c.button.focus({ preventScroll: true }) }
  }
}

export function start() {
  build()
  on("layers state findings language theme", "network", draw)
}
