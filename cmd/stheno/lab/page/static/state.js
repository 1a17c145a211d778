// What the server told, and what of it is looked at. Modules hear of topics: state, points, epoch, layers, findings, seek, said, connection, view, language, theme, current (another run is looked at), another (another server talks).
import { seen, soon } from "./frame.js"

export const lab = {
  server: null,     // the id of the process that talks; another one is another world
  state: null,      // the newest "state"
  runs: new Map(),  // id → RUN
  current: null,    // id of the run that is looked at, in every tab
  series: new Map(), epochs: new Map(), layers: new Map(), findings: new Map(), // by run
  seek: null,       // how far a run has come on its way to a step, where that takes long
  connected: "connecting",
}

// view is how this tab looks at it; the address carries it.
// only is "" for all runs that are not hidden, "one" for the run that is looked at, else another one beside it; mixed has curves together that cannot be compared; beside is the run whose network stands beside that of the one that is looked at, "" for none.
export const view = { beside: "", x: "epoch", log: false, smooth: 0, metric: "accuracy", hidden: new Set(), only: "", mixed: false }

const hearers = new Map()

// on has fn called in the frame after a topic was told, once however often it was: every so many ms at most, and where it draws on an element only while that is in sight; beside the frames where it changes
// nothing but what is drawn elsewhere. At once if now is true.
export function on(topics, name, fn, { now = false, every = 0, beside = false, of = null } = {}) {
  const how = { every, beside }, act = now ? fn : of ? () => seen(of, name, fn, how) : () => soon(name, fn, how)
  for (const topic of topics.split(" ")) {
    if (!hearers.has(topic)) hearers.set(topic, [])
    hearers.get(topic).push(act)
  }
}

export function tell(topic, what) { for (const act of hearers.get(topic) ?? []) act(what) }

export const run = () => lab.runs.get(lab.current) ?? null
export const runs = () => lab.state?.runs ?? []

const most = 6000 // points kept of a run

// A Series is a run's steps in order; version tells whether there are others, anew whether one that was there is another. A point's step says all: training is exact, so the same step of the same run is the same point, and what comes twice replaces itself.
class Series {
  constructor() { this.version = this.anew = 0; this.step = []; this.epoch = []; this.loss = []; this.accuracy = []; this.rate = []; this.seconds = [] }
  get columns() { return [this.step, this.epoch, this.loss, this.accuracy, this.rate, this.seconds] }

  add(points) {
    if (!points.length) return
    const first = points[0][0], last = points[points.length - 1][0]
    let from = this.step.length
    while (from > 0 && this.step[from - 1] >= first) from--
    let to = from
    while (to < this.step.length && this.step[to] <= last) to++
    if (from < this.step.length) this.anew++
    const after = to < this.step.length ? this.columns.map(c => c.slice(to)) : null
    for (const c of this.columns) c.length = from
    const columns = this.columns
    for (const p of points) columns.forEach((c, i) => c.push(p[i]))
    if (after) this.columns.forEach((c, i) => { for (const x of after[i]) c.push(x) })
    if (this.step.length > most) this.thin()
    this.version++
  }

  // at is the place of the first point that is not before a step.
  at(step) {
    let low = 0, high = this.step.length
    while (low < high) { const m = (low + high) >> 1; if (this.step[m] < step) low = m + 1; else high = m }
    return low
  }

  // thin leaves out every other point of the older half.
  thin() {
    this.anew++
    const half = this.step.length >> 1
    for (const c of this.columns) {
      let n = 0
      for (let i = 0; i < c.length; i++) if (i >= half || i % 2 === 0) c[n++] = c[i]
      c.length = n
    }
  }
}

export function series(id) {
  if (!lab.series.has(id)) lab.series.set(id, new Series())
  return lab.series.get(id)
}

function forget() {
  lab.state = null
  lab.seek = null
  lab.current = null
  for (const m of [lab.runs, lab.series, lab.epochs, lab.layers, lab.findings]) m.clear()
}

const takes = {
  state(s) {
    if (lab.server !== null && lab.server !== s.server) { forget(); tell("another") }
    lab.server = s.server
    lab.state = s
    lab.seek = null
    const had = lab.current
    s.runs ??= []
    s.ladder ??= []
    lab.runs = new Map(s.runs.map(r => [r.id, r]))
    lab.current = lab.runs.has(s.current) ? s.current : s.runs[0]?.id ?? null
    for (const m of [lab.series, lab.epochs, lab.layers, lab.findings]) for (const id of m.keys()) if (!lab.runs.has(id)) m.delete(id)
    if (had !== lab.current) tell("current")
  },
  points(m) {
    series(m.run).add(m.points)
    const r = lab.runs.get(m.run)
    if (!r) return
    r.step = m.step ?? m.points[m.points.length - 1]?.[0] ?? r.step
    r.head = Math.max(r.head ?? 0, r.step)
  },
  epoch(m) {
    const list = lab.epochs.get(m.run) ?? []
    const at = list.findIndex(e => e.epoch >= m.epoch)
    if (at < 0) list.push(m)
    else list.splice(at, list[at].epoch === m.epoch ? 1 : 0, m)
    lab.epochs.set(m.run, list)
  },
  // What a step moved is known where one was seen: on pause the last one's is still told.
  layers(m) {
    const before = lab.layers.get(m.run)
    if (before && before.step <= m.step && before.layers.length === m.layers.length) m.layers.forEach((l, i) => { l.update_ratio ??= before.layers[i].update_ratio })
    lab.layers.set(m.run, m)
  },
  findings(m) { lab.findings.set(m.run, m) },
  seek(m) { lab.seek = m.over ? null : m },
  said() {},
  readers(m) { if (lab.state) lab.state.readers = m.readers },
}

export const kinds = Object.keys(takes)

// take has a message of the stream kept and told.
export function take(kind, data) {
  takes[kind](data)
  tell(kind, data)
}
