// Elements, made without markup: what is shown of names, errors and data is text, never HTML.
import { t } from "./i18n.js"

// h makes an element: "on…" are listeners, "class" and "text" what they say, "t" a key of i18n that is put anew when the language changes, anything else an attribute.
export function h(tag, props = {}, ...children) {
  const e = document.createElement(tag)
  for (const [k, v] of Object.entries(props)) {
    if (v === null || v === undefined || v === false) continue
    if (k.startsWith("on")) e.addEventListener(k.slice(2), v)
    else if (k === "class") e.className = v
    else if (k === "text") e.textContent = v
    else if (k === "value") e.value = v
    else if (k === "t") { e.dataset.t = v; e.textContent = t(v) }
    else if (k === "tLabel") { e.dataset.tLabel = v; e.setAttribute("aria-label", t(v)); if (tag === "button") e.title = t(v) }
    else if (k === "tTitle") { e.dataset.tTitle = v; e.title = t(v) }
    else if (k === "tPlaceholder") { e.dataset.tPlaceholder = v; e.placeholder = t(v) }
    else if (k === "test") e.dataset.test = v
    else e.setAttribute(k, v === true ? "" : String(v))
  }
  e.append(...children.flat().filter(c => c !== null && c !== undefined && c !== false))
  return e
}

const NS = "http://www.w3.org/2000/svg"

export function svg(tag, attributes = {}, ...children) {
  const e = document.createElementNS(NS, tag)
  for (const [k, v] of Object.entries(attributes)) if (v !== null && v !== undefined) e.setAttribute(k, String(v))
  e.append(...children)
  return e
}

export const icon = name => svg("svg", { class: "icon", "aria-hidden": "true" }, svg("use", { href: "#i-" + name }))

export const $ = id => document.getElementById(id)

// put writes a text only where it is another one, so that nothing is laid out for nothing.
export function put(e, text) { if (e.textContent !== text) e.textContent = text }

// canvas gives a 2D context of a canvas whose size on the page is w by h, at the screen's own resolution.
export function canvas(c, w, h) {
  const ratio = Math.min(globalThis.devicePixelRatio || 1, 2)
  const pw = Math.max(1, Math.round(w * ratio)), ph = Math.max(1, Math.round(h * ratio))
  if (c.width !== pw || c.height !== ph) { c.width = pw; c.height = ph; c.style.width = w + "px"; c.style.height = h + "px" }
  const g = c.getContext("2d")
  g.setTransform(ratio, 0, 0, ratio, 0, 0)
  g.clearRect(0, 0, w, h)
  return g
}

// table makes a table of texts: heads, and rows of cells; the first cell of a row is its head.
export function table(caption, heads, rows) {
  return h("table", { class: "figures" },
    caption !== "" && h("caption", { text: caption }),
    h("thead", {}, h("tr", {}, heads.map(c => h("th", { scope: "col", text: c })))),
    h("tbody", {}, rows.map(r => h("tr", {}, r.map((c, i) => i ? h("td", { text: c }) : h("th", { scope: "row", text: c }))))))
}

// dialog makes a modal dialog with a head and a way to close it; what is in it is the caller's.
export function dialog(id, titleKey) {
  const title = h("h2", { id: id + "-title", t: titleKey })
  const body = h("div", { class: "dialog-body" })
  const tools = h("div", { class: "tools" })
  const d = h("dialog", { id, "aria-labelledby": id + "-title", test: id },
    h("div", { class: "head" }, title, tools,
      h("button", { type: "button", class: "quiet square", tLabel: "close", test: "close", onclick: () => d.close() }, icon("close"))),
    body)
  d.addEventListener("click", e => { if (e.target === d) d.close() })
  document.body.append(d)
  return { dialog: d, title, body, tools, open() { if (!d.open) d.showModal() } }
}

export function download(name, blob) {
  const url = URL.createObjectURL(blob)
  const a = h("a", { href: url, download: name })
  document.body.append(a)
  a.click()
  a.remove()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
