// Two networks side by side: the gradients of two runs by layer, each at its step, on one scale.
import { $, canvas, h, put, table } from "./dom.js"
import { lab, on, run, runs, tell, view } from "./state.js"
import { get } from "./stream.js"
import { soon } from "./frame.js"
import { drawFall, span } from "./fall.js"
import { drawShortcuts } from "./shortcut.js"
import { canvasPen } from "./pen.js"
import { blocks } from "./places.js"
import { colour, colours, mark } from "./palette.js"
import { figure, gradient, power, shape, titled, whole } from "./format.js"
import { t } from "./i18n.js"

const high = 250, foot = 34 // px: of the fall, and of the layers' names and figures below it
export const tall = high + foot
let pick, root, key, behind, sides = [], axis = null, axisOf = "", before = null, width = 0
const asked = new Map() // id → the step at which its layers were asked for

const other = () => view.beside && view.beside !== lab.current ? lab.runs.get(view.beside) ?? null : null

// pair are the two runs, in the order of all, so that one does not change sides when the other is looked at.
export function pair() {
  const a = run(), b = other()
  return a && b ? runs().filter(r => r === a || r === b) : null
}

// of is what is shown of a run, all from one message: its layers as there is room for them, and the step that they are of.
function of(r) {
  const m = lab.layers.get(r.id), all = m?.layers ?? []
  return { r, layers: all.some(l => l.nested) && all.length * 22 > width ? blocks(all) : all, step: whole(m?.step ?? r.step) }
}

function side() {
  const swatch = h("span", { "aria-hidden": "true" }), name = h("span"), step = h("span", { class: "step" }), fall = h("span", { class: "fall" })
  const drawing = h("canvas", { role: "img" }), empty = h("p", { class: "note wait" })
  return { swatch, name, step, fall, drawing, empty, root: h("figure", { test: "beside-side" }, h("figcaption", {}, h("b", {}, swatch, " ", name), step, fall), drawing, empty) }
}

// look asks for the layers of a run that nobody looks at, once where it is.
async function look(r) {
  const m = lab.layers.get(r.id)
  if (r.condition === "playing" || r.condition === "failed" || asked.get(r.id) === r.step || m && Math.abs(m.step - r.step) <= 1) return
  asked.set(r.id, r.step)
  try {
    await get("api/layers", { run: r.id })
    setTimeout(() => { if (!lab.layers.has(r.id) && asked.delete(r.id)) tell("view") }, 3000) // told by the stream, which may have been taken up after it
  } catch (err) { tell("said", { level: "error", text: { en: err.message, zh: err.message } }) }
}

function choices() {
  const r = run(), key = JSON.stringify([r?.id, runs().map(o => [o.id, o.name]), t("beside")])
  pick.parentElement.hidden = runs().length < 2
  if (pick.dataset.key !== key) {
    pick.dataset.key = key
    pick.replaceChildren(h("option", { value: "", text: t("beside_none") }), ...runs().filter(o => o !== r).map(o => h("option", { value: o.id, text: mark(o) + " " + o.name })))
  }
  const now = other()?.id ?? ""
  if (pick.value !== now) pick.value = now
}

function draw() {
  if (view.beside && !lab.runs.has(view.beside)) view.beside = ""
  choices()
  const two = pair()
  $("network-body").classList.toggle("besides", Boolean(two))
  root.hidden = key.hidden = !two
  if (!two || !tableOpen()) behind.hidden = true
  if (!two) { axis = null; return }
  two.forEach(look)
  const ids = two.map(r => r.id).join("|"), both = two.map(of), all = both.map(b => b.layers)
  if (axisOf !== ids) { axisOf = ids; axis = null; behind.hidden = true }
  if (all.some(l => l.length)) axis = span(all.flat(), axis)
  const side = i => { if (pair()?.[i]?.id === two[i].id) one(sides[i], both[i]) }
  return () => { side(0); return () => { side(1); figures(both) } }
}

