// The lecture as a ladder: what each step is, what the lecture showed, what yours gave, and whether that lies in its band.
import { $, h, icon, put, svg } from "./dom.js"
import { lab, on, playing, run } from "./state.js"
import { soon } from "./frame.js"
import { hold } from "./hold.js"
import { command } from "./stream.js"
import { handOver } from "./deck.js"
import { percent } from "./format.js"
import { pick, t } from "./i18n.js"

let open = null // the step whose words are read; null: the current run's
const rungs = new Map()
let drawn = "", shownAt = ""
let begun = null // the step that was asked to play, until it does
let asked = false // for the ladder beside data of one's own

const steps = () => lab.state?.ladder ?? []
const runOf = s => s.run ? lab.runs.get(s.run) ?? null : null
const sets = ["test", "noisy_test", "train"]

const word = set => set === "noisy_test" ? "noisy" : set

// judged is the set by which a step is shown on its line: what tells it best.
const judged = s => s.band.noisy_test ? "noisy_test" : s.band.test ? "test" : "train"

function within(s, set) {
  if (s.band.collapse) return set === "noisy_test" ? null : [0, .15]
  return s.band[set] ?? null
}

function line(s) {
  const set = judged(s), b = within(s, set)
  const yours = s.result?.[set] ?? null, lecture = s.lecture?.[set] ?? null
  const x = v => 2 + v * 196
  const e = svg("svg", { class: "band", viewBox: "0 0 200 14", preserveAspectRatio: "none", "aria-hidden": "true" }, svg("rect", { class: "rail", x: 2, y: 5, width: 196, height: 4, rx: 2 }))
  if (b) e.append(svg("rect", { class: "within", x: x(b[0]), y: 2, width: Math.max(x(b[1]) - x(b[0]), 3), height: 10, rx: 2 }))
  if (lecture !== null) e.append(svg("rect", { class: "lecture", x: x(lecture) - 1, y: 1, width: 2, height: 12 }))
  if (yours !== null) e.append(svg("rect", { class: "yours", x: x(yours) - 3, y: 3, width: 7, height: 8, rx: 3 }))
  return e
}

// figures are yours where there is one, how far it is, or the lecture's; with what they are of.
function figures(s) {
  const set = judged(s), r = runOf(s), far = () => ["", Math.floor(100 * r.step / Math.max(1, r.epochs * r.steps_per_epoch)) + "% …"]
  if (r?.condition === "playing") return far()
  if (typeof s.result?.[set] === "number") return [t(word(set)) + " ", percent(s.result[set])]
  if (r?.condition === "paused") return far()
  return typeof s.lecture?.[set] === "number" ? [t("lecture") + " ", percent(s.lecture[set])] : ["", ""]
}

// look reads of a step, and shows its run everywhere, unless one of it is shown; while another one plays, which that would stop, a button does.
function look(s) {
  open = s.name
  if (s.run && s.run !== lab.current && run()?.matches !== s.name && !playing()) command("select", { run: s.run })
  soon("ladder", draw)
}

function chosen() {
  const list = steps()
  return list.find(s => s.name === open) ?? list.find(s => s.run && s.run === lab.current) ?? list.find(s => s.name === run()?.matches || s.name === run()?.experiment) ?? (run() ? undefined : list[0])
}

function rung(s) {
  const dot = h("span", { class: "dot" }), name = h("span", { class: "name" }), is = h("span", { class: "is" }), word = h("span", { class: "of" }), bar = h("span", { class: "band-box" }), state = h("span", { class: "hidden-text" })
  const button = h("button", { type: "button", class: "rung", test: "step", "data-step": s.name, "aria-controls": "step-why", onclick: () => { const now = steps().find(o => o.name === s.name); if (now) look(now) } }, dot, name, h("span", { class: "figure" }, word, is), bar, state)
  const li = h("li", {}, button)
  return { li, button, dot, name, is, word, bar, state }
}

function draw() {
  const list = steps()
  $("ladder").hidden = lab.state !== null && list.length === 0
  for (const [name, e] of rungs) if (!list.some(s => s.name === name)) { e.li.remove(); rungs.delete(name) }
  const folded = aside()
  put($("ladder-count"), folded ? t("ladder_other") : list.length ? t("ladder_count", list.filter(s => s.in_band === true).length, list.length) : "")
  return folded ? undefined : () => climb(0)
}

// aside folds the ladder away beside data of one's own, with which it has nothing to do, and says whether it is.
function aside() {
  const own = Boolean(run()?.own_data), folded = own && !asked, b = $("ladder-fold")
  b.hidden = !own
  put(b, t(folded ? "ladder_show" : "ladder_fold"))
  b.setAttribute("aria-expanded", String(!folded))
  $("ladder").classList.toggle("folded", folded)
  document.querySelector("main").classList.toggle("own", folded)
  return folded
}

// plays is how a step plays just now, or is about to: "whole" or "short"; "" if it does not.
function plays(s) {
  if (!playing()) return ""
  if (begun) return begun.name !== s.name ? "" : begun.short ? "short" : "whole"
  return run().matches !== s.name ? "" : run().short ? "short" : "whole"
}

// climb draws the steps, some a frame, and then the words of the one that is chosen.
function climb(from) {
  const list = steps(), at = chosen(), to = Math.min(list.length, from + 3)
  for (let i = from; i < to; i++) step(list[i], i, list[i] === at)
  if (to < list.length) return () => climb(to)
  hold(() => {
    $("step-why").hidden = !at
    if (at) why(at)
    place(at)
  })
  const box = $("steps")
  if (at && shownAt !== at.name && box.scrollWidth > box.clientWidth) {
    const e = rungs.get(at.name).li
    box.scrollLeft = e.offsetLeft - (box.clientWidth - e.offsetWidth) / 2
  }
  shownAt = at?.name
}

