// Histograms on a canvas: bars now, an outline at the beginning, on one axis.
const span = h => h && typeof h.min === "number" && typeof h.max === "number" && h.max > h.min ? [h.min, h.max] : null

// drawHist draws into the box x, y, w, h of g, in one of the colours c. Heights are densities, so that bins of two widths compare; each histogram is as high as its own highest bin.
export function drawHist(g, now, first, x, y, w, h, colour, c) {
  const a = span(now), b = span(first)
  g.fillStyle = c.grid
  g.fillRect(x, y + h - 1, w, 1)
  if (!a && !b) {
    if (now?.counts && typeof now.min === "number") { g.fillStyle = colour; g.fillRect(x + w / 2 - 1, y + 2, 2, h - 3) } // all values are one
    return
  }
  const low = Math.min(a ? a[0] : Infinity, b ? b[0] : Infinity), high = Math.max(a ? a[1] : -Infinity, b ? b[1] : -Infinity)
  const at = v => x + (v - low) / (high - low) * w
  if (low < 0 && high > 0) { g.fillStyle = c.line; g.fillRect(Math.round(at(0)), y, 1, h) }
  if (a) {
    const top = Math.max(...now.counts, 1), n = now.counts.length, width = Math.max((a[1] - a[0]) / (high - low) * w, 2), left = Math.min(at(a[0]), x + w - 2)
    g.fillStyle = colour
    g.beginPath()
    for (let i = 0; i < n; i++) {
      const bar = Math.sqrt(now.counts[i] / top) * (h - 3) // the root: a few values in the tails are seen too
      if (bar > 0) g.rect(left + i * width / n, y + h - 1 - bar, Math.max(width / n - .5, .6), bar)
    }
    g.fill()
  } else if (now?.counts && typeof now.min === "number") { g.fillStyle = colour; g.fillRect(at(now.min) - 1, y + 2, 2, h - 3) }
  if (b) {
    const top = Math.max(...first.counts, 1), n = first.counts.length, width = (b[1] - b[0]) / (high - low) * w, left = at(b[0])
    g.strokeStyle = c["ink-3"]
    g.lineWidth = 1
    g.beginPath()
    g.moveTo(left, y + h - 1)
    for (let i = 0; i < n; i++) {
      const yy = y + h - 1 - Math.sqrt(first.counts[i] / top) * (h - 3)
      g.lineTo(left + i * width / n, yy)
      g.lineTo(left + (i + 1) * width / n, yy)
    }
    g.lineTo(left + width, y + h - 1)
    g.stroke()
  }
}
