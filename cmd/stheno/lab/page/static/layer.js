// One layer in full: its parameters, histograms, and what can be drawn of it.
import { canvas, dialog, h, table } from "./dom.js"
import { lab, run } from "./state.js"
import { get } from "./stream.js"
import { drawHist } from "./hist.js"
import { picture } from "./pixels.js"
import { colours } from "./palette.js"
import { figure, power, shape } from "./format.js"
import { t } from "./i18n.js"

const d = dialog("layer-dialog", "layer")

function histogram(now, first, colour, width = 380) {
  const c = h("canvas", { role: "img", "aria-label": now ? figure(now.min) + " … " + figure(now.max) : "–" })
  drawHist(canvas(c, width, 96), now, first, 2, 4, width - 4, 88, colour)
  c.style.maxWidth = "100%"
  const says = now ? [figure(now.min) + " … " + figure(now.max), t("mean") + " " + figure(now.mean), t("std") + " " + figure(now.std)].join("   ") : "–"
  return h("figure", {}, c, h("figcaption", { text: says + (first ? "   " + t("key_then") + ": " + figure(first.min) + " … " + figure(first.max) : "") }))
}

// several gives the pictures of what may be one, a list, or pictures with names.
function several(what, name = "") {
  if (!what) return []
  if (Array.isArray(what)) return what.flatMap((p, i) => several(p, name || String(i + 1)))
  if (what.data !== undefined) return [[what, what.name ?? what.label ?? name]]
  if (typeof what === "object") return Object.entries(what).flatMap(([k, v]) => typeof v === "object" ? several(v, k) : [])
  return []
}

export async function openLayer(name) {
  if (!run()) return
  const of = lab.current
  const live = lab.layers.get(of)?.layers.find(l => l.name === name)
  delete d.title.dataset.t
  d.title.textContent = t("layer_title", live?.label || name)
  d.body.replaceChildren(h("p", { class: "note", text: t("loading") }))
  d.open()
  let full = {}
  try { full = await get("/api/layer", { run: of, layer: name }) } catch (err) {
    d.body.replaceChildren(h("p", { class: "check bad", text: err.message }))
    if (!live) return
  }
  const l = { ...live, ...full }, c = colours(), parts = []
  if (live) parts.push(h("div", { class: "apart-two" },
    h("div", {}, h("h3", { text: t("activation_now") }), histogram(live.activation, live.first?.activation, c.act)),
    h("div", {}, h("h3", { text: t("gradient_now") }), histogram(live.gradient, live.first?.gradient, c.accent))))
  const params = l.parameters ?? (Array.isArray(l.params) ? l.params : [])
  if (params.length) {
    parts.push(h("h3", { text: t("parameters") }),
      table("", [t("parameter"), t("row_shape"), "min", "max", t("mean"), t("std"), t("row_norm")], params.map(p => {
        const v = p.values ?? p.hist ?? p.weights ?? p
        return [p.name, shape(p.shape), figure(v.min), figure(v.max), figure(v.mean), figure(v.std), power(p.grad_norm, 2)]
      })),
      h("div", { class: "apart-two" }, params.filter(p => (p.values ?? p.hist ?? p.weights)?.counts).map(p => h("div", {}, h("h3", { text: p.name }), histogram(p.values ?? p.hist ?? p.weights, null, c["ink-2"], 300)))))
  }
  for (const [key, heat] of [["filters", true], ["maps", false], ["attention", false], ["times", true]]) {
    const all = several(l[key])
    if (!all.length) continue
    parts.push(h("h3", { text: t(key) }), h("div", { class: "pictures" }, all.slice(0, 128).map(([p, label]) => picture(p, { size: p.width > 40 ? Math.min(p.width * 3, 360) : Math.max(56, Math.min(84, p.width * 12)), caption: String(label), heat: heat && (p.channels ?? 1) === 1, label: t(key) + " " + label }))))
  }
  if (!parts.length) parts.push(h("p", { class: "empty", text: t("nothing_more") }))
  d.body.replaceChildren(...parts)
}