function one(s, { r, layers, step }) {
  const c = { ...colours(), accent: colour(r) }
  put(s.swatch, mark(r))
  s.swatch.style.color = colour(r)
  put(s.name, r.name)
  put(s.step, t("beside_step", step))
  const norms = layers.map(l => l.grad_norm).filter(v => typeof v === "number"), n = norms.length
  put(s.fall, n > 1 && norms[n - 1] > 0 && !layers.some(l => l.not_finite) ? t("fall", figure(norms[0] / norms[n - 1], 2)) : "")
  put(s.empty, layers.length ? "" : t("beside_wait"))
  s.empty.hidden = layers.length > 0
  s.drawing.hidden = !layers.length
  const w = Math.floor(s.root.clientWidth)
  if (!layers.length || w < 20) return
  s.drawing.setAttribute("aria-label", t("beside_canvas", r.name, step, gradient(layers[0], 2), gradient(layers[layers.length - 1], 2)))
  paint(canvasPen(canvas(s.drawing, w, tall)), layers, axis, 0, 0, w, c)
}

// paint draws one side: the fall, and below it each layer's name and figure as far as there is room.
export function paint(pen, layers, scale, x, y, w, c) {
  const col = w / layers.length
  drawFall(pen, layers, scale, x, y, w, high, c)
  drawShortcuts(pen, layers, x, y, w, high, c)
  layers.forEach((l, i) => {
    const at = x + (i + .5) * col, [, kind, number] = /^(.*?)(?:_(\d+))?$/.exec(l.name)
    pen.text(col > l.name.length * 6.2 + 4 ? l.name : col > kind.length * 6.2 + 6 ? kind : number ?? kind.slice(0, Math.max(1, Math.floor(col / 7))), at, y + high + 13, { colour: c.ink, size: 10.5, align: "center", bold: true })
    const last = i === layers.length - 1, wide = col > 38
    if (wide || i === 0 || last) pen.text(gradient(l, wide && col < 46 ? 0 : 1), wide ? at : last ? x + w - 2 : x + 2, y + high + 28, { colour: l.not_finite ? c.bad : c["ink-2"], size: 10.5, align: wide ? "center" : last ? "end" : "start" })
  })
}

export const scale = () => axis ?? [-4, 0]
export const drawn = () => pair()?.map(of).map(({ r, layers, step }) => [r, layers, step]) ?? null

let seen = [] // what the drawings show of the two
const tableOpen = () => $("network-tools").querySelector('[data-test="network-table-button"]').getAttribute("aria-expanded") === "true"

// figures has the table say what is drawn: at once where it was not seen, or nothing plays; else now and then, for it is laid out anew.
function figures(both) {
  if (!tableOpen() || pair()?.some((r, i) => r.id !== both[i].r.id) !== false) return
  seen = both
  if (!behind.hidden) return soon("beside-table", write, { every: lab.state?.playing ? 500 : 0 })
  write()
  behind.hidden = false
}

function write() {
  behind.replaceChildren(...seen.map(({ r, layers, step }) => table(r.name + t("clause") + t("beside_step", step), [t("layer"), t("row_shape"), t("row_norm"), t("first_norm"), t("row_ratio")],
    layers.map(l => [titled(l), shape(l.shape), gradient(l, 2), power(l.first?.grad_norm, 2), power(l.update_ratio, 2)]))))
}

export function start() {
  pick = h("select", { tLabel: "beside", tTitle: "beside_hint", test: "beside", onchange: () => { view.beside = pick.value; tell("view") } })
  sides = [side(), side()]
  root = h("div", { id: "beside", test: "beside-two", hidden: true }, sides.map(s => s.root))
  key = h("p", { class: "net-key two", t: "beside_key", hidden: true })
  behind = h("div", { class: "behind", hidden: true, tabindex: "0", role: "group", tLabel: "table", test: "beside-table" })
  $("network-body").append(root, key, behind)
  $("network-tools").prepend(h("label", {}, h("span", { t: "beside", "aria-hidden": "true" }), pick))
  $("network-tools").querySelector('[data-test="network-table-button"]').addEventListener("click", () => tell("view"))
  new ResizeObserver(() => { const w = root.clientWidth; if (w && w !== width) { width = w; tell("view") } }).observe(root)
  on("current", "beside-swap", () => { // the two change places where the other one is looked at; one of other data does not stay beside what is chosen or begun
    if (view.beside && view.beside === lab.current && lab.runs.has(before)) view.beside = before
    else if (before !== null && other() && other().dataset !== run()?.dataset) { view.beside = ""; tell("view") }
    before = lab.current
  }, { now: true })
  on("another", "beside-another", () => { view.beside = ""; asked.clear(); before = null }, { now: true })
  on("layers state view language theme", "beside", draw)
}
