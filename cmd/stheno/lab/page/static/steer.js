// The settings of a run, changed by hand: what a change does is said by the server while it is typed.
import { $, h, put } from "./dom.js"
import { lab, on, run } from "./state.js"
import { command, get, order, post } from "./stream.js"
import { compact, shape } from "./format.js"
import { pick, t } from "./i18n.js"

// Fields: when they act is the server's to say; these words stand there until it has.
const fields = [
  { name: "rate", when: "now", number: true }, { name: "batch", when: "next_epoch", number: true, whole: true }, { name: "optimizer", when: "now", words: "optimizers" }, { name: "loss", when: "now", words: "losses" },
  { name: "activation", when: "now", words: "activations", mlp: true }, { name: "dropout", when: "now", number: true, mlp: true }, { name: "layers", when: "new_run", area: true },
  { name: "epochs", when: "now", number: true, whole: true, more: true }, { name: "seed", when: "new_run", number: true, whole: true, large: true, more: true }, { name: "train_samples", when: "new_run", number: true, whole: true, more: true }, { name: "validation", when: "new_run", number: true, more: true }, { name: "scale", when: "new_run", number: true, more: true },
]
const parts = new Map()
let of = null, check, apply, branch, undo, slider, timer = 0, asked = 0, layers

const text = v => v === null || v === undefined ? "" : String(v)

function field(f) {
  const id = "set-" + f.name
  const input = f.area ? h("textarea", { id, rows: "3", spellcheck: "false", autocapitalize: "off", test: id }) : h("input", { id, type: "text", inputmode: f.number ? "decimal" : null, list: f.words ? id + "-words" : null, spellcheck: "false", autocapitalize: "off", autocomplete: "off", test: id })
  const when = h("span", { class: "when " + (f.when === "now" ? "now" : f.when === "new_run" ? "new" : ""), t: f.when })
  const root = h("div", { class: "field" + (f.area ? " all" : ""), id: "field-" + f.name }, h("label", { for: id }, h("span", { t: "set_" + f.name }), when), input, f.words && h("datalist", { id: id + "-words" }))
  input.addEventListener("input", () => { root.classList.toggle("changed", input.value !== input.dataset.was); if (f.name === "rate") slide(); later() })
  parts.set(f.name, { f, input, root, when, words: root.querySelector("datalist") })
  if (f.area) root.append(glossary())
  if (f.name === "rate") {
    slider = h("input", { type: "range", min: "-6", max: "1", step: "0.01", tLabel: "set_rate", test: "rate-slider", oninput: () => { input.value = String(Number((10 ** Number(slider.value)).toPrecision(2))); input.dispatchEvent(new Event("input")) } })
    root.append(slider)
  }
  return root
}

// glossary lists the words that layers are made of, a line each, once it is opened.
function glossary() {
  const list = h("dl", { class: "terms behind", tabindex: "0", tLabel: "layer_words" })
  let had = false
  return h("details", { test: "layer-words", ontoggle: async e => {
    if (!e.target.open || had) return
    had = true
    try {
      const { layers } = await get("api/words")
      list.replaceChildren(...layers.flatMap(w => [h("dt", {}, h("code", { text: w.example || w.word })), h("dd", { text: pick(w.about) })]))
    } catch (err) { had = false; list.replaceChildren(h("dd", { text: err.message })) }
  } }, h("summary", { t: "layer_words" }), list)
}

const slide = () => { const v = Number(parts.get("rate").input.value); if (v > 0) slider.value = String(Math.log10(v)) }

// meant is the number that was written in another way: 0,05 or 5%; null where that is none.
function meant(v, f) {
  const [, digits, percent] = v.match(/^(\d*[.,]?\d+)\s*(%?)$/) ?? [], n = Number(digits?.replace(",", ".")) / (percent ? 100 : 1)
  return Number.isFinite(n) && (!f.whole || Number.isSafeInteger(n)) ? String(n) : null
}

// change is what is other than it was; null where nothing is.
function change() {
  const c = {}
  for (const [name, { f, input }] of parts) {
    if (input.disabled || input.value === input.dataset.was || input.value === input.dataset.byWords) continue
    const v = input.value.trim(), n = Number(v)
    if (f.large && /^\d{16,20}$/.test(v)) { c[name] = v; continue } // a number would lose digits
    if (f.number && (v === "" || !Number.isFinite(n) || f.whole && !Number.isSafeInteger(n))) throw new Error(t(f.whole ? "want_whole" : "want_number", t("set_" + name), v || "–", meant(v, f) ?? input.dataset.was))
    c[name] = f.number ? n : v
  }
  return Object.keys(c).length ? c : null
}

function fill() {
  const r = run()
  $("steer").hidden = !r
  if (!r) return
  const other = of !== r.id
  of = r.id
  for (const [name, { f, input, root, words }] of parts) {
    const v = text(r.settings?.[name]), edited = input.value !== input.dataset.was
    const none = f.mlp && (r.settings?.[name] === null || r.settings?.[name] === undefined)
    input.disabled = none
    root.hidden = none
    if (other || !edited || input.value === v) { input.value = v; root.classList.remove("changed") }
    input.dataset.was = v
    const list = f.words && lab.state.words?.[f.words]
    if (list && words.dataset.key !== list.join("|")) { words.dataset.key = list.join("|"); words.replaceChildren(...list.map(w => h("option", { value: w }))) }
  }
  if (other || document.activeElement !== slider) slide()
  put($("steer-note"), r.name)
  if (other) { clearTimeout(timer); asked++ }
  let c = null
  try { c = change() } catch { c = {} }
  if (!c) nothing()
  else if (other) later()
}

