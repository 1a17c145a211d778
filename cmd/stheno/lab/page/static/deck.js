// The deck: play, pause, steps, speed; and time, which goes back as well as on.
import { $, h, icon, put } from "./dom.js"
import { going, lab, on, playing, run, series } from "./state.js"
import { command } from "./stream.js"
import { colour } from "./palette.js"
import { soon } from "./frame.js"
import { Easel } from "./easel.js"
import { none, openApart } from "./apart.js"
import { along, means, metric, passed, score, scored } from "./series.js"
import { figure, whole } from "./format.js"
import { aside } from "./aside.js"
import { tip } from "./tip.js"
import { t } from "./i18n.js"

const speeds = [1, 2, 5, 10, 25, 50, 100, 250, 0]
let play, bar, ticks, easel, says, why, tipAnew, now, speed, dragging = false, width = 0, buttons
let rest = 0, last = false // of the bar: when it is let go, and whether it points beyond the newest step
let heard = ""    // what the bar says of itself

const newest = r => Math.max(r.head ?? 0, r.step)
const end = r => Math.max(1, r.epochs * r.steps_per_epoch, r.head ?? 0, r.step)

// While a run is on its way to a step, which somebody may have asked for elsewhere, the lab does nothing else: pause stops it.
const busy = () => playing() || Boolean(lab.seek)
export const toggle = () => run() && (busy() ? command("pause") : command("play", { speed: Number(speed.value) }))
export const step = () => run() && command("step")
export const epoch = () => run() && command("epoch")
export const focusTime = () => bar.focus()

// handOver has the play button take the focus of one that had a run play, so that the next press of Space pauses it.
export const handOver = () => play.focus({ preventScroll: true })

function go(to) {
  const r = run()
  if (!r || to === r.step && going(r) === null && !lab.aim.moves) draw()
  else command("goto", { run: r.id, step: to })
}

// letGo has the run go to where the bar was dragged, before anything else is asked for.
function letGo() {
  clearTimeout(rest)
  if (!dragging) return
  const r = run()
  dragging = false
  if (r) go(last ? newest(r) : Number(bar.value))
}

function build() {
  const b = (name, act, key, hint, word = false) => h("button", { type: "button", test: name, onclick: act, tTitle: hint ?? key, "aria-label": null }, icon(name), h("span", { t: key, class: word ? "word" : "hidden-text" }))
  play = h("button", { type: "button", id: "play", class: "primary", test: "play", onclick: toggle })
  buttons = [
    b("step", step, "one_step"), b("epoch", epoch, "one_epoch"),
    b("apart", openApart, "apart", "apart_hint", true), b("branch", () => command("branch"), "branch", "branch_hint", true),
    b("restart", () => command("restart"), "restart", "restart_hint"),
  ]
  bar = h("input", { type: "range", min: "0", max: "1", step: "1", value: "0", tLabel: "time", test: "time" })
  ticks = h("canvas", { "aria-hidden": "true" })
  easel = new Easel(ticks)
  says = h("div", { class: "says", test: "time-says" })
  why = h("button", { type: "button", class: "quiet why", test: "why", "aria-describedby": "words-why", hidden: true, onclick: () => { $("words-why").scrollIntoView({ block: "center" }); $("words-why").focus({ preventScroll: true }) } })
  tipAnew = tip(why, () => why.hidden ? [] : [why.dataset.full])
  // A drag goes there when it ends; keys, which end with each press, when they rest.
  // Beyond the newest step there is nothing to go to yet: what points there means the newest, and so it does where that has moved on meanwhile.
  bar.addEventListener("input", () => {
    const r = run(), most = r ? newest(r) : 0
    dragging = true
    last = Number(bar.value) >= most
    if (last) bar.value = String(most)
    saysNow(Number(bar.value))
  })
  bar.addEventListener("change", () => { clearTimeout(rest); rest = setTimeout(letGo, 250) })
  now = h("button", { type: "button", class: "quiet newest", test: "newest", hidden: true, tTitle: "newest_hint", "aria-label": null, onclick: () => { const r = run(); bar.focus(); if (r) go(newest(r)) } }, icon("epoch"), h("span", { t: "newest" }))
  speed = h("select", { tLabel: "speed", test: "speed", onchange: () => command("speed", { speed: Number(speed.value) }) }, speeds.map(s => h("option", { value: s })))
  speed.value = "0"
  $("deck").append(h("div", { class: "buttons" }, play, buttons), h("div", { class: "travel" }, h("div", { class: "line" }, bar, ticks), h("div", { class: "under" }, says, now)), h("div", { class: "speed" }, speed))
  new ResizeObserver(() => { width = bar.clientWidth; draw() }).observe(bar)
}

