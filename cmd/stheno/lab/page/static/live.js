// What happens, said: in toasts for the eye, in a live region, at most once a second, for the ear.
import { $, h, icon } from "./dom.js"
import { lab, on, run } from "./state.js"
import { figure } from "./format.js"
import { metric, score, scored } from "./series.js"
import { pick, t } from "./i18n.js"

let next = "", timer = 0, last = 0

// say has the newest text read out; what came in the same second is passed over.
export function say(text) {
  next = text
  if (timer) return
  timer = setTimeout(() => { timer = 0; last = Date.now(); $("live").textContent = next }, Math.max(0, 1000 - (Date.now() - last)))
}

const most = 3       // toasts at a time
const held = 60_000  // ms for which one is read at most
const shown = new Map() // its words → a toast, the oldest first

function toast({ level, text }) {
  const words = pick(text)
  if (!words) return
  shown.get(words)?.end()
  const error = level === "error"
  let timer = 0
  const end = () => { clearTimeout(timer); box.remove(); if (shown.get(words)?.end === end) shown.delete(words) }
  const within = ms => { clearTimeout(timer); timer = setTimeout(end, ms) }
  const go = () => { if (!box.matches(":focus-within")) within(error ? 15_000 : 6000) }
  const box = h("div", { class: "toast " + (error ? "error" : ""), test: "toast", "data-level": level }, icon(error ? "error" : "note"), h("p", { text: words }),
    h("button", { type: "button", class: "quiet", "aria-label": t("close"), onclick: end }, icon("close")))
  shown.set(words, { error, end })
  $("toasts").append(box)
  while (shown.size > most) { const all = [...shown.values()]; (all.slice(0, -1).find(o => !o.error) ?? all[0]).end() } // errors stay longest
  // It goes by itself, but not from under a pointer that was moved to it, or the focus: one that only rests where toasts come up reads none.
  for (const e of ["pointermove", "focusin"]) box.addEventListener(e, () => within(held))
  for (const e of ["pointerleave", "focusout"]) box.addEventListener(e, () => setTimeout(() => box.isConnected && go()))
  go()
  say(words)
}

let condition = ""

export function start() {
  on("said", "said", toast, { now: true })
  on("another", "another", () => toast({ level: "info", text: t("another") }), { now: true })
  on("epoch", "live-epoch", e => {
    if (e.run !== lab.current) return
    const r = run(), f = e.validation ?? e.running ?? {}, k = r && scored(r), v = f[k]
    say(t("tell_epoch", r?.name ?? "", e.epoch, figure(f.loss)) + (typeof v === "number" ? t("tell_metric", metric(k), score(k, v)) : ""))
  }, { now: true })
  on("state", "live-state", () => {
    const r = run(), now = r ? t("tell_condition", r.name, t(r.condition)) : ""
    if (now !== condition) { condition = now; if (now) say(now) }
  })
}
