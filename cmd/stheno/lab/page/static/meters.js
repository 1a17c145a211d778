// A meter a class: how sure the model is of each.
import { h, put } from "./dom.js"
import { percent } from "./format.js"

export function meters(classes) {
  const rows = classes.map(name => {
    const fill = h("div"), value = h("span", { class: "value" })
    const bar = h("div", { class: "bar", role: "meter", "aria-label": name, "aria-valuemin": "0", "aria-valuemax": "1", "aria-valuenow": "0" }, fill)
    return { root: h("div", { class: "meter", test: "meter", "data-class": name }, h("span", { class: "class", text: name, title: name }), bar, value), fill, value, bar }
  })
  const root = h("div", { class: "meters", test: "meters" }, rows.map(r => r.root))
  return { root, set(probabilities, winner) {
    rows.forEach((r, i) => {
      const p = probabilities?.[i]
      r.fill.style.transform = `scaleX(${typeof p === "number" ? Math.max(0, Math.min(1, p)) : 0})`
      const says = probabilities ? percent(p) : ""
      put(r.value, says)
      r.bar.setAttribute("aria-valuetext", says) // the number beside it is rounded
      r.bar.setAttribute("aria-valuenow", typeof p === "number" ? String(Math.round(p * 1000) / 1000) : "0")
      r.root.classList.toggle("first", i === winner)
    })
  } }
}
