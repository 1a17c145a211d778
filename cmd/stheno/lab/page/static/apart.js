// One step apart: the batch, forward, the loss, backward layer by layer, the update; a frame each.
import { canvas, dialog, h, put, table } from "./dom.js"
import { lab, run } from "./state.js"
import { command, get } from "./stream.js"
import { drawHist } from "./hist.js"
import { picture, strip } from "./pixels.js"
import { colours } from "./palette.js"
import { figure, percent, power, titled, whole } from "./format.js"
import { t } from "./i18n.js"

const d = dialog("apart", "apart")
const parts = ["f_batch", "f_forward", "f_loss", "f_backward", "f_update"] // of a step

let step = null, frames = [], at = 0, of = null
let rail, chain, frame, count, back, on, act

function hist(now, first, colour) {
  const c = h("canvas", { role: "img", "aria-label": now ? figure(now.min) + " … " + figure(now.max) : "–" })
  drawHist(canvas(c, 420, 120), now, first, 2, 4, 416, 112, colour, colours())
  c.style.maxWidth = "100%"
  return h("figure", {}, c, h("figcaption", { text: now ? figure(now.min) + " … " + figure(now.max) + "   " + t("mean") + " " + figure(now.mean) + "   " + t("std") + " " + figure(now.std) : "–" }))
}

// values shows what a layer makes of one sample: a picture, or numbers.
function values(v) {
  if (!v) return null
  if (v.data !== undefined) return picture(v, { size: Math.min(180, Math.max(84, v.width * 6)), label: t("first_sample") })
  const list = Array.isArray(v) ? v.flat(3) : v.values ?? []
  if (!list.length) return null
  const numbers = list.filter(x => typeof x === "number")
  return h("figure", {}, strip(list), h("figcaption", { text: t("value_n", list.length, figure(numbers.reduce((a, b) => a + b, 0) / Math.max(1, numbers.length))) + (list.length <= 12 ? ":  " + list.map(x => figure(x)).join("  ") : "") }))
}

const classOf = b => b?.label ?? ""

function batch() {
  const all = step.batch ?? []
  const pictures = all.filter(b => b.picture)
  return [h("p", { text: t("f_batch_p", whole(step.step + 1), whole(step.size), all.length) }),
    pictures.length === all.length && all.length ? h("div", { class: "pictures" }, all.map((b, i) => picture(b.picture, { size: 84, caption: classOf(b) })))
      : rowsTable(all)]
}

function rowsTable(all) {
  const rowOf = b => b.row ?? b.values ?? []
  if (all[0]?.text) return h("pre", { text: all.map(b => b.text + (classOf(b) ? "  →  " + classOf(b) : "")).join("\n") })
  const first = rowOf(all[0] ?? {}), names = Array.isArray(first) ? first.map((_, i) => String(i + 1)) : Object.keys(first)
  const cell = v => typeof v === "number" ? figure(v) : String(v ?? "")
  return h("div", { class: "behind", tabindex: "0", role: "group", "aria-label": t("table") }, table("", [t("sample"), ...names.slice(0, 16), ""], all.map((b, i) => [String(step.rows?.[i] ?? i), ...(Array.isArray(first) ? rowOf(b) : names.map(n => rowOf(b)[n])).slice(0, 16).map(cell), classOf(b)])))
}

function forward(l) {
  return [h("p", { text: t("f_forward_p", l.name) }),
    h("div", { class: "apart-two" }, h("div", {}, h("h3", { text: t("whole_batch") }), hist(l.forward, null, colours().act)), h("div", {}, h("h3", { text: t("first_sample") }), values(l.sample)))]
}

function loss() {
  const l = step.loss ?? {}, per = l.per_sample ?? [], most = Math.max(...per.filter(v => typeof v === "number"), 1e-12), c = colours()
  const w = 440, bars = h("canvas", { role: "img", "aria-label": t("loss_each") })
  const g = canvas(bars, w, 110)
  bars.style.maxWidth = "100%"
  g.fillStyle = c.grid
  g.fillRect(0, 109, w, 1)
  per.forEach((v, i) => { const hgt = Math.max(0, v) / most * 100; g.fillStyle = c.accent; g.fillRect(i * w / per.length, 109 - hgt, Math.max(1, w / per.length - 1), hgt) })
  if (typeof l.mean === "number") { g.strokeStyle = c.bad; g.setLineDash([4, 3]); const y = 109 - l.mean / most * 100; g.beginPath(); g.moveTo(0, y); g.lineTo(w, y); g.stroke() }
  const p = l.probabilities ?? [], classes = run()?.classes ?? []
  return [h("p", { text: t("f_loss_p") }), h("p", { class: "bignum", test: "apart-loss", "data-value": l.mean }, figure(l.mean, 5), h("small", { text: t("loss_mean") })),
    h("div", { class: "apart-two" }, h("figure", {}, h("h3", { text: t("loss_each") }), bars, h("figcaption", { text: "0 … " + figure(most) })),
      p.length ? h("div", {}, h("h3", { text: t("probabilities") }), said(p, classes)) : h("div"))]
}

