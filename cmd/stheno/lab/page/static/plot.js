// A plot of lines over each other, drawn by a pen: so that the page, a PNG and an SVG have the same. Lengths are in CSS pixels.
import { figure, power } from "./format.js"

const edge = { left: 46, right: 14, top: 8, bottom: 26 }

// least and most of what a plot's lines have along one axis; null where they have nothing.
function reach(lines, key, takes = () => true) {
  let low = Infinity, high = -Infinity
  for (const l of lines) for (const v of l[key]) if (takes(v)) { if (v < low) low = v; if (v > high) high = v }
  return low <= high ? [low, high] : null
}

// round is the step between no more than so many round numbers.
function round(low, high, most) {
  const raw = (high - low) / most, p = 10 ** Math.floor(Math.log10(raw))
  return [1, 2, 5, 10].map(f => f * p).find(s => s >= raw * (1 - 1e-9)) ?? 10 * p
}

function ticks(low, high, step) {
  const out = []
  for (let i = Math.ceil(low / step - 1e-9); i <= high / step + 1e-9; i++) out.push(i * step)
  return out
}

// decades are the powers of ten between two logarithms, with twice and five times of them where there are few.
function decades(low, high, most) {
  const every = Math.max(1, Math.ceil((high - low) / most)), out = []
  for (let p = Math.floor(low); p <= high; p++) for (const f of high - low < 2 ? [1, 2, 5] : [1]) {
    const at = p + Math.log10(f)
    if (p % every === 0 && at >= low && at <= high) out.push(f * 10 ** p)
  }
  return out
}

// tick writes a place on an axis with as many digits as the step to the next one has.
function tick(v, step) {
  if (step < 1e-3 || Math.abs(v) >= 1e5) return figure(v)
  let digits = 0
  while (digits < 6 && Math.abs(step * 10 ** digits - Math.round(step * 10 ** digits)) > 1e-6) digits++
  const text = String(Number(v.toFixed(digits)))
  return text.length > 5 && v !== 0 && Math.abs(v) < .01 ? power(v) : text // a longer one has no room
}

// vertical gives the ends of the y axis: of shares they are within 0 and 1, of what begins at zero zero is one, of what reaches no further than 1 it is not gone beyond, and else they are round.
function vertical({ lines, log, range }, most) {
  const [low, high] = reach(lines, "ys", log ? v => v > 0 : undefined) ?? [.1, 1]
  if (log) { const a = Math.log10(low), b = Math.log10(high), room = (b - a) * .06 || .5; return [a - room, b + room] }
  if (range === "share") { const room = Math.max(.02, (high - low) * .08); return [Math.max(0, low - room), Math.min(1.005, high + room)] }
  if (range === "zero") return [0, Math.max(high * 1.15, 1e-12)]
  const room = (high - low) * .06 || Math.abs(high) * .1 || 1, from = low >= 0 ? Math.max(0, low - room) : low - room, step = round(from, high + room, most)
  const top = Math.ceil((high + room) / step - 1e-9) * step
  return [Math.floor(from / step + 1e-9) * step, range === "one" ? Math.min(1, top) : top]
}

// scales says where in a box a plot's places lie: its frame, x and y of a value, and the value at an x.
export function scales(plot, x, y, w, h) {
  const left = x + edge.left, top = y + edge.top, width = Math.max(1, w - edge.left - edge.right), height = Math.max(1, h - edge.top - edge.bottom)
  let [x0, x1] = reach(plot.lines, "xs") ?? [0, 1]
  if (x0 > 0 && x0 < .05 * x1) x0 = 0
  if (x1 === x0) x1 = x0 + 1
  const most = Math.max(2, Math.floor(height / 34)), [y0, y1] = vertical(plot, most), f = plot.log ? Math.log10 : v => v
  return {
    left, top, width, height, x0, x1, y0, y1, most,
    px: v => left + (v - x0) / (x1 - x0) * width, py: v => top + height - (f(v) - y0) / (y1 - y0) * height, at: place => x0 + (place - left) / width * (x1 - x0),
  }
}

