// Numbers as people read them. What is not a number is a dash.
const dash = "–"
const grouped = new Intl.NumberFormat("en-US")
const is = x => typeof x === "number" && Number.isFinite(x)

// figure has three digits that count; what is very small or large is a power of ten: where train.FormatFigure has it so, too.
export function figure(x, digits = 3) {
  if (!is(x)) return dash
  if (x === 0) return "0"
  const a = Math.abs(x)
  if (a < 1e-4 || a >= 1e7) return power(x, digits - 1)
  return minus(Number(x.toPrecision(digits)))
}

const minus = n => String(n).replace("-", "−")

export function power(x, digits = 1) {
  if (!is(x)) return dash
  if (x === 0) return "0"
  const [m, e] = x.toExponential(digits).split("e")
  return minus(Number(m)) + "e" + minus(Number(e))
}

// gradient is the norm of a layer's gradient; NaN where it has numbers in it that are not finite.
export const gradient = (l, digits = 1) => l?.not_finite ? "NaN" : power(l?.grad_norm, digits)

// percent takes more digits where fewer would make 0 or 100 of what is neither; what is far beyond is a power of ten, as of a figure.
export function percent(x, digits = 1) {
  if (!is(x)) return dash
  if (x < 0) { const s = percent(-x, digits); return s.startsWith("<") ? ">−" + s.slice(1) : "−" + s }
  if (x >= 1e4) return figure(x * 100) + "%"
  for (let d = digits; d <= 3; d++) {
    const s = (x * 100).toFixed(d)
    if (x === 0 || x === 1 || Number(s) !== 0 && Number(s) !== 100) return s + "%"
  }
  return x < .5 ? "<0.001%" : x < 1 ? ">99.999%" : ">100%"
}
export const whole = x => is(x) ? grouped.format(Math.round(x) || 0).replace("-", "−") : dash
export const compact = x => !is(x) ? dash : x < 10_000 ? whole(x) : x < 999_500 ? Number((x / 1e3).toPrecision(3)) + "k" : Number((x / 1e6).toPrecision(3)) + "M"
export const shape = s => Array.isArray(s) ? s.join("×") || "1" : dash

export function seconds(x) {
  if (!is(x)) return dash
  if (x < .9995) return Math.round(x * 1000) + " ms"
  if (x < 100) return Number(x.toPrecision(3)) + " s"
  return Math.floor(x / 60) + ":" + String(Math.floor(x % 60)).padStart(2, "0") + " min"
}

// detail is what a layer's label says beside its kind: "sigmoid" of "dense, sigmoid".
export const detail = l => (l.label ?? "").startsWith(l.kind + ",") ? l.label.slice(l.kind.length + 1).trim() : l.label && l.label !== l.kind && l.label !== l.name ? l.label : ""
export const titled = l => l.name + (l.label && l.label !== l.name ? " (" + l.label + ")" : "")
