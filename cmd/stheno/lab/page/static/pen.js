// A pen that draws on a canvas, and one that writes SVG: what is drawn with it is shown and taken away alike.
const font = (size, bold) => (bold ? "600 " : "") + size + "px Inter, system-ui, sans-serif"

export function canvasPen(g) {
  const path = points => { g.beginPath(); points.forEach(([x, y], i) => i ? g.lineTo(x, y) : g.moveTo(x, y)) }
  return {
    line(points, { colour, width = 1, dash = [] }) { path(points); g.strokeStyle = colour; g.lineWidth = width; g.lineJoin = "round"; g.setLineDash(dash); g.stroke(); g.setLineDash([]) },
    fill(points, { colour, alpha = 1 }) { path(points); g.globalAlpha = alpha; g.fillStyle = colour; g.fill(); g.globalAlpha = 1 },
    rect(x, y, w, h, { colour, alpha = 1 }) { g.globalAlpha = alpha; g.fillStyle = colour; g.fillRect(x, y, w, h); g.globalAlpha = 1 },
    dot(x, y, r, { colour, ring, hollow }) { g.beginPath(); g.arc(x, y, r, 0, 7); g.fillStyle = hollow ? ring : colour; g.fill(); g.strokeStyle = hollow ? colour : ring; g.lineWidth = 1.5; g.stroke() },
    text(s, x, y, { colour, size = 11, align = "start", bold = false }) { g.fillStyle = colour; g.font = font(size, bold); g.textAlign = align; g.fillText(s, x, y) },
  }
}

const escape = s => String(s).replace(/[&<>"']/g, c => "&#" + c.charCodeAt(0) + ";")
const n = v => String(Math.round(v * 100) / 100)

export function svgPen(width, height) {
  const parts = []
  const points = p => p.map(([x, y]) => n(x) + "," + n(y)).join(" ")
  return {
    line(p, { colour, width: w = 1, dash = [] }) { parts.push(`<polyline points="${points(p)}" fill="none" stroke="${escape(colour)}" stroke-width="${w}" stroke-linejoin="round"${dash.length ? ` stroke-dasharray="${dash.join(" ")}"` : ""}/>`) },
    fill(p, { colour, alpha = 1 }) { parts.push(`<polygon points="${points(p)}" fill="${escape(colour)}" fill-opacity="${alpha}"/>`) },
    rect(x, y, w, h, { colour, alpha = 1 }) { parts.push(`<rect x="${n(x)}" y="${n(y)}" width="${n(w)}" height="${n(h)}" fill="${escape(colour)}" fill-opacity="${alpha}"/>`) },
    dot(x, y, r, { colour, ring, hollow }) { parts.push(`<circle cx="${n(x)}" cy="${n(y)}" r="${r}" fill="${escape(hollow ? ring : colour)}" stroke="${escape(hollow ? colour : ring)}" stroke-width="1.5"/>`) },
    text(s, x, y, { colour, size = 11, align = "start", bold = false }) { parts.push(`<text x="${n(x)}" y="${n(y)}" fill="${escape(colour)}" font-size="${size}"${bold ? ' font-weight="600"' : ""} text-anchor="${{ start: "start", center: "middle", end: "end" }[align]}">${escape(s)}</text>`) },
    end: () => `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="Inter, system-ui, sans-serif">\n${parts.join("\n")}\n</svg>\n`,
  }
}
