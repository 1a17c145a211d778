// Try the model: which way suits its input: draw, fill in a row, or have it write on.
import { $, put } from "./dom.js"
import { on, run } from "./state.js"
import { t } from "./i18n.js"
import { draw as drawing } from "./draw.js"
import { row } from "./row.js"
import { text } from "./text.js"

let kind = "", part = null

const kindOf = r => r.kind === "text" || r.input?.kind === "text" ? "text" : r.input?.kind === "image" ? "image" : "row"

function show() {
  const r = run()
  $("try").hidden = !r?.input?.kind
  if (!r?.input?.kind) { part = null; kind = ""; return }
  const is = kindOf(r), digits = is === "image" && r.input.shape.slice(0, 2).join() === "28,28" && r.classes?.length === 10
  put($("try-title"), t(is === "text" ? "try_text" : is === "row" ? "try_row" : digits ? "try_digit" : "try_image"))
  const key = is + JSON.stringify([r.input, r.classes, r.kind]) + t("try_row")
  if (key !== kind) {
    kind = key
    $("try-tools").replaceChildren()
    part = { image: drawing, row, text }[is](r, $("try-body"), $("try-tools"))
  }
  part?.look?.(r)
}

export function start() {
  delete $("try-title").dataset.t
  on("state language theme", "try", show)
  on("points", "try-again", () => { const r = run(); if (r) part?.look?.(r) }, { every: 300 })
}

export const focus = () => part?.focus?.()
