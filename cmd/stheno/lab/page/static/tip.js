// A tip beside what is pointed at or focused: a title and lines of two texts.
import { $, h } from "./dom.js"

export function tip(anchor, say) {
  const show = () => {
    const [title, ...lines] = say() ?? []
    if (!title) return
    const e = $("tip")
    e.replaceChildren(h("div", { class: "title", text: title }), ...lines.map(([a, b]) => h("div", {}, h("span", { text: a }), h("b", { text: b }))))
    e.hidden = false
    const r = anchor.getBoundingClientRect(), w = e.offsetWidth, ht = e.offsetHeight
    e.style.left = Math.max(8, Math.min(innerWidth - w - 8, r.left + r.width / 2 - w / 2)) + "px"
    e.style.top = (r.top - ht - 8 > 8 ? r.top - ht - 8 : Math.min(innerHeight - ht - 8, r.bottom + 8)) + "px"
  }
  const hide = () => { $("tip").hidden = true }
  anchor.addEventListener("pointerenter", show)
  anchor.addEventListener("pointerleave", hide)
  anchor.addEventListener("focus", () => { if (anchor.matches(":focus-visible")) show() })
  anchor.addEventListener("blur", hide)
  anchor.addEventListener("keydown", e => { if (e.key === "Escape") hide() })
}
