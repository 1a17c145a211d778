// The painter: a worker that draws on the canvases that were handed to it, so that drawing takes none of the page's own thread.
import { draw } from "./drawings.js"

const sheets = new Map() // id → its canvas, and what was last drawn there
let colours = null

function paint(sheet) {
  try { if (sheet.last) draw(sheet.canvas, sheet.last, colours) } catch (err) { postMessage({ wrong: String(err?.stack ?? err) }) }
}

onmessage = ({ data: m }) => {
  if (m.colours) colours = m.colours
  if (m.canvas) sheets.set(m.id, { canvas: m.canvas, last: null })
  const sheet = sheets.get(m.id)
  if (m.blank) { sheet.last = null; return sheet.canvas.getContext("2d").clearRect(0, 0, sheet.canvas.width, sheet.canvas.height) }
  if (m.last) sheet.last = m.last
  if (m.more && sheet.last) Object.assign(sheet.last.what, m.more)
  paint(sheet)
  if (m.blanks) postMessage({ painted: m.id, blanks: m.blanks }) // the page has it hidden until then
}

// A worker has the page's fonts only if it loads them itself; what was written before is kept in the system's letters, so that it begins when they are there, or are not to be had.
const inter = new FontFace("Inter", "url(inter.woff2)", { weight: "100 900" })
fonts.add(inter)
const begin = () => postMessage({ can: Boolean(new OffscreenCanvas(1, 1).getContext("2d")) })
inter.load().then(begin, begin)