function saysNow(at) {
  const r = run()
  if (!r) { says.replaceChildren(); now.hidden = true; return }
  const s = series(r.id), i = passed(s, at), past = at < (r.head ?? 0), to = going(r), epochs = along(r, "epoch", at)
  const bits = [["at_step", whole(at) + " / " + whole(end(r))], ["at_epoch", epochs.toFixed(epochs < 10 ? 2 : 1) + " / " + r.epochs]]
  if (i >= 0) bits.push([means(s, i) ? "loss_epoch" : "loss_batch", figure(s.loss[i])])
  const what = scored(r)
  if (what && typeof s.accuracy[i] === "number") bits.push([what, score(what, s.accuracy[i])])
  if (i >= 0 && s.step[i] < at && !playing()) bits.push(["figures_of", whole(s.step[i])]) // not each step has its own
  const key = bits.map(b => b[0]).join() + t("loss") + end(r)
  if (says.dataset.key !== key) { // each figure has a place of its own, so that nothing else is laid out for it
    says.dataset.key = key
    const wide = { at_step: 2 * whole(end(r)).length + 3, at_epoch: 2 * String(r.epochs).length + 6, figures_of: whole(end(r)).length + 1, accuracy: 6 }, name = k => k === what ? t("in_training", metric(k)) : t(k)
    says.replaceChildren(...bits.map(([k]) => { const b = h("b"); b.style.width = (wide[k] ?? 8) + "ch"; return h("span", {}, name(k) + " ", b) }), h("span", { class: "note" }), why)
  }
  now.hidden = !past || playing() || to !== null
  bits.forEach(([, v], k) => put(says.children[k].lastChild, v))
  const { short, full } = aside(r, at, to)
  put(why.previousSibling, full === short ? short : "")
  put(why, full === short ? "" : short)
  why.hidden = full === short
  if (why.dataset.full !== full) { why.dataset.full = full; tipAnew() }
  heard = t("time_text", at, end(r), epochs.toFixed(2))
  if (playing() && !dragging) soon("time-text", aloud, { every: 1000 })
  else aloud()
}

// aloud has the bar say where it is: while it plays once a second, which is as often as one can hear it.
function aloud() { if (bar.getAttribute("aria-valuetext") !== heard) bar.setAttribute("aria-valuetext", heard) }

function draw() {
  const r = run(), is = busy()
  for (const e of [play, bar, speed, ...buttons]) e.disabled = !r
  const apart = buttons[2]
  if (none(r)) apart.disabled = true
  apart.title = t(none(r) ? "apart_none" : "apart_hint")
  $("deck").ariaBusy = String(going(r) !== null || Boolean(r) && r.id !== lab.state.current)
  if (play.dataset.is !== String(is) + t("play")) {
    play.dataset.is = String(is) + t("play")
    play.replaceChildren(icon(is ? "pause" : "play"))
    play.ariaLabel = play.title = t(is ? "pause" : "play")
  }
  const label = s => s ? t("speed_n", s) : t("speed_full")
  for (const o of speed.children) put(o, label(Number(o.value)))
  const now = String(lab.state?.speed ?? 0)
  if (document.activeElement !== speed && speed.value !== now) {
    if (![...speed.children].some(o => o.value === now)) speed.append(h("option", { value: now, text: label(Number(now)) }))
    speed.value = now
  }
  move()
}

// move has the bar and its words go along with the run.
function move() {
  const r = run(), is = playing()
  if (!r) { saysNow(0); return }
  if (bar.max !== String(end(r))) bar.max = String(end(r))
  // While it plays the bar and the words are in a frame each, and the thumb is moved by whole pixels: less is not seen, and costs a layout.
  const to = going(r) ?? r.step
  if (!dragging && (!is || document.activeElement === bar || Math.abs(to - Number(bar.value)) * width >= end(r))) bar.value = String(to)
  soon("time", mark, { beside: true })
  if (!is) return follow()
  soon("time-words", follow, { every: 250 })
}

// follow has the words go along with the bar.
function follow() { const r = run(); saysNow(dragging ? Number(bar.value) : going(r) ?? r?.step ?? 0) }

// mark draws what lies along the bar.
function mark() {
  const r = run()
  if (!r) return
  const at = s => 8 + s / end(r) * (width - 16), key = [width, end(r), r.id, r.checkpoints?.length, r.checkpoints?.at(-1), r.segments?.length, Math.round(at(r.head ?? 0)), document.documentElement.dataset.theme].join()
  if (ticks.dataset.key === key) return
  ticks.dataset.key = key
  easel.draw("time", width, 26, { checkpoints: (r.checkpoints ?? []).map(at), changes: (r.segments ?? []).filter(s => s.step > 0).map(s => at(s.step)), from: 8, head: at(r.head ?? 0), colour: colour(r) })
}

export function start() {
  build()
  on("state seek language theme", "deck", draw)
  on("points", "deck-move", move, { every: 180 })
  on("current", "deck-current", () => { clearTimeout(rest); dragging = false }, { now: true })
  on("asked", "deck-asked", letGo, { now: true })
}
