// A row of a table, filled in by hand: what does the model say of it?
import { h } from "./dom.js"
import { run } from "./state.js"
import { get, post } from "./stream.js"
import { meters } from "./meters.js"
import { figure, percent } from "./format.js"
import { t } from "./i18n.js"

export function row(r, body) {
  const columns = r.input.columns ?? [], inputs = new Map()
  const verdict = h("p", { class: "verdict", test: "verdict", "aria-live": "polite" })
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
  const fill = async () => {
    i++
    try {
      const s = await get("/api/sample", { run: run().id, i: run().test_samples ? i % run().test_samples : i, set: "test" })
      for (const [name, v] of Object.entries(s.row ?? {})) if (inputs.has(name)) inputs.get(name).value = String(v ?? "")
      await ask(s.label ?? s.class ?? s.truth)
    } catch (err) { verdict.textContent = err.message }
  }
  const ask = async truth => {
    try {
      const a = await post("/api/predict", { run: run().id, row: Object.fromEntries([...inputs].map(([k, e]) => [k, e.value])), gradient: false })
      if (a.refused) { verdict.textContent = String(a.refused.text ?? a.refused); bars.set(null, -1); return }
      const names = r.classes ?? [], k = typeof a.winner === "number" ? a.winner : names.indexOf(String(a.winner))
      if (names.length) {
        bars.set(a.probabilities, k)
        const says = names[k] ?? String(a.winner ?? "")
        verdict.textContent = r.kind === "labels" ? "" : truth !== undefined && String(truth) !== says ? t("says_truth", says, percent(a.probabilities?.[k]), String(truth)) : t("says", says, percent(a.probabilities?.[k]))
      } else {
        const values = a.values ?? a.numbers ?? a.probabilities ?? []
        verdict.textContent = t("says_number", values.map(v => figure(v, 5)).join(", ")) + (truth !== undefined ? "  (" + String(truth) + ")" : "")
      }
    } catch (err) { verdict.textContent = err.message }
  }
  body.replaceChildren(h("form", { class: "form", onsubmit: e => { e.preventDefault(); ask() } },
    h("div", { class: "columns" }, fields),
    h("div", { class: "buttons" }, h("button", { type: "submit", class: "primary", test: "ask", text: t("answer") }), h("button", { type: "button", test: "test-sample", onclick: fill, text: t("test_sample") })),
    verdict, bars.root))
  verdict.textContent = columns.length ? t("columns_given") : ""
  return { focus: () => inputs.values().next().value?.focus() }
}
