// A row of a table, filled in by hand, or any sample of the test set: what does the model say of it?
import { h } from "./dom.js"
import { run } from "./state.js"
import { get, post } from "./stream.js"
import { answered } from "./answer.js"
import { meters } from "./meters.js"
import { strip } from "./pixels.js"
import { t } from "./i18n.js"

export function row(r, body) {
  const columns = r.input.columns ?? [], inputs = new Map()
  const verdict = h("p", { class: "verdict", test: "verdict", "aria-live": "polite" }), shown = h("div")
  const bars = meters(r.classes ?? [])
  const fields = columns.map((c, i) => {
    const id = "column-" + i
    const input = c.categories?.length
      ? h("select", { id }, c.categories.map(v => h("option", { value: v, text: v })))
      : h("input", { id, type: "text", inputmode: c.type === "number" ? "decimal" : null, autocomplete: "off", spellcheck: "false" })
    input.value = c.example ?? ""
    inputs.set(c.name, input)
    return h("div", { class: "field" }, h("label", { for: id, text: c.name }), input)
  })
  let i = -1
  const ask = async (what, truth) => { try { answered(r, await post("api/predict", { run: run().id, ...what }), truth, verdict, bars) } catch (err) { verdict.textContent = err.message } }
  const asked = () => ({ row: Object.fromEntries([...inputs].map(([k, e]) => [k, e.value])) })
  const take = async () => {
    i++
    try {
      const n = run().test_samples, at = n ? i % n : i
      const s = await get("api/sample", { run: run().id, i: at, set: "test" })
      for (const [name, v] of Object.entries(s.row ?? {})) if (inputs.has(name)) inputs.get(name).value = String(v ?? "")
      shown.replaceChildren(...(s.values?.length ? [strip(s.values)] : []))
      await ask(columns.length ? asked() : { i: at, set: "test" }, s.label)
    } catch (err) { verdict.textContent = err.message }
  }
  body.replaceChildren(h("form", { class: "form", onsubmit: e => { e.preventDefault(); if (columns.length) ask(asked()) } },
    columns.length > 0 && h("div", { class: "columns", tabindex: "0", role: "group", "aria-label": t("try_row") }, fields), shown,
    h("div", { class: "buttons" }, columns.length > 0 && h("button", { type: "submit", class: "primary", test: "ask", text: t("answer") }), h("button", { type: "button", test: "test-sample", onclick: take, text: t("test_sample") })),
    verdict, bars.root))
  verdict.textContent = columns.length ? t("columns_given") : ""
  return { focus: () => body.querySelector("input, select, button")?.focus() }
}
