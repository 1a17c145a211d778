// Where a network's layers lie: columns side by side, which say less the narrower they are, or rows below each other where the page is narrow. Lengths are in CSS pixels.
import { passed } from "./shortcut.js"

const least = 14 // of a column
export const tall = { fall: 138, figure: 18, hist: 50 }

// plan gives the kind of the lying, "wide", "close", "turned" (names stand upright), "slim" (no figures) or "list", with the size of all of it and, of each of the three parts that are drawn, the place; they lie on one sheet.
export function plan(layers, width, down) {
  const n = layers.length
  if (down) {
    const figures = n <= 16, row = figures ? 60 : 38, title = Math.min(104, Math.round(width * .31)), rest = width - title, half = Math.round(rest * .31)
    const strip = (left, w) => ({ left, top: 0, w, h: row * n })
    return { kind: "list", down, figures, row, w: width, h: row * n, fall: strip(title, rest - 2 * half), act: strip(width - 2 * half, half), grad: strip(width - half, half), sheet: strip(title, rest) }
  }
  const col = Math.max(width / n, least), longest = Math.max(...layers.map(l => Math.max(l.kind.length, 3)))
  const kind = col >= 58 ? "wide" : col >= 34 && longest * 5.6 <= col - 2 ? "close" : col >= 30 ? "turned" : "slim"
  const figures = kind !== "slim", head = { wide: 78, close: 80, turned: 104, slim: 84 }[kind], under = figures ? tall.figure : 0, w = col * n
  const fall = { left: 0, top: head, w, h: tall.fall + 2 * under }, act = { left: 0, top: head + fall.h, w, h: tall.hist }, grad = { left: 0, top: act.top + act.h, w, h: tall.hist + under }
  return { kind, down: false, figures, col, w, h: grad.top + grad.h + 4, fall, act, grad, sheet: { left: 0, top: head, w, h: grad.top + grad.h - head } }
}

// boxes are the places of the layers' histograms in a part of the plan.
export function boxes(p, n, part) {
  const room = p.down ? p.row - (p.figures ? 16 : 0) : 0, edge = p.down ? 4 : p.col > 44 ? 5 : p.col > 24 ? 3 : 1
  return Array.from({ length: n }, (_, i) => p.down ? [edge, i * p.row + 5, part.w - 2 * edge, room - 8] : [i * p.col + edge, 4, p.col - 2 * edge, 42])
}

// under is where the figure below a layer's piece of a part stands, in its middle.
export const under = (p, i, part, y) => p.down ? [part.w / 2, (i + 1) * p.row - 5] : [(i + .5) * p.col, y + 13]

// blocks are a network's parts: the layers that stand within no other, with what those within them have together: the norms, the pace of the one that has most to learn, the worst share.
export function blocks(layers) {
  const out = []
  for (const l of layers) {
    if (l.nested === 0 || !out.length) { out.push({ all: [l] }); continue }
    out[out.length - 1].all.push(l)
  }
  const broken = all => all.some(o => o.not_finite)
  return out.map(({ all: [l, ...within] }) => !within.length ? l : {
    ...l, shortcut: [l, ...within].some((o, i, all) => passed(o, all.slice(i + 1))), not_finite: broken([l, ...within]), grad_norm: broken([l, ...within]) ? null : l.grad_norm ?? norm(within, o => o.grad_norm), weight_norm: l.weight_norm ?? norm(within, o => o.weight_norm), update_ratio: l.update_ratio ?? largest(within)?.update_ratio ?? null,
    dead: l.dead ?? most(within, o => o.dead), saturated: l.saturated ?? most(within, o => o.saturated), first: l.first && { ...l.first, grad_norm: l.first.grad_norm ?? norm(within, o => o.first?.grad_norm) },
  })
}

const numbers = (layers, of) => layers.map(of).filter(v => typeof v === "number")
const norm = (layers, of) => { const all = numbers(layers, of); return all.length ? Math.hypot(...all) : null }
const most = (layers, of) => { const all = numbers(layers, of); return all.length ? Math.max(...all) : null }
const largest = layers => layers.reduce((best, l) => typeof l.update_ratio === "number" && l.params > (best?.params ?? 0) ? l : best, null)