// said is a table of what the model says of the first samples: the surer, the darker; what is right is bold.
function said(p, classes) {
  const e = table("", [t("sample"), ...classes.slice(0, 12).map(String)], p.slice(0, 10).map((row, i) => [classOf(step.batch?.[i]) || String(i), ...row.slice(0, 12).map(v => percent(v, 0))]))
  e.classList.add("close")
  p.slice(0, 10).forEach((row, i) => row.slice(0, 12).forEach((v, k) => {
    const cell = e.tBodies[0].rows[i].cells[k + 1]
    cell.style.backgroundColor = `color-mix(in srgb, ${colours().accent} ${Math.round(32 * (v ?? 0))}%, transparent)`
    cell.classList.toggle("true", String(classes[k]) === classOf(step.batch?.[i]))
  }))
  return h("div", { class: "behind", tabindex: "0", role: "group", "aria-label": t("table") }, e)
}

function backward(b) {
  return [h("p", { text: t("f_backward_p", b.name) }),
    b.params?.length ? h("p", { class: "bignum", test: "apart-grad", "data-value": b.grad_norm }, power(b.grad_norm, 3), h("small", { text: t("norm_params") })) : null,
    h("div", { class: "apart-two" }, h("div", {}, h("h3", { test: "apart-hist", text: t("gradient_output") }), hist(b.gradient, null, colours().accent)),
      h("div", {}, b.params?.length ? [h("h3", { text: t("parameters") }), table("", [t("parameter"), t("row_norm"), t("weight_norm")], b.params.map(p => [p.name, power(p.grad_norm, 2), figure(p.weight_norm)]))] : null, fallSoFar(b)))]
}

// fallSoFar shows the norms of the layers that the gradient has come through, as bars on a log scale.
function fallSoFar(b) {
  const list = step.backward.slice(0, step.backward.indexOf(b) + 1), all = step.backward.map(x => x.grad_norm).filter(v => v > 0).map(Math.log10)
  if (!all.length) return null
  const low = Math.floor(Math.min(...all) - .2), high = Math.ceil(Math.max(...all) + .01), c = colours(), n = step.backward.length, w = 420, left = 34, part = (w - left) / n
  const most = Math.max(...step.backward.map(x => x.name.length)) * 5.6, turned = most > part, foot = turned ? Math.min(most, 90) + 6 : 18, tall = 76
  const cv = h("canvas", { role: "img", test: "apart-fall", "aria-label": list.map(x => x.name + " " + power(x.grad_norm)).join(", ") }), g = canvas(cv, w, tall + foot + 6)
  cv.style.maxWidth = "100%"
  const y = v => 6 + (high - v) / (high - low) * tall
  g.font = "10px Inter, system-ui, sans-serif"
  const every = Math.ceil((high - low) / 5)
  for (let p = high; p >= low; p -= every) {
    g.fillStyle = c.grid
    g.fillRect(left, y(p), w - left, 1)
    g.fillStyle = c["ink-3"]
    g.fillText("1e" + (p < 0 ? "−" + -p : p), 0, y(p) + 4)
  }
  const named = Math.ceil(11 / part) // where columns are too close only some are named
  step.backward.forEach((x, i) => {
    const at = w - (i + 1) * part, come = i < list.length
    if (come && x.grad_norm > 0) { g.fillStyle = c.accent; g.fillRect(at + 1, y(Math.log10(x.grad_norm)), part - 2, y(low) - y(Math.log10(x.grad_norm))) }
    if (i % named) return
    g.save()
    g.fillStyle = i === list.length - 1 ? c.ink : c["ink-3"]
    g.translate(at + part / 2, tall + 10)
    if (turned) g.rotate(-Math.PI / 2)
    g.textAlign = turned ? "right" : "center"
    g.fillText(x.name, 0, turned ? 3 : 10)
    g.restore()
  })
  return h("figure", {}, h("h3", { text: t("grad_so_far") }), cv)
}

