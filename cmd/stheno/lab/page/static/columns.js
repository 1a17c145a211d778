// What is drawn of a network: across its layers' columns the fall of the gradient, and in each its figures and its histograms.
import { drawFall } from "./fall.js"
import { drawHist } from "./hist.js"
import { drawShortcuts } from "./shortcut.js"
import { gradient, power } from "./format.js"
import { boxes, tall, under } from "./places.js"
import { canvasPen } from "./pen.js"

// drawColumns draws on all of a plan's sheet. Of a layer it needs the kind and how it is nested, the norms, the histograms, and says: the text below them, and whether it is bad.
export function drawColumns(g, { plan: p, layers, axis }, c) {
  const pen = canvasPen(g), small = p.col < 40 ? 10 : 11, digits = p.down || p.col >= 52 ? 1 : 0
  const corner = part => [part.left - p.sheet.left, part.top - p.sheet.top]
  const [fx, fy] = corner(p.fall)
  drawFall(pen, layers, axis, fx, fy, p.fall.w, p.down ? p.fall.h : tall.fall, c, p.down)
  drawShortcuts(pen, layers, fx, fy, p.fall.w, p.down ? p.fall.h : tall.fall, c, p.down)
  if (p.figures) layers.forEach((l, i) => {
    const [x, y] = under(p, i, p.fall, tall.fall).map((v, k) => v + [fx, fy][k])
    if (p.down) pen.rect(x - 24, y - 10, 48, 13, { colour: c.card, alpha: .8 })
    pen.text(gradient(l, digits), x, y, { colour: l.not_finite ? c.bad : c.ink, size: small, align: "center", bold: true })
    if (!p.down) pen.text(power(l.update_ratio, digits), x, y + tall.figure, { colour: c["ink-2"], size: small, align: "center" })
  })
  for (const [part, name, colour] of [[p.act, "activation", c.act], [p.grad, "gradient", c.accent]]) {
    const [dx, dy] = corner(part)
    boxes(p, layers.length, part).forEach(([x, y, w, h], i) => drawHist(g, layers[i][name], layers[i].first?.[name], dx + x, dy + y, w, h, colour, c))
  }
  if (!p.figures) return
  const [gx, gy] = corner(p.grad)
  layers.forEach((l, i) => {
    const [x, y] = under(p, i, p.grad, tall.hist), [text, bad] = l.says
    if (text) pen.text(text, gx + x, gy + y, { colour: bad ? c.bad : c["ink-2"], align: "center", bold: bad })
  })
}
