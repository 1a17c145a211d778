// One chart: a plot, and at the pointer a tip with what its lines have there. The pointer is shown on all charts at the same place.
import { figure, percent } from "./format.js"
import { $, h } from "./dom.js"
import { Easel } from "./easel.js"
import { near, scales } from "./plot.js"

const charts = []
let cursor = null // where on the axis the pointer is

function point(x) {
  if (cursor === x) return
  cursor = x
  for (const c of charts) c.easel.more({ cursor })
}

export class Chart {
  constructor(root, height) {
    this.root = root
    this.height = height
    this.width = root.clientWidth
    this.plot = null
    const canvas = h("canvas")
    root.append(canvas)
    this.easel = new Easel(canvas)
    charts.push(this)
    new ResizeObserver(() => { const w = root.clientWidth; if (w && w !== this.width) { this.width = w; this.draw() } }).observe(root)
    this.pointer = null // the last of its events, while it is here
    for (const e of ["pointermove", "pointerdown"]) root.addEventListener(e, e => { this.pointer = e; this.tip() })
    for (const e of ["pointerleave", "pointercancel"]) root.addEventListener(e, () => { this.pointer = null; $("tip").hidden = true; point(null) })
  }

  // set draws a plot, as plot.js describes it; xName is what its axis is.
  set(plot, xName) {
    this.plot = plot
    this.xName = xName
    if (this.pointer) this.tip()
    this.draw()
  }

  draw() { if (this.plot && this.width) this.easel.draw("plot", this.width, this.height, { ...this.plot, cursor }) }

  // tip says what the lines have where the pointer is.
  tip() {
    const e = this.pointer, tip = $("tip"), none = () => { tip.hidden = true; point(null) }
    if (!this.plot) return none()
    const box = this.root.getBoundingClientRect(), s = scales(this.plot, 0, 0, this.width, this.height), room = (s.x1 - s.x0) * .02, place = s.at(e.clientX - box.left)
    if (place < s.x0 - room || place > s.x1 + room) return none()
    const found = this.plot.lines.map(l => [l, near(l, place, room)]).filter(([, i]) => i >= 0).slice(0, 12)
    if (!found.length) return none()
    const x = found[0][0].xs[found[0][1]], say = this.plot.percents ? v => percent(v) : v => figure(v, 4)
    point(x)
    tip.replaceChildren(h("div", { class: "title", text: this.xName + " " + figure(x, 4) }), ...found.map(([l, i]) => h("div", {}, h("span", { text: (l.ring ? "" : l.mark + " ") + l.label }), h("b", { text: say(l.ys[i]) }))))
    tip.hidden = false
    const w = tip.offsetWidth, left = e.clientX
    tip.style.left = Math.max(8, left + 16 + w > innerWidth ? left - w - 14 : left + 16) + "px"
    tip.style.top = Math.min(innerHeight - tip.offsetHeight - 8, e.clientY + 10) + "px"
  }
}
