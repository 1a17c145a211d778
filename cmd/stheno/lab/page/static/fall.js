// The gradient's fall: each layer's gradient norm on a log scale, a line from the first layer to the last, now and at the beginning. Drawn by a pen, so that the page, a PNG and an SVG have the same.

const norm = v => typeof v === "number" && v > 0 && Number.isFinite(v) ? Math.log10(v) : null

// span is the axis that holds all of it, in whole powers of ten; a former one is only widened, so that the axis does not tremble.
export function span(layers, former) {
  let low = Infinity, high = -Infinity
  for (const l of layers) for (const v of [norm(l.grad_norm), norm(l.first?.grad_norm)]) if (v !== null) { low = Math.min(low, v); high = Math.max(high, v) }
  if (low > high) return former ?? [-4, 0]
  low = Math.max(Math.floor(low - .15), -45)
  high = Math.ceil(high + .15)
  if (former) { low = Math.min(low, former[0]); high = Math.max(high, former[1]) }
  if (high - low < 2) low = high - 2
  return [low, high]
}

// drawFall draws into a box whose columns are the layers', or its rows where the layers lie below each other.
export function drawFall(pen, layers, [low, high], x, y, w, h, c, down = false) {
  const n = layers.length, part = (down ? h : w) / n, reach = (down ? w - 20 : h - 12) / (high - low)
  const at = (i, v) => down ? [x + 10 + (v - low) * reach, y + (i + .5) * part] : [x + (i + .5) * part, y + 6 + (high - v) * reach]
  const every = Math.max(1, Math.ceil((high - low) / (down ? w / 40 : 6)))
  const labels = []
  for (let p = Math.ceil(low / every) * every; p <= high; p += every) {
    const [xx, yy] = at(0, p), text = "1e" + (p < 0 ? "−" + -p : p)
    pen.line(down ? [[xx, y], [xx, y + h]] : [[x, yy], [x + w, yy]], { colour: c.grid, width: 1 })
    const over = yy > y + h - 14 || labels.length && yy + 22 > labels.at(-1)[2] // below its line it would leave the box, or lie on the label before
    labels.push(down ? [text, Math.min(xx - 10, x + w - text.length * 5.8 - 4), y + 9] : [text, x, over ? yy - 3 : yy + 11])
  }
  const path = value => layers.map((l, i) => [i, norm(value(l))]).filter(([, v]) => v !== null).map(([i, v]) => at(i, v))
  const then = path(l => l.first?.grad_norm), now = path(l => l.grad_norm)
  if (then.length > 1) pen.line(then, { colour: c["ink-3"], width: 1.5, dash: [4, 4] })
  if (now.length > 1) {
    const floor = ([xx, yy]) => down ? [x + 2, yy] : [xx, y + h - 2]
    pen.fill([...now, floor(now[now.length - 1]), floor(now[0])], { colour: c.accent, alpha: .11 })
    pen.line(now, { colour: c.accent, width: 2.5 })
  }
  for (const [xx, yy] of now) pen.dot(xx, yy, part < 26 ? 3 : 4, { colour: c.accent, ring: c.card })
  for (const [text, xx, yy] of labels) { // over the lines, on a ground of their own
    pen.rect(xx, yy - 9, text.length * 5.8 + 5, 11, { colour: c.card, alpha: .75 })
    pen.text(text, xx + 3, yy, { colour: c["ink-3"], size: 10 })
  }
  layers.forEach((l, i) => { if (l.not_finite) { const [xx, yy] = at(i, high); pen.text("NaN", down ? Math.min(xx, x + w - 16) : xx, down ? yy + 4 : yy + 9, { colour: c.bad, size: 11, align: "center", bold: true }) } })
  layers.forEach((l, i) => { if (l.grad_norm === 0) { const [xx, yy] = at(i, low); pen.text("0", xx, down ? yy + 4 : yy, { colour: c.bad, size: 11, align: "center", bold: true }) } })
}
