// The diagnosis in words: each finding, where it is, and what mends it.
import { $, h, icon, put } from "./dom.js"
import { lab, on, run, series, tell, view } from "./state.js"
import { command } from "./stream.js"
import { handOver } from "./deck.js"
import { hold } from "./hold.js"
import { aside } from "./aside.js"
import { light } from "./network.js"
import { whole } from "./format.js"
import { pick, t } from "./i18n.js"

let key = ""

function finding(f, run) {
  const s = f.severity === "ok" ? "good" : f.severity
  return h("article", { class: "finding " + s, test: "finding", "data-code": f.code,
    onpointerenter: () => f.layer && light(f.layer, true), onpointerleave: () => f.layer && light(f.layer, false) },
    h("h3", {}, icon(s === "good" ? "check" : s), h("span", {}, h("span", { class: "hidden-text", text: t(s) + t("colon") }), pick(f.title))),
    f.layer && h("button", { type: "button", class: "at", onclick: () => light(f.layer, true, true), onblur: () => light(f.layer, false), text: t("at_layer", f.layer) }),
    f.evidence && h("p", { text: pick(f.evidence) }),
    pick(f.advice) && h("p", { text: pick(f.advice) }),
    f.mends?.length ? h("div", { class: "buttons" }, f.mends.map((m, i) => h("button", { type: "button", class: "mend", test: "mend", "data-code": f.code, title: t("mend_hint"),
      onclick: () => mend({ run, code: f.code, mend: i }) }, icon("wrench"), h("span", { text: t("mend", pick(m.label)) })))) : null)
}

// mend has the remedy tried, and both networks seen side by side.
async function mend(what) {
  handOver()
  const a = await command("mend", what)
  if (!a || a.run === what.run) return
  view.beside = what.run
  tell("view")
}

// waits are the words where nothing was found yet: a run that rests is looked at, and so is soon one that has played for an epoch or for five seconds.
export function waits(r) {
  if (!r?.step) return "words_empty"
  if (r.condition !== "playing") return "words_soon"
  return r.step >= r.steps_per_epoch || series(r.id).seconds.at(-1) >= 5 ? "words_way" : "words_empty"
}

function draw() {
  const m = lab.findings.get(lab.current), list = m?.findings ?? []
  const r = run(), some = m?.asked && r && m.asked < Math.max(r.samples, r.test_samples), soon = waits(r)
  const note = m && r ? t(some ? "words_asked" : "words_note", r.name, whole(m.step), whole(m.asked)) + (r?.kept_epoch && m.step === r.step ? t("of_epoch", r.kept_epoch) : "") : ""
  const said = r && r.condition !== "playing" && !lab.seek ? aside(r, r.step) : { short: "", full: "" }, why = said.full === said.short ? "" : said.full // what the bar says in few words, in full
  const now = JSON.stringify([lab.current, list, Boolean(m), soon, why, t("words")])
  if (now === key) { put($("words-note"), note); return }
  key = now
  hold(() => {
    put($("words-note"), note)
    put($("words-why"), why)
    $("words-why").hidden = !why
    write(m, list, soon)
  })
}

// write writes what was found, in the order in which it was told; while that is waited for the card keeps its height, so that what stands below does not come and go.
function write(m, list, soon) {
  const body = $("words-body"), tall = body.offsetHeight
  const at = document.activeElement?.dataset ?? {}
  body.style.minHeight = m ? "" : tall + "px"
  body.replaceChildren(...(list.length ? list.map(f => finding(f, m.run)) : [h("p", { class: "empty", text: t(m ? "words_fine" : soon) })]))
  if (at.test === "mend") body.querySelector(`[data-test="mend"][data-code="${CSS.escape(at.code)}"]`)?.focus()
}

export function start() {
  on("findings state language", "words", draw)
  on("points", "words-way", () => { if (!lab.findings.has(lab.current)) draw() }, { every: 1000 })
}
