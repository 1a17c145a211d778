// From a run's points to the points of a line: along what, smoothed or not, and no more of them than a screen shows.
import { lab, series } from "./state.js"

const most = 360 // slots of an axis, half of them at least

// scored is the name of the figure that a run's points have beside the loss; "" where that is not known yet.
export const scored = r => r.metric && r.metric !== "loss" ? r.metric : Object.keys(lab.epochs.get(r.id)?.[0]?.running ?? {}).find(k => k !== "loss") ?? ""

// along is where a step lies on the axis.
export function along(r, x, step) {
  const s = series(r.id)
  if (x === "step" || !s.step.length) return x === "seconds" ? 0 : x === "epoch" ? step / Math.max(1, r.steps_per_epoch) : step
  return s[x][Math.min(s.at(step), s.step.length - 1)]
}

// width is that of a slot, for all of the runs: a power of two, so that it stays what it is while they go on, and what was made of a run that rests is kept.
export function width(runs, x) {
  let end = 0
  for (const r of runs) { const c = series(r.id)[x]; end = Math.max(end, c[c.length - 1] ?? 0, x === "epoch" ? (lab.epochs.get(r.id) ?? []).length : 0) }
  return end > 0 ? 2 ** Math.ceil(Math.log2(end / most)) : 1
}

const kept = new Map()

// packed are numbers in a row, which are handed to another thread for next to nothing.
const packed = ({ xs, ys }) => ({ xs: Float64Array.from(xs), ys: Float64Array.from(ys) })

// line gives the places and figures of a run's running figure, one a slot: the last where it is smoothed, by an exponential mean that is freed from its beginning; else the one that is farthest from
// the one before, so that no leap is lost.
export function line(r, what, { x, smooth }, size) {
  const s = series(r.id), key = r.id + what
  if (what === "rate") smooth = 0
  const had = kept.get(key)
  if (had && had.of === s && had.version === s.version && had.x === x && had.smooth === smooth && had.size === size) return had.line
  const ys = s[what], xs = s[x], out = { xs: [], ys: [] }
  let mean = 0, weight = 0, before = null, last = -1
  for (let i = 0; i < ys.length; i++) {
    let y = ys[i]
    if (typeof y !== "number") continue
    // A running accuracy is the mean of its epoch so far: of few samples at first, which would stand out as spikes.
    if (what === "accuracy" && s.epoch[i] > 1 && s.epoch[i] % 1 > 0 && s.epoch[i] % 1 < .1) continue
    if (smooth > 0) {
      mean = smooth * mean + (1 - smooth) * y
      weight = smooth * weight + (1 - smooth)
      y = mean / weight
    }
    const slot = Math.floor(xs[i] / size), k = out.xs.length - 1
    if (k >= 0 && last >= slot) {
      if (smooth > 0 || Math.abs(y - before) > Math.abs(out.ys[k] - before)) { out.ys[k] = y; out.xs[k] = xs[i] }
      continue
    }
    before = k >= 0 ? out.ys[k] : y
    last = slot
    out.xs.push(xs[i])
    out.ys.push(y)
  }
  const line = packed(out)
  kept.set(key, { of: s, version: s.version, x, smooth, size, line })
  if (kept.size > 200) kept.clear()
  return line
}

// rings are figures told after each epoch: of the validation set, or of the training.
export function rings(r, what, x, size, of = "validation") {
  const out = { xs: [], ys: [] }
  let last = -1
  for (const e of lab.epochs.get(r.id) ?? []) {
    const v = e[of]?.[what]
    if (typeof v !== "number") continue
    const place = x === "epoch" ? e.epoch : along(r, x, e.step), slot = Math.floor(place / size)
    if (slot === last) continue
    last = slot
    out.xs.push(place)
    out.ys.push(v)
  }
  return packed(out)
}
