// One layer in full: its parameters, histograms, and what can be drawn of it.
import { canvas, dialog, h, table } from "./dom.js"
import { lab, run } from "./state.js"
import { get } from "./stream.js"
import { drawHist } from "./hist.js"
import { line, picture } from "./pixels.js"
import { colours } from "./palette.js"
import { figure, power, shape, titled } from "./format.js"
import { t } from "./i18n.js"

const d = dialog("layer-dialog", "layer")

function histogram(now, first, colour, width = 380) {
  const c = h("canvas", { role: "img", "aria-label": now ? figure(now.min) + " … " + figure(now.max) : "–" })
  drawHist(canvas(c, width, 96), now, first, 2, 4, width - 4, 88, colour, colours())
  c.style.maxWidth = "100%"
  const says = now ? [figure(now.min) + " … " + figure(now.max), t("mean") + " " + figure(now.mean), t("std") + " " + figure(now.std)].join("   ") : "–"
  return h("figure", {}, c, h("figcaption", { text: says + (first ? "   " + t("key_then") + t("colon") + figure(first.min) + " … " + figure(first.max) : "") }))
}

// bars are norms at each time, on a log scale.
function bars(values) {
  const logs = values.map(v => v > 0 ? Math.log10(v) : null), real = logs.filter(v => v !== null), low = Math.min(...real) - .3, high = Math.max(...real)
  const c = h("canvas", { role: "img", "aria-label": values.slice(0, 40).map(v => power(v)).join(", ") }), w = 860, g = canvas(c, w, 90), k = colours()
  c.style.maxWidth = "100%"
  g.fillStyle = k.grid
  g.fillRect(0, 89, w, 1)
  g.fillStyle = k.accent
  logs.forEach((v, i) => { if (v !== null) { const tall = Math.max(2, (v - low) / (high - low || 1) * 86); g.fillRect(i * w / logs.length, 89 - tall, Math.max(1, w / logs.length - 1), tall) } })
  return h("figure", {}, c, h("figcaption", { text: t("times_key", power(10 ** (real.length ? Math.min(...real) : 0)), power(10 ** (real.length ? high : 0))) }))
}

export async function openLayer(name) {
  if (!run()) return
  const of = lab.current
  const live = lab.layers.get(of)?.layers.find(l => l.name === name)
  delete d.title.dataset.t
  d.title.textContent = t("layer_title", live ? titled(live) : name)
  d.body.replaceChildren(h("p", { class: "note", text: t("loading") }))
  d.open()
  let full = {}
  try { full = await get("api/layer", { run: of, layer: name }) } catch (err) {
    d.body.replaceChildren(h("p", { class: "check bad", text: err.message }))
    if (!live) return
  }
  const l = { ...live, ...full }, c = colours(), parts = []
  if (live) parts.push(h("div", { class: "apart-two" },
    h("div", {}, h("h3", { text: t("activation_now") }), histogram(live.activation, live.first?.activation, c.act)),
    h("div", {}, h("h3", { text: t("gradient_now") }), histogram(live.gradient, live.first?.gradient, c.accent))))
  const params = full.parameters ?? []
  if (params.length) parts.push(h("h3", { text: t("parameters") }),
    h("div", { class: "behind", tabindex: "0", role: "group", "aria-label": t("parameters") }, table("", [t("parameter"), t("row_shape"), t("weight_norm"), t("row_norm"), t("row_ratio"), t("mean"), t("std")],
      params.map(p => [p.name, shape(p.shape), figure(p.weight_norm), p.gradient && p.grad_norm === null ? "NaN" : power(p.grad_norm, 2), power(p.update_ratio, 2), figure(p.values?.mean), figure(p.values?.std)]))),
    h("div", { class: "apart-two" }, params.map(p => h("div", {}, h("h3", { text: p.name }), histogram(p.values, null, c["ink-2"])))))
  if (l.times?.values?.length) parts.push(h("h3", { text: t("times") }), bars(l.times.values))
  for (const [key, heat] of [["filters", true], ["maps", false], ["attention", false]]) {
    const all = (full[key] ?? []).filter(Boolean)
    if (!all.length) continue
    const looks = key === "attention", said = { attention: "attention_p", filters: all[0].values ? "filters_line" : all[0].channels === 3 ? "filters_colour" : "filters_p" }[key]
    parts.push(h("h3", { text: t(key) }), said && h("p", { class: "note", text: t(said) }), h("div", { class: "pictures" + (looks ? " axes" : "") }, all.map((p, i) => {
      const name = p.name || String(i + 1)
      if (p.values) return line(p, { caption: name, label: t(key) + " " + name })
      const f = picture(p, { size: looks ? Math.min(300, Math.max(200, p.width * 8)) : p.width > 40 ? Math.min(p.width * 3, 360) : Math.max(56, Math.min(84, p.width * 12)), caption: name, heat: heat && p.channels === 1, label: t(key) + " " + name })
      if (looks) f.append(h("span", { class: "along", text: t("looks_at") }), h("span", { class: "down", text: t("looks_from") }))
      return f
    })))
  }
  if (!parts.length) parts.push(h("p", { class: "empty", text: t("nothing_more") }))
  d.body.replaceChildren(...parts.filter(Boolean))
}
