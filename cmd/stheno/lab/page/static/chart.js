// One chart: uPlot with the page's colours, a tip at the cursor, bands and marks of its own.
import { colours } from "./palette.js"
import { figure, percent, power } from "./format.js"
import { $, h } from "./dom.js"

const uPlot = globalThis.uPlot
const sync = uPlot.sync("curves")

// tick writes a place on an axis with as many digits as the step to the next one has.
function tick(v, step) {
  if (step < 1e-3 || Math.abs(v) >= 1e5) return figure(v)
  let digits = 0
  while (digits < 6 && Math.abs(step * 10 ** digits - Math.round(step * 10 ** digits)) > 1e-6) digits++
  const text = String(Number(v.toFixed(digits)))
  return text.length > 5 && v !== 0 && Math.abs(v) < .01 ? power(v) : text // a longer one has no room
}

export class Chart {
  constructor(root, height) {
    this.root = root
    this.height = height
    this.key = ""
    this.plot = null
    this.width = root.clientWidth
    new ResizeObserver(() => { const w = root.clientWidth; if (w && w !== this.width) { this.width = w; this.plot?.setSize({ width: w, height: this.height }) } }).observe(root)
  }

  // set draws lines [{label, colour, dash, mark, ring}] of data, with bands [{low, high, colour}] and marks along [{x, text}]. Only where lines or looks are others is the plot made anew.
  set({ lines, data, log, bands = [], marks = [], range = null, percents = false, xName, key }) {
    this.bands = bands
    this.marks = marks
    this.lines = lines
    this.xName = xName
    this.say = percents ? v => percent(v) : v => figure(v, 4)
    this.percents = percents
    if (this.key !== key || !this.plot) {
      this.key = key
      this.plot?.destroy()
      this.plot = new uPlot(this.options(lines, log, range), data, this.root)
    } else this.plot.batch(u => u.setData(data)) // now, and not after the frame
  }

  options(lines, log, range) {
    const c = colours()
    const axis = { stroke: c["ink-2"], grid: { stroke: c.grid, width: 1 }, ticks: { stroke: c.grid, size: 4 }, font: "11px Inter, system-ui, sans-serif" }
    return {
      width: Math.max(this.width, 120), height: this.height, legend: { show: false }, padding: [8, 14, 0, 0], ms: 1,
      cursor: { sync: { key: sync.key }, drag: { x: false, y: false }, points: { size: 7 }, y: false },
      scales: { x: { time: false }, y: log ? { distr: 3 } : { range: range ?? undefined } },
      axes: [{ ...axis, size: 26 }, { ...axis, size: 46, values: log ? (u, vs) => vs.map(v => v === null ? "" : figure(v)) : (u, vs, axis, space, step) => vs.map(v => this.percents ? tick(v * 100, step * 100) + "%" : tick(v, step)) }],
      series: [{}, ...lines.map(l => ({
        label: l.label, stroke: l.colour, width: l.ring ? 1 : 1.8, dash: l.ring ? [2, 3] : l.dash, spanGaps: true,
        points: { show: Boolean(l.ring) && !l.many, size: 6, stroke: l.colour, fill: c.card, width: 1.5 },
      }))],
      hooks: { drawAxes: [u => this.under(u)], draw: [u => this.over(u)], setCursor: [u => this.tip(u)] },
    }
  }

  under(u) {
    const g = u.ctx, ratio = devicePixelRatio || 1, { left, top, width, height } = u.bbox
    g.save()
    g.beginPath()
    g.rect(left, top, width, height)
    g.clip()
    for (const b of this.bands) {
      const y0 = u.valToPos(b.high, "y", true), y1 = u.valToPos(b.low, "y", true)
      g.fillStyle = b.colour
      g.globalAlpha = b.line ? 1 : .16
      if (b.line) { g.setLineDash([3 * ratio, 3 * ratio]); g.strokeStyle = b.colour; g.lineWidth = ratio; g.beginPath(); g.moveTo(left, y0); g.lineTo(left + width, y0); g.stroke(); g.setLineDash([]) } else g.fillRect(left, y0, width, Math.max(y1 - y0, ratio))
    }
    g.globalAlpha = 1
    const c = colours()
    for (const m of this.marks) {
      const x = u.valToPos(m.x, "x", true)
      if (x < left || x > left + width) continue
      g.strokeStyle = c["ink-3"]
      g.lineWidth = ratio
      g.setLineDash(m.now ? [] : [2 * ratio, 3 * ratio])
      g.beginPath(); g.moveTo(x, top); g.lineTo(x, top + height); g.stroke()
      if (m.text) { g.font = 10 * ratio + "px Inter, system-ui, sans-serif"; g.fillStyle = c["ink-2"]; const right = x + g.measureText(m.text).width + 6 * ratio > left + width; g.textAlign = right ? "right" : "left"; g.textBaseline = "top"; g.fillText(m.text, x + (right ? -4 : 4) * ratio, top + 2 * ratio) }
    }
    g.restore()
  }

  // over puts each run's mark at the end of its line.
  over(u) {
    const g = u.ctx, ratio = devicePixelRatio || 1
    g.save()
    g.font = 600 + " " + 11 * ratio + "px Inter, system-ui, sans-serif"
    g.textAlign = "center"
    g.textBaseline = "middle"
    this.lines.forEach((l, i) => {
      if (l.ring || !l.mark) return
      const xs = u.data[0], ys = u.data[i + 1]
      let k = ys.length - 1
      while (k >= 0 && typeof ys[k] !== "number") k--
      if (k < 0) return
      g.fillStyle = l.colour
      g.fillText(l.mark, u.valToPos(xs[k], "x", true), u.valToPos(ys[k], "y", true))
    })
    g.restore()
  }

  tip(u) {
    const tip = $("tip"), { left, top, idx } = u.cursor
    if (!u.over.matches(":hover")) return
    if (idx === null || idx === undefined || left < 0) { tip.hidden = true; return }
    const near = (ys, i) => { for (let k = 0; k < 60; k++) { if (typeof ys[i - k] === "number") return ys[i - k]; if (typeof ys[i + k] === "number") return ys[i + k] } return null }
    const rows = this.lines.map((l, i) => [(l.mark ? l.mark + " " : "") + l.label, near(u.data[i + 1], idx)]).filter(r => r[1] !== null).slice(0, 12)
    if (!rows.length) { tip.hidden = true; return }
    tip.replaceChildren(h("div", { class: "title", text: this.xName + " " + figure(u.data[0][idx], 4) }), ...rows.map(([a, v]) => h("div", {}, h("span", { text: a }), h("b", { text: this.say(v) }))))
    tip.hidden = false
    const r = u.over.getBoundingClientRect(), w = tip.offsetWidth
    tip.style.left = Math.max(8, r.left + left + 16 + w > innerWidth ? r.left + left - w - 14 : r.left + left + 16) + "px"
    tip.style.top = Math.min(innerHeight - tip.offsetHeight - 8, r.top + top + 10) + "px"
  }
}

document.addEventListener("pointerout", e => { if (e.target.classList?.contains("u-over")) $("tip").hidden = true })
