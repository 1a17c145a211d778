// From a run's points to the points of a line: along what, smoothed or not, and no more of them than a screen shows.
import { t } from "./i18n.js"
import { lab, series } from "./state.js"
import { figure, percent } from "./format.js"

const most = 360 // slots of an axis, half of them at least

// scored is the name of the figure that a run's points have beside the loss; "" where that is not known yet.
export const scored = r => r.metric && r.metric !== "loss" ? r.metric : Object.keys(lab.epochs.get(r.id)?.[0]?.running ?? {}).find(k => k !== "loss") ?? ""

const symbols = { r2: "R²", rmse: "RMSE", mae: "MAE", auc: "AUC", f1: "F1" }
const named = { loss: "loss", accuracy: "accuracy", "binary-accuracy": "metric_labels", precision: "metric_precision", recall: "metric_recall" }

// metric is what a metric is called, which the server calls as the command does.
export const metric = name => symbols[name] ?? (Object.hasOwn(named, name) ? t(named[name]) : name)

// shares says whether a metric is a share, which is written in per cent; upToOne, whether there is none above 1.
export const shares = name => /accuracy|^top-/.test(name)
export const upToOne = name => shares(name) || /^(r2|auc|f1|precision|recall)\b/.test(name)

// score is a metric's figure, in the one form that it has everywhere.
export const score = (name, v, digits) => shares(name) ? percent(v) : figure(v, digits)

// along is where a step lies on the axis: between two points in proportion, since not each step has one.
export function along(r, x, step) {
  if (x === "step") return step
  const s = series(r.id), c = s[x], i = s.at(step), from = i > 0 ? s.step[i - 1] : 0, begun = i > 0 ? c[i - 1] : 0
  if (i === s.step.length) return begun + (x === "epoch" ? (step - from) / Math.max(1, r.steps_per_epoch) : 0)
  return begun + (c[i] - begun) * (step - from) / (s.step[i] - from)
}

// passed is the place of the point of a step, or, where it has none, of the last one before it; -1 where there is none.
export const passed = (s, step) => { const i = s.at(step); return s.step[i] === step ? i : i - 1 }

// means says that a point's loss is the mean of its epoch: a run that was kept without its steps has no others, and no rate in them.
export const means = (s, i) => i >= 0 && typeof s.rate[i] !== "number"

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
  let had = kept.get(key)
  if (!had || had.of !== s || had.anew !== s.anew || had.x !== x || had.smooth !== smooth || had.size !== size) {
    if (kept.size > 200) kept.clear()
    kept.set(key, had = { of: s, anew: s.anew, version: -1, x, smooth, size, n: 0, xs: [], ys: [], mean: 0, weight: 0, before: null, last: -1, line: null })
  }
  if (had.version !== s.version) {
    extend(had, s, what)
    had.version = s.version
    had.line = packed(had)
  }
  return had.line
}

// extend goes on with a line where it ended.
function extend(l, s, what) {
  const ys = s[what], xs = s[l.x]
  for (; l.n < ys.length; l.n++) {
    let y = ys[l.n]
    if (typeof y !== "number") continue
    // A running accuracy is the mean of its epoch so far: of few samples at first, which would stand out as spikes.
    if (what === "accuracy" && s.epoch[l.n] > 1 && s.epoch[l.n] % 1 > 0 && s.epoch[l.n] % 1 < .1) continue
    if (l.smooth > 0) {
      l.mean = l.smooth * l.mean + (1 - l.smooth) * y
      l.weight = l.smooth * l.weight + (1 - l.smooth)
      y = l.mean / l.weight
    }
    const slot = Math.floor(xs[l.n] / l.size), k = l.xs.length - 1
    if (k >= 0 && l.last >= slot) {
      if (l.smooth > 0 || Math.abs(y - l.before) > Math.abs(l.ys[k] - l.before)) { l.ys[k] = y; l.xs[k] = xs[l.n] }
      continue
    }
    l.before = k >= 0 ? l.ys[k] : y
    l.last = slot
    l.xs.push(xs[l.n])
    l.ys.push(y)
  }
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
