// Pictures as the server sends them: bytes in base64, gray or with channels, and what their ends mean.
import { canvas, h } from "./dom.js"
import { colours } from "./palette.js"
import { figure } from "./format.js"

function bytes(base64) {
  const text = atob(base64)
  const b = new Uint8Array(text.length)
  for (let i = 0; i < b.length; i++) b[i] = text.charCodeAt(i)
  return b
}

const rgb = hex => { const n = parseInt(hex.slice(1), 16); return [n >> 16, n >> 8 & 255, n & 255] }

// paint puts a picture on a canvas, a pixel each; heat colours it from what is negative over zero to what is positive: of several channels by the one that is farthest from zero.
export function paint(c, p, heat = false) {
  const { width: w, height: ht, channels = 1 } = p
  c.width = w
  c.height = ht
  const g = c.getContext("2d")
  const image = g.createImageData(w, ht)
  const d = bytes(p.data)
  const k = colours()
  const low = p.low ?? 0, high = p.high ?? 1
  const neg = rgb(k["heat-neg"]), zero = rgb(k["heat-zero"]), pos = rgb(k["heat-pos"])
  const most = Math.max(Math.abs(low), Math.abs(high)) || 1
  for (let i = 0; i < w * ht; i++) {
    let r, gg, b
    if (heat) {
      let v = 0
      for (let k = i * channels; k < (i + 1) * channels; k++) { const of = (low + d[k] / 255 * (high - low)) / most; if (Math.abs(of) > Math.abs(v)) v = of }
      const end = v < 0 ? neg : pos, a = Math.min(1, Math.abs(v))
      r = zero[0] + (end[0] - zero[0]) * a; gg = zero[1] + (end[1] - zero[1]) * a; b = zero[2] + (end[2] - zero[2]) * a
    } else if (channels >= 3) [r, gg, b] = [d[i * channels], d[i * channels + 1], d[i * channels + 2]]
    else r = gg = b = d[i * channels]
    image.data.set([r, gg, b, 255], i * 4)
  }
  g.putImageData(image, 0, 0)
}

// picture is a figure of it, so many CSS pixels wide, with a caption.
export function picture(p, { size = 84, caption = "", heat = false, label = "" } = {}) {
  const c = h("canvas", { role: "img", "aria-label": label || caption || "picture" })
  paint(c, p, heat)
  c.style.width = size + "px"
  c.style.height = Math.max(6, Math.round(size * p.height / p.width)) + "px"
  return h("figure", { title: p.low !== undefined ? figure(p.low) + " … " + figure(p.high) : null }, c, caption !== "" && h("figcaption", { text: caption }))
}

// line is a figure of the weights of a filter over time: a bar each, up from the line of zero or down, of which the alternative text has the numbers.
export function line(p, { caption = "", label = "" } = {}) {
  const n = p.values.length, w = Math.max(56, Math.min(240, n * 12)), tall = 56, k = colours(), span = p.high - p.low || 1, at = v => 2 + (p.high - v) / span * (tall - 4)
  const c = h("canvas", { role: "img", "aria-label": label + ": " + p.values.slice(0, 40).map(v => figure(v)).join(", ") + (n > 40 ? " …" : "") }), g = canvas(c, w, tall)
  p.values.forEach((v, i) => {
    if (typeof v !== "number") return
    g.fillStyle = v < 0 ? k["heat-neg"] : k["heat-pos"]
    g.fillRect(i * w / n + 1, Math.min(at(0), at(v)), Math.max(1, w / n - 2), Math.abs(at(v) - at(0)))
  })
  g.fillStyle = k["ink-3"]
  g.fillRect(0, at(0) - .5, w, 1)
  return h("figure", { title: figure(p.low) + " … " + figure(p.high) }, c, caption !== "" && h("figcaption", { text: caption }))
}

// strip shows numbers in a row of cells, from negative to positive.
export function strip(values, height = 26) {
  const c = h("canvas", { role: "img", "aria-label": values.slice(0, 12).map(v => figure(v)).join(", ") + (values.length > 12 ? " …" : "") })
  const k = colours()
  const most = values.reduce((m, v) => Math.max(m, Math.abs(v ?? 0)), 0) || 1
  const cols = Math.min(values.length, 128), rows = Math.ceil(values.length / cols)
  c.width = cols
  c.height = rows
  const g = c.getContext("2d")
  values.forEach((v, i) => {
    g.globalAlpha = Math.min(1, Math.abs(v ?? 0) / most)
    g.fillStyle = v < 0 ? k["heat-neg"] : k["heat-pos"]
    g.fillRect(i % cols, Math.floor(i / cols), 1, 1)
  })
  c.style.width = "100%"
  c.style.height = Math.max(height, rows * 9) + "px"
  c.style.imageRendering = "pixelated"
  return c
}
