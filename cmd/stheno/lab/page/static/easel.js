// Canvases that are drawn on while a run goes on: by the painter, a worker to which they are handed; where a browser has none such, here.
import { colours } from "./palette.js"
import { draw } from "./drawings.js"

let painter = null, by = "" // who draws: "painter" or "page"; "" until it is known
const easels = []
let told = null // the colours that the painter has

function settle(who) {
  if (by) return
  by = who
  if (by === "page") painter?.terminate()
  for (const e of easels) e.show()
}

function begin() {
  if (!HTMLCanvasElement.prototype.transferControlToOffscreen) return settle("page")
  try { painter = new Worker(new URL("painter.js", import.meta.url), { type: "module" }) } catch { return settle("page") }
  painter.onerror = () => settle("page")
  painter.onmessage = ({ data: m }) => m.wrong ? console.error("painter", m.wrong) : m.painted !== undefined ? easels[m.painted - 1].painted(m.blanks) : settle(m.can ? "painter" : "page")
}

export class Easel {
  constructor(canvas) {
    this.canvas = canvas
    this.id = easels.push(this)
    this.last = null
    this.handed = false
    this.blanks = 0 // how often it was blanked
    if (easels.length === 1) begin()
  }

  // draw has a drawing drawn, w by h CSS pixels large.
  draw(name, w, h, what) {
    const style = this.canvas.style
    if (this.last?.w !== w) style.width = w + "px"
    if (this.last?.h !== h) style.height = h + "px"
    this.last = { name, w, h, ratio: Math.min(devicePixelRatio || 1, 2), what }
    this.show()
  }

  // blank takes away what is drawn, at once, until something is drawn anew.
  blank() {
    this.last = null
    this.blanks++
    this.canvas.style.visibility = "hidden"
    if (this.handed && by === "painter") painter.postMessage({ id: this.id, blank: true })
  }

  // more draws the same again with some of it changed.
  more(what) {
    if (!this.last) return
    Object.assign(this.last.what, what)
    if (by === "painter" && this.handed) painter.postMessage({ id: this.id, more: what })
    else this.show()
  }

  // painted: what was drawn after so many blanks is there.
  painted(blanks) { if (blanks === this.blanks) this.canvas.style.visibility = "" }

  show() {
    if (!by || !this.last) return
    const c = colours()
    if (by === "page") { this.canvas.style.visibility = ""; return draw(this.canvas, this.last, c) }
    const message = { id: this.id, last: this.last }, hand = []
    if (told !== c) message.colours = told = c
    if (this.canvas.style.visibility === "hidden") message.blanks = this.blanks
    if (!this.handed) { this.handed = true; hand.push(message.canvas = this.canvas.transferControlToOffscreen()) }
    painter.postMessage(message, hand)
  }
}
