// Keys for all of the page, and the help: what there is to do, what the words mean, and the keys.
import { $, dialog, h } from "./dom.js"
import { lab, runs } from "./state.js"
import { command } from "./stream.js"
import { epoch, focusTime, step, toggle } from "./deck.js"
import { openApart } from "./apart.js"
import { focus } from "./try.js"
import { t } from "./i18n.js"

const d = dialog("help", "help")

// terms are the words of the page that are not everybody's, by the keys of their names: what explains one is g_ and its first key.
const terms = [["at_step", "epoch"], ["band"], ["row_norm"], ["fall"], ["row_ratio"], ["saturated_word"], ["dead_word"], ["key_then"], ["rings"], ["branch"]]

function nextRun(by) {
  const list = runs(), i = list.findIndex(r => r.id === lab.current)
  if (list.length > 1) command("select", { run: list[(i + by + list.length) % list.length].id })
}

const keys = { " ": [toggle, "key_space"], ".": [step, "key_dot"], e: [epoch, "key_e"], a: [openApart, "key_a"], d: [focus, "key_d"], t: [focusTime, "key_t"], "]": [() => nextRun(1), "key_lr"], "[": [() => nextRun(-1), null], "?": [open, "key_help"] }

function open() {
  const key = k => h("kbd", { text: k === " " ? "Space" : k })
  d.body.replaceChildren(h("p", { text: t("help_p") }), h("h3", { text: t("terms") }), h("dl", { class: "terms", test: "terms" },
    terms.flatMap(names => [h("dt", { text: names.map(n => t(n, "…")).join(t("comma")) }), h("dd", { text: t("g_" + names[0]) })])),
    h("h3", { text: t("keys") }), h("dl", { class: "key" },
    Object.entries(keys).filter(([, [, w]]) => w).flatMap(([k, [, w]]) => [h("dt", {}, key(k), k === "]" ? [" ", key("[")] : null), h("dd", { text: t(w) })]),
    h("dt", {}, key("←"), " ", key("→")), h("dd", { text: t("key_left") }), h("dt", {}, key("Esc")), h("dd", { text: t("key_esc") })),
    h("p", { class: "note", text: t("help_version", lab.state?.version || "", lab.state?.readers ?? 1) }))
  d.open()
}

export function start() {
  $("open-help").addEventListener("click", open)
  document.addEventListener("keydown", e => {
    if (e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey || e.repeat && e.key !== "." || document.querySelector("dialog[open]")) return
    const on = e.target
    if (on.matches?.("input:not([type=range]), textarea, select, [contenteditable], [role=application]")) return
    if (e.key === " " && on.matches?.("button, summary, a, input")) return
    const k = keys[e.key]
    if (!k) return
    e.preventDefault()
    k[0]()
  })
}
