// From a run's points to the two arrays of a line: along what, smoothed or not, and no more of them than a screen shows.
import { lab, series } from "./state.js"

const most = 420 // points a line

// along is where a step lies on the axis.
export function along(r, x, step) {
  const s = series(r.id)
  if (x === "step" || !s.step.length) return x === "seconds" ? 0 : x === "epoch" ? step / Math.max(1, r.steps_per_epoch) : step
  return s[x][Math.min(s.at(step), s.step.length - 1)]
}

// line gives [xs, ys] of a run's running figure. An exponential mean, freed from its beginning, smooths it; what is left out is so evenly, the highest and lowest of each stretch kept where nothing is smoothed.
export function line(r, what, { x, smooth }) {
  const s = series(r.id), ys = s[what], xs = [], out = []
  const n = s.step.length
  let mean = 0, weight = 0
  const take = i => { xs.push(s[x][i]) }
  const size = Math.max(1, Math.ceil(n / (smooth > 0 || what === "rate" ? most : most / 2)))
  for (let from = 0; from < n; from += size) {
    const to = Math.min(n, from + size)
    if (smooth > 0 && what !== "rate") {
      let v = null
      for (let i = from; i < to; i++) {
        const y = ys[i]
        if (typeof y !== "number") continue
        mean = smooth * mean + (1 - smooth) * y
        weight = smooth * weight + (1 - smooth)
        v = mean / weight
      }
      take(to - 1)
      out.push(v)
      continue
    }
    let low = from, high = from
    for (let i = from; i < to; i++) { if (ys[i] < ys[low] || ys[low] === null) low = i; if (ys[i] > ys[high] || ys[high] === null) high = i }
    for (const i of low === high ? [low] : low < high ? [low, high] : [high, low]) { take(i); out.push(typeof ys[i] === "number" ? ys[i] : null) }
  }
  return [xs, out]
}

// rings gives [xs, ys] of a figure told after each epoch: of the validation set, or of the training.
export function rings(r, what, x, of = "validation") {
  const xs = [], ys = []
  for (const e of lab.epochs.get(r.id) ?? []) {
    const v = e[of]?.[what]
    if (typeof v !== "number") continue
    xs.push(x === "epoch" ? e.epoch : along(r, x, e.step))
    ys.push(v)
  }
  return [xs, ys]
}

// join puts lines on one axis, as uPlot wants them.
export function join(lines) {
  const at = new Map()
  for (const [xs] of lines) for (const x of xs) at.set(x, 0)
  const axis = [...at.keys()].filter(x => typeof x === "number").sort((a, b) => a - b)
  axis.forEach((x, i) => at.set(x, i))
  return [axis, ...lines.map(([xs, ys]) => {
    const out = new Array(axis.length).fill(undefined)
    xs.forEach((x, i) => { const k = at.get(x); if (typeof x === "number") out[k] = ys[i] })
    return out
  })]
}