// near is the place in a line of what is next to x; -1 where the line does not reach there.
export function near({ xs }, x, room) {
  if (!xs.length || x < xs[0] - room || x > xs[xs.length - 1] + room) return -1
  let low = 0, high = xs.length - 1
  while (low < high) { const m = (low + high) >> 1; if (xs[m] < x) low = m + 1; else high = m }
  return low > 0 && x - xs[low - 1] < xs[low] - x ? low - 1 : low
}

// drawPlot draws into a box: {lines: [{xs, ys, colour, dash, mark, ring, many}], log, range, percents, bands: [{low, high, colour, line}], marks: [{x, text, now}], cursor}. Rings are figures told now and
// then; many of them are a line only.
export function drawPlot(pen, plot, x, y, w, h, c) {
  const s = scales(plot, x, y, w, h), { left, top, width, height, px, py } = s, right = left + width, bottom = top + height
  const [low, high] = plot.log ? [10 ** s.y0, 10 ** s.y1] : [s.y0, s.y1], ystep = round(low, high, s.most), powers = plot.log ? decades(s.y0, s.y1, s.most) : []
  const ys = powers.length > 1 ? powers : ticks(low, high, ystep) // within less than a decade a log scale has round numbers too
  for (const v of ys) {
    pen.line([[left - 4, py(v)], [right, py(v)]], { colour: c.grid })
    pen.text(powers.length > 1 ? figure(v) : plot.percents ? tick(v * 100, ystep * 100) + "%" : tick(v, ystep), left - 9, py(v) + 4, { colour: c["ink-2"], align: "end" })
  }
  const xstep = round(s.x0, s.x1, Math.max(2, Math.floor(width / 56)))
  for (const v of ticks(s.x0, s.x1, xstep)) {
    pen.line([[px(v), top], [px(v), bottom + 4]], { colour: c.grid })
    pen.text(tick(v, xstep), px(v), bottom + 19, { colour: c["ink-2"], align: "center" })
  }
  const within = v => Math.max(top, Math.min(bottom, v))
  for (const b of plot.bands ?? []) {
    const y0 = within(py(b.high)), y1 = within(py(b.low))
    if (!b.line) pen.rect(left, y0, width, Math.max(y1 - y0, 1), { colour: b.colour, alpha: .16 })
    else if (py(b.high) >= top && py(b.high) <= bottom) pen.line([[left, y0], [right, y0]], { colour: b.colour, dash: [3, 3] })
  }
  for (const m of plot.marks ?? []) {
    const at = px(m.x)
    if (at < left || at > right) continue
    pen.line([[at, top], [at, bottom]], { colour: c["ink-3"], dash: m.now ? [] : [2, 3] })
    const turned = at + m.text.length * 5.6 + 6 > right
    if (m.text) pen.text(m.text, at + (turned ? -4 : 4), top + 10, { colour: c["ink-2"], size: 10, align: turned ? "end" : "start" })
  }
  const ends = []
  for (const l of plot.lines) {
    const points = []
    for (let i = 0; i < l.xs.length; i++) if (!plot.log || l.ys[i] > 0) points.push([px(l.xs[i]), py(l.ys[i])])
    if (points.length > 1) pen.line(points, { colour: l.colour, width: l.ring ? 1 : 1.8, dash: l.ring ? [2, 3] : l.dash })
    if (l.ring && !l.many) for (const [a, b] of points) pen.dot(a, b, 3, { colour: l.colour, ring: c.card, hollow: true })
    if (!l.ring && points.length) ends.push([l, points[points.length - 1]])
  }
  for (const [l, [a, b]] of ends) pen.text(l.mark, a, b + 4, { colour: l.colour, align: "center", bold: true }) // each run's mark at the end of its line
  if (typeof plot.cursor !== "number" || plot.cursor < s.x0 || plot.cursor > s.x1) return
  pen.line([[px(plot.cursor), top], [px(plot.cursor), bottom]], { colour: c["ink-3"], dash: [3, 3] })
  for (const l of plot.lines) {
    const i = near(l, plot.cursor, (s.x1 - s.x0) * .02)
    if (i >= 0 && (!plot.log || l.ys[i] > 0)) pen.dot(px(l.xs[i]), py(l.ys[i]), 3.5, { colour: l.colour, ring: c.card })
  }
}
