// What happens, said: in toasts for the eye, in a live region, at most once a second, for the ear.
import { $, h, icon } from "./dom.js"
import { lab, on, run } from "./state.js"
import { figure, percent } from "./format.js"
import { pick, t } from "./i18n.js"

let next = "", timer = 0, last = 0

// say has the newest text read out; what came in the same second is passed over.
export function say(text) {
  next = text
  if (timer) return
  timer = setTimeout(() => { timer = 0; last = Date.now(); $("live").textContent = next }, Math.max(0, 1000 - (Date.now() - last)))
}

const texts = new Map()

function toast({ level, text }) {
  const words = pick(text)
  if (!words) return
  texts.get(words)?.remove()
  let timer = 0
  const end = () => { clearTimeout(timer); box.remove(); if (texts.get(words) === box) texts.delete(words) }
  const go = () => { clearTimeout(timer); if (!box.matches(":hover, :focus-within")) timer = setTimeout(end, level === "error" ? 15_000 : 6000) }
  const box = h("div", { class: "toast " + (level === "error" ? "error" : ""), test: "toast", "data-level": level }, icon(level === "error" ? "error" : "note"), h("p", { text: words }),
    h("button", { type: "button", class: "quiet", "aria-label": t("close"), onclick: end }, icon("close")))
  texts.set(words, box)
  $("toasts").append(box)
  while ($("toasts").children.length > 4) $("toasts").firstChild.remove()
  // It goes by itself, but not from under a pointer or the focus.
  for (const e of ["pointerenter", "focusin"]) box.addEventListener(e, () => clearTimeout(timer))
  for (const e of ["pointerleave", "focusout"]) box.addEventListener(e, () => setTimeout(go))
  go()
  say(words)
}

let condition = ""

export function start() {
  on("said", "said", toast, { now: true })
  on("another", "another", () => toast({ level: "info", text: t("another") }), { now: true })
  on("epoch", "live-epoch", e => {
    if (e.run !== lab.current) return
    const r = run(), f = e.validation ?? e.running ?? {}
    say(t("tell_epoch", r?.name ?? "", e.epoch, figure(f.loss)) + (typeof f.accuracy === "number" ? t("tell_accuracy", percent(f.accuracy)) : ""))
  }, { now: true })
  on("state", "live-state", () => {
    const r = run(), now = r ? t("tell_condition", r.name, t(r.condition)) : ""
    if (now !== condition) { condition = now; if (now) say(now) }
  })
}
