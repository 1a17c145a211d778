// The experiments that are no step of the lecture's ladder: a line for each, and a button that plays it.
import { $, dialog, h, icon } from "./dom.js"
import { lab } from "./state.js"
import { command } from "./stream.js"
import { handOver } from "./deck.js"
import { pick, t } from "./i18n.js"

const d = dialog("others", "others")

function row(s) {
  return h("div", { class: "other", test: "other", "data-experiment": s.name }, h("b", { text: s.name }), h("p", { text: pick(s.changes) }),
    h("button", { type: "button", test: "play-other", "data-experiment": s.name, "aria-label": t("play_step", s.name), onclick: async () => { if (await command("start", { experiment: s.name })) { d.dialog.close(); handOver() } } }, icon("play"), t("play")))
}

function open() {
  const list = lab.state?.others ?? [], groups = [...new Set(list.map(s => pick(s.title)))]
  d.body.replaceChildren(h("p", { text: t("others_p") }), ...groups.flatMap(g => [h("h3", { text: g }), ...list.filter(s => pick(s.title) === g).map(row)]))
  d.open()
}

export function start() { $("open-others").addEventListener("click", open) }
