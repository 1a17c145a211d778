// A tip beside what is pointed at or focused: a title and lines of two texts. What tip returns has one that is open say what there is to say by now.
import { $, h } from "./dom.js"

let open = null

export function tip(anchor, say) {
  const hide = () => { open = null; $("tip").hidden = true }
  const show = () => {
    const [title, ...lines] = say() ?? []
    if (!title) { if (open === anchor) hide(); return }
    open = anchor
    const e = $("tip")
    e.replaceChildren(h("div", { class: "title", text: title }), ...lines.map(([a, b]) => h("div", {}, h("span", { text: a }), h("b", { text: b }))))
    e.hidden = false
    const r = anchor.getBoundingClientRect(), w = e.offsetWidth, ht = e.offsetHeight
    e.style.left = Math.max(8, Math.min(innerWidth - w - 8, r.left + r.width / 2 - w / 2)) + "px"
    e.style.top = (r.top - ht - 8 > 8 ? r.top - ht - 8 : Math.min(innerHeight - ht - 8, r.bottom + 8)) + "px"
  }
  anchor.addEventListener("pointerenter", show)
  anchor.addEventListener("pointerleave", hide)
  anchor.addEventListener("focus", () => { if (anchor.matches(":focus-visible")) show() })
  anchor.addEventListener("blur", hide)
  anchor.addEventListener("keydown", e => { if (e.key === "Escape") hide() })
  return () => { if (open === anchor) show() }
}
