// Shortcuts: what goes past layers and is added to what they make of it, an arc from where it leaves to where it is added.

// passed says whether something goes past what a layer has within it: of a residual block, and of a net that adds two ways up.
export const passed = (l, within) => l.kind === "residual" || l.kind === "net" && within.some(o => o.kind === "sum" && o.nested === l.nested + 1)

// shortcuts are the places, of first and last column, of the layers that each goes past: those within its block, or the block alone where they have no columns.
export function shortcuts(layers) {
  const out = []
  layers.forEach((l, i) => {
    let to = i
    while (to + 1 < layers.length && layers[to + 1].nested > l.nested) to++
    const within = layers.slice(i + 1, to + 1)
    if (l.shortcut || passed(l, within)) out.push([i, l.kind === "net" && within.length ? i + 1 + within.findIndex(o => o.kind === "sum" && o.nested === l.nested + 1) : to])
  })
  return out
}

// drawShortcuts draws them along the upper edge of a box whose columns are the layers', or the right one of its rows.
export function drawShortcuts(pen, layers, x, y, w, h, c, down = false) {
  const part = (down ? h : w) / layers.length
  for (const [from, to] of shortcuts(layers)) {
    const a = from * part + 3, b = (to + 1) * part - 3, high = Math.min(18, 7 + (b - a) / 12), points = []
    for (let i = 0; i <= 24; i++) {
      const along = a + (b - a) * i / 24, over = high * (1 - Math.sin(Math.PI * i / 24)) // from the edge inwards
      points.push(down ? [x + w - 2 - over, y + along] : [x + along, y + 2 + over])
    }
    const [ex, ey] = points[24]
    pen.line(points, { colour: c.act, width: 1.8 })
    pen.line(down ? [[ex + 6, ey - 4], [ex, ey], [ex + 1, ey - 7]] : [[ex - 6, ey - 4], [ex, ey], [ex + 1, ey - 7]], { colour: c.act, width: 1.8 })
  }
}