function update() {
  return [h("p", { text: t("f_update_p") }),
    h("div", { class: "behind", tabindex: "0", role: "group", "aria-label": t("table") }, table("", [t("layer"), t("parameter"), t("update_norm"), t("row_ratio"), t("rate")], (step.update ?? []).map(u => [u.name, u.param, power(u.update_norm, 2), power(u.ratio, 2), figure(u.rate)])))]
}

function plan() {
  const layers = step.layers ?? [], label = new Map(layers.map(l => [l.name, titled(l)]))
  frames = [{ is: "f_batch", layer: -1, draw: batch }]
  layers.forEach((l, i) => frames.push({ is: "f_forward", layer: i, name: titled(l), draw: () => forward(l) }))
  frames.push({ is: "f_loss", layer: layers.length, draw: loss })
  for (const b of step.backward ?? []) frames.push({ is: "f_backward", layer: layers.findIndex(l => l.name === b.name), name: label.get(b.name) ?? b.name, draw: () => backward(b) })
  frames.push({ is: "f_update", layer: -2, draw: update })
}

function build() {
  rail = h("div", { class: "apart-rail", role: "group", tLabel: "apart" }, parts.map(is => h("button", { type: "button", test: "apart-part", t: is, onclick: () => go(frames.findIndex(f => f.is === is)) })))
  chain = h("div", { class: "chain", "aria-hidden": "true" })
  frame = h("div", { class: "apart-frame", test: "apart-frame", "aria-live": "polite" })
  count = h("span", { class: "note" })
  back = h("button", { type: "button", test: "apart-back", onclick: () => go(at - 1), t: "previous" })
  on = h("button", { type: "button", class: "primary", test: "apart-next", onclick: () => go(at + 1), t: "next" })
  act = h("button", { type: "button", test: "apart-do", t: "do_step", onclick: async () => { await command("step", { run: of }); await load() } })
  d.body.append(rail, chain, frame, h("div", { class: "apart-nav" }, back, count, h("div", { class: "buttons" }, act, on)))
  d.dialog.addEventListener("keydown", e => {
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: frames.length - 1 }[e.key]
    if (to === undefined || !frames.length) return
    e.preventDefault()
    go(to)
  })
}

function go(to) {
  at = Math.max(0, Math.min(frames.length - 1, to))
  const f = frames[at], layers = step.layers ?? []
  const now = parts.indexOf(f.is)
  parts.forEach((is, i) => {
    const e = rail.children[i]
    e.classList.toggle("done", i < now)
    if (i === now) e.setAttribute("aria-current", "step")
    else e.removeAttribute("aria-current")
    e.disabled = !frames.some(o => o.is === is)
  })
  const backing = f.is === "f_backward"
  chain.replaceChildren(...[-1, ...layers.map((_, i) => i), layers.length].flatMap((k, i) => [i ? h("i", { text: backing && k > f.layer ? "←" : "→" }) : null,
    h("span", { class: k === f.layer ? "on" : f.is === "f_update" || (backing ? k > f.layer : k < f.layer) ? "past" : "", text: k < 0 ? t("f_batch") : k === layers.length ? t("f_loss") : layers[k].name })]).filter(Boolean))
  const heading = h("h3", { text: t(f.is) + (f.name ? t("colon") + f.name : "") })
  frame.replaceChildren(heading, ...f.draw().filter(Boolean))
  frame.dataset.frame = f.is.slice(2)
  frame.dataset.layer = f.name ?? ""
  for (const e of [chain.querySelector(".on"), rail.children[now]]) e?.scrollIntoView({ block: "nearest", inline: "center" })
  put(count, t("frame_n", at + 1, frames.length))
  back.disabled = at === 0
  on.disabled = at === frames.length - 1
  act.hidden = f.is !== "f_update" || ended(lab.runs.get(of))
}

// ended says that a run is at its end, where no step can be made.
const ended = r => ["done", "diverged", "failed"].includes(r?.condition)

// none says that no step comes next that could be taken apart.
export const none = r => r?.condition === "done"

async function load() {
  frames = []
  for (const e of [...rail.children, back, on]) e.disabled = true
  frame.replaceChildren(h("p", { text: t("loading") }))
  try { step = await get("api/apart", { run: of }) } catch (err) {
    step = null
    chain.replaceChildren()
    frame.replaceChildren(h("p", { class: "check bad", text: err.message }))
    put(count, "")
    act.hidden = true
    return
  }
  delete d.title.dataset.t
  d.title.textContent = t("apart_title", whole(step.step + 1))
  plan()
  go(0)
}

export async function openApart() {
  if (!run() || none(run())) return
  of = lab.current
  if (!rail) build()
  d.open()
  await load()
  if (step) on.focus()
}
