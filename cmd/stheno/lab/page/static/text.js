// A text: a model of characters writes on from it, another one says what it is.
import { h } from "./dom.js"
import { run } from "./state.js"
import { get, post } from "./stream.js"
import { answered } from "./answer.js"
import { meters } from "./meters.js"
import { t } from "./i18n.js"

export const text = (r, body) => r.kind === "text" ? writeOn(r, body) : classify(r, body)

function writeOn(r, body) {
  let seed = 0 // another one each time, so that another text is written
  const begin = h("textarea", { id: "text-begin", rows: "3", spellcheck: "false", test: "text-begin" })
  begin.value = r.input.columns?.[0]?.example || "Alice "
  const length = h("input", { id: "text-length", type: "number", min: "1", max: "2000", value: "200" })
  const heat = h("input", { id: "text-heat", type: "range", min: "0", max: "1.5", step: "0.05", value: "0.7" })
  const shown = h("output", { for: "text-heat", text: "0.7" })
  heat.addEventListener("input", () => { shown.textContent = heat.value })
  const out = h("p", { class: "written", test: "written", "aria-live": "polite", hidden: true })
  const button = h("button", { type: "submit", class: "primary", test: "write", text: t("write") })
  body.replaceChildren(h("form", { class: "form", onsubmit: async e => {
    e.preventDefault()
    button.disabled = true
    out.hidden = false
    try {
      const a = await post("api/continue", { run: run().id, text: begin.value, length: Number(length.value), temperature: Number(heat.value), seed: seed++ })
      button.textContent = t("write_another")
      out.replaceChildren(a.prompt, h("span", { class: "new", text: a.text }), ...(a.unseen ? [h("span", { class: "note", text: " " + t("unseen", a.unseen) })] : []))
    } catch (err) { out.textContent = err.message }
    button.disabled = false
  } },
    h("div", { class: "field" }, h("label", { for: "text-begin", text: t("text_begin") }), begin),
    h("div", { class: "settings" },
      h("div", { class: "field" }, h("label", { for: "text-length", text: t("length") }), length),
      h("div", { class: "field" }, h("label", { for: "text-heat" }, t("temperature"), shown), heat)),
    h("div", { class: "buttons" }, button), out))
  return { focus: () => begin.focus() }
}

function classify(r, body) {
  const words = h("textarea", { id: "text-asked", rows: "4", test: "text-asked" })
  const verdict = h("p", { class: "verdict", test: "verdict", "aria-live": "polite" })
  const bars = meters(r.classes ?? [])
  let i = -1
  const ask = async truth => { try { answered(r, await post("api/predict", { run: run().id, text: words.value }), truth, verdict, bars) } catch (err) { verdict.textContent = err.message } }
  const take = async () => {
    i++
    try {
      const s = await get("api/sample", { run: run().id, i: run().test_samples ? i % run().test_samples : i, set: "test" })
      words.value = s.text ?? ""
      await ask(s.label)
    } catch (err) { verdict.textContent = err.message }
  }
  body.replaceChildren(h("form", { class: "form", onsubmit: e => { e.preventDefault(); ask() } },
    h("div", { class: "field" }, h("label", { for: "text-asked", text: t("text_asked") }), words),
    h("div", { class: "buttons" }, h("button", { type: "submit", class: "primary", test: "ask", text: t("answer") }), h("button", { type: "button", test: "test-sample", onclick: take, text: t("test_sample") })), verdict, bars.root))
  return { focus: () => words.focus() }
}