// rateOf shows the learning rate that the words of an optimizer say, as long as no other one is written in its own place.
function rateOf(rate) {
  const { input, root } = parts.get("rate"), own = input.value !== input.dataset.was && input.value !== input.dataset.byWords
  if (own) return
  if (rate === null) delete input.dataset.byWords
  else input.dataset.byWords = text(rate)
  input.value = rate === null ? input.dataset.was ?? "" : text(rate)
  root.classList.toggle("changed", input.value !== input.dataset.was)
  slide()
}

function nothing() {
  rateOf(null)
  check.className = "check"
  put(check, t("unchanged"))
  layers.hidden = true
  apply.disabled = branch.disabled = undo.disabled = true
  put(apply, t("apply"))
  for (const { f, when } of parts.values()) mark(when, f.when)
}

function mark(e, when) { e.className = "when " + (when === "now" ? "now" : when === "new_run" ? "new" : ""); e.dataset.t = when; put(e, t(when)) }

function later() { clearTimeout(timer); timer = setTimeout(ask, 200) }

async function ask() {
  const r = run()
  if (!r) return
  let c
  undo.disabled = false
  try { c = change() } catch (err) { return bad(err.message) }
  if (!c) return nothing()
  const mine = ++asked
  try {
    const a = await post("api/do", { do: "check", run: r.id, change: c })
    if (mine !== asked) return
    const now = a.at_once ?? [], fresh = a.restart ?? [], say = list => list.map(n => parts.has(n) ? t("set_" + n) : n).join(t("comma"))
    const atOnce = now.filter(n => n !== "batch")
    rateOf(c.optimizer !== undefined && c.rate === undefined && typeof a.rate === "number" ? a.rate : null)
    for (const n of fresh) if (parts.has(n)) mark(parts.get(n).when, "new_run")
    for (const n of now) if (parts.has(n)) mark(parts.get(n).when, n === "batch" ? "next_epoch" : "now")
    check.className = "check good"
    put(check, [atOnce.length && t("check_now", say(atOnce)), now.includes("batch") && t("check_next", say(["batch"])), fresh.length && t("check_new", say(fresh))].filter(Boolean).join(" "))
    layers.hidden = !(a.layers?.length && (c.layers !== undefined || c.activation !== undefined || c.dropout !== undefined))
    put(layers, layers.hidden ? "" : t("check_ok", a.layers.length, compact(a.layers.reduce((n, l) => n + (l.params || 0), 0)), a.layers.map(l => l.name + " " + shape(l.shape)).join(" → ")))
    apply.disabled = branch.disabled = false
    apply.dataset.fresh = String(fresh.length > 0)
    put(apply, t(fresh.length ? "apply_new" : "apply"))
    branch.hidden = fresh.length > 0
  } catch (err) { if (mine === asked) bad(err.message) }
}

function bad(message) {
  asked++
  check.className = "check bad"
  put(check, message)
  layers.hidden = true
  apply.disabled = branch.disabled = true
}

async function carry(what) {
  const r = lab.runs.get(of) // the one whose settings stand there
  let c
  try { c = change() } catch (err) { return bad(err.message) }
  if (!r || !c) return
  apply.disabled = branch.disabled = true
  try {
    const fresh = what === "branch" || apply.dataset.fresh === "true"
    const a = await order(what, { run: r.id, change: c })
    reset()
    if (fresh && a.run !== r.id) await command("play", { run: a.run }) // as what mends does
  } catch (err) { bad(err.message); apply.disabled = branch.disabled = false }
}

function reset() {
  for (const { input, root } of parts.values()) { delete input.dataset.byWords; input.value = input.dataset.was ?? ""; root.classList.remove("changed") }
  slide()
  nothing()
}

export function start() {
  check = h("p", { class: "check", test: "check", role: "status" })
  layers = h("p", { class: "check mono", test: "check-layers" })
  apply = h("button", { type: "submit", class: "primary", test: "apply", disabled: true })
  branch = h("button", { type: "button", test: "apply-branch", t: "apply_branch", disabled: true, onclick: () => carry("branch") })
  undo = h("button", { type: "button", class: "quiet", test: "undo", t: "reset", disabled: true, onclick: reset })
  const more = h("details", { class: "all" }, h("summary", { t: "more_settings" }), h("div", { class: "settings" }, fields.filter(f => f.more).map(field)))
  $("steer-body").append(h("form", { class: "settings", onsubmit: e => { e.preventDefault(); if (!apply.disabled) carry("change") } },
    fields.filter(f => !f.more).map(field), more, h("div", { class: "all" }, check, layers), h("div", { class: "all buttons" }, apply, branch, undo)))
  on("state language", "steer", fill)
}