function step(s, i, chosen) {
  let e = rungs.get(s.name)
  if (!e) { e = rung(s); rungs.set(s.name, e); $("steps").append(e.li) }
  const r = runOf(s), [of, is] = figures(s), key = JSON.stringify([i, chosen, s, of, is, t("lecture")])
  if (e.key === key) return
  e.key = key
  e.li.className = (s.in_band === true ? "in" : s.in_band === false ? "out" : r ? "at" : "") + (s.band.collapse ? " fails" : "")
  e.dot.replaceChildren(s.in_band === true ? icon("check") : s.in_band === false ? icon("close") : String(i + 1))
  put(e.name, s.name)
  put(e.is, is)
  put(e.word, of)
  put(e.state, t(s.in_band === true ? "inside" : s.in_band === false ? "outside" : "not_yet"))
  e.button.setAttribute("aria-expanded", String(chosen))
  e.button.title = pick(s.title) + (s.in_band === null ? "" : t("stop") + outcome(s))
  const drawn = JSON.stringify([s.band, s.result, s.lecture])
  if (e.drawn !== drawn) { e.drawn = drawn; const l = line(s); e.bar.replaceWith(l); e.bar = l }
}

// far has the step whose run goes on say how far that is.
function far() { if (!aside()) steps().forEach((s, i) => { if (s.run && s.run === lab.current && rungs.has(s.name)) put(rungs.get(s.name).is, figures(s)[1]) }) }

// outcome says how it came out, beside the lecture: a step that is to fail, and does, has not passed.
const outcome = s => s.in_band === null ? s.short ? t("short_only") : "" : t(s.in_band === false ? "outside_long" : s.band.collapse ? "inside_fails" : "inside_long")

// between writes both ends of a band, with as many digits as they need.
function between([low, high]) {
  const digits = [low, high].every(v => Math.abs(v * 100 - Math.round(v * 100)) < 1e-6) ? 0 : 1
  return percent(low, digits).slice(0, -1) + "–" + percent(high, high === 1 ? 0 : digits)
}

// place puts the words under their step where the ladder stands upright, and under all of it where it lies.
const lies = matchMedia("(max-width: 1279px)")

function place(s) {
  const e = $("step-why"), li = s && !lies.matches ? rungs.get(s.name).li : $("ladder")
  if (e.parentElement === li) return
  const focus = e.contains(document.activeElement) ? document.activeElement : null
  li.append(e)
  focus?.focus()
}

// why writes what a step is: only where something of it is new, so that its buttons keep the focus.
function why(s) {
  const key = JSON.stringify([s, plays(s), lab.current === s.run, t("why")])
  if (key === drawn) return
  drawn = key
  const focus = document.activeElement?.dataset?.test, is = plays(s), name = t("play_step", s.name)
  const act = short => is === (short ? "short" : "whole") ? () => { handOver(); command("pause") } : () => begin(s, short)
  const rows = sets.filter(set => within(s, set) || typeof s.lecture?.[set] === "number" || typeof s.result?.[set] === "number")
  $("step-why").replaceChildren(...[
    h("h3", { text: pick(s.title) }),
    h("p", { class: "changes", text: pick(s.changes) }),
    h("p", { text: pick(s.why) }),
    h("div", { class: "pair", test: "step-figures" },
      h("span"), h("span", { text: t("lecture") }), h("span", { text: t("yours") }), h("span", { class: "hint", text: t("band"), title: t("band_hint") }),
      rows.flatMap(set => {
        const b = within(s, set), v = s.result?.[set], ok = typeof v === "number" && b && !s.short ? v >= b[0] && v <= b[1] : null
        return [h("span", { text: t(word(set)), title: t(set) }), h("span", { class: "fig", text: percent(s.lecture?.[set]) }),
          h("span", { class: "fig " + (ok === true ? "ok" : ok === false ? "no" : ""), text: percent(v) + (ok === true ? " ✓" : ok === false ? " ✗" : "") }),
          h("span", { text: b ? (s.band.collapse ? "< 15%" : between(b)) : "–" })]
      })),
    outcome(s) && h("p", { class: "outcome", test: "outcome", text: outcome(s) }),
    h("div", { class: "buttons" },
      h("button", { type: "button", class: "primary", test: "play-step", "data-step": s.name, onclick: act(false) }, is === "whole" ? [icon("pause"), t("pause")] : [icon("play"), name]),
      h("button", { type: "button", test: "play-short", "data-step": s.name, title: is === "short" ? null : t("play_short_hint"), onclick: act(true), text: t(is === "short" ? "pause" : "play_short") }),
      s.run && s.run !== lab.current && h("button", { type: "button", test: "look-step", onclick: () => command("select", { run: s.run }), text: t("go_to_run") }))].filter(Boolean))
  if (focus) $("step-why").querySelector(`[data-test="${focus}"]`)?.focus()
}

async function begin(s, short) {
  const mine = begun = { name: s.name, short }
  open = null
  handOver()
  await command("start", { experiment: s.name, short })
  if (begun === mine) begun = null
}

export function start() {
  $("ladder-fold").addEventListener("click", () => { asked = !asked; soon("ladder", draw) })
  on("state language", "ladder", draw)
  on("points", "ladder-far", far, { every: 1000 }) // how far the one is that plays: its state is told anew only where it changes
  lies.addEventListener("change", () => soon("ladder", draw))
  on("current", "ladder-current", () => { open = null }, { now: true })
}
