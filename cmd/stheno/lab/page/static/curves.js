// The curves: loss, a metric and the learning rate of the runs that are shown, over each other.
import { $, h, icon, put, table } from "./dom.js"
import { lab, on, run, runs, series, tell, view } from "./state.js"
import { Chart } from "./chart.js"
import { along, line, means, metric, rings, score, scored, shares, upToOne, width } from "./series.js"
import { colour, colours, dash, mark } from "./palette.js"
import { soon } from "./frame.js"
import { figure, seconds, whole } from "./format.js"
import { t } from "./i18n.js"

let metricPick, onlyPick, metricsOf = null // the run that the metric was last chosen for

// visible are the runs that are asked for.
function visible() {
  const r = run()
  if (view.only && r) return [r, view.only === r.id ? null : lab.runs.get(view.only)].filter(Boolean)
  return runs().filter(r => !view.hidden.has(r.id))
}

// comparable leaves out the runs whose figures mean something else than those of the run that is looked at: of other data, or of another loss.
function comparable(what) {
  const all = visible(), first = all.find(r => r.id === lab.current) ?? all[0]
  const like = r => r.dataset === first.dataset && (what !== "loss" || r.settings?.loss === first.settings?.loss)
  const others = !first ? [] : all.filter(r => !like(r))
  return { shown: view.mixed ? all : all.filter(r => !others.includes(r)), others, first }
}

// metrics are those that any of the runs that are shown was told after an epoch, first the one that the run's points have.
export function metrics(of = comparable("metric").shown) {
  const names = new Set()
  for (const r of of) {
    for (const e of lab.epochs.get(r.id) ?? []) for (const part of [e.running, e.validation]) for (const k of Object.keys(part ?? {})) if (k !== "loss" && typeof part[k] === "number") names.add(k)
    if (scored(r) && series(r.id).accuracy.some(v => typeof v === "number")) names.add(scored(r))
  }
  const first = run() && scored(run()) || "accuracy"
  return [...names].sort((a, b) => (b === first) - (a === first))
}

// lines are those of one chart.
export function lines(what) {
  const out = [], { shown } = comparable(what), size = width(shown, view.x)
  for (const r of shown) {
    const base = { label: r.name, colour: colour(r), dash: dash(r), mark: mark(r) }
    const add = (d, extra) => { if (d.xs.length) out.push({ ...base, ...d, ...extra, many: d.xs.length > 60 }) }
    if (what === "loss") {
      add(line(r, "loss", view, size), {})
      add(rings(r, "loss", view.x, size), { ring: true, label: r.name + t("clause") + t("validation") })
    } else if (what === "rate") add(line(r, "rate", view, size), {})
    else {
      if (view.metric === scored(r)) add(line(r, "accuracy", view, size), {})
      else add(rings(r, view.metric, view.x, size, "running"), {})
      add(rings(r, view.metric, view.x, size), { ring: true, label: r.name + t("clause") + t("validation") })
    }
  }
  return out
}

function marks(r, labels) {
  if (!r) return []
  const at = step => along(r, view.x, step)
  const out = (r.segments ?? []).filter(s => s.step > 0).map(s => ({ x: at(s.step), text: labels ? (s.changes ?? []).map(c => t("set_" + c.name) + " " + c.from + " → " + c.to).join(", ") : "" }))
  const s = series(r.id), last = s.step[s.step.length - 1]
  if (last > r.step) out.push({ x: at(r.step), now: true, text: "" })
  return out
}

function bands(r) {
  if (!r || view.metric !== "accuracy" || !r.band) return []
  const c = colours(), b = r.band.collapse ? [0, .15] : r.band.train
  return [b && { low: b[0], high: b[1], colour: c.good }, r.lecture?.train && { low: r.lecture.train, high: r.lecture.train, colour: c["ink-3"], line: true }].filter(Boolean)
}

// measures says whether the run that is looked at has another figure than its loss.
export const measures = () => !run() || run().metric !== "loss" || metrics().length > 0

// plotOf is one chart as plot.js draws it: on the page, and as a picture to take away.
export function plotOf(what) {
  if (what === "metric") chooseMetric()
  const share = what === "metric" && shares(view.metric)
  return { lines: lines(what), log: what === "loss" && view.log, range: share ? "share" : what === "rate" ? "zero" : what === "metric" && upToOne(view.metric) ? "one" : "", percents: share, bands: what === "metric" ? bands(run()) : [], marks: marks(run(), what === "loss") }
}

// apart says which runs cannot be compared, and has them come and go.
function apart(e) {
  const { others, first } = comparable(e.what), key = JSON.stringify([others.map(r => [r.name, r.settings?.loss]), first?.settings?.loss, view.mixed, t("loss")])
  if (e.apartKey === key) return
  e.apartKey = key
  e.apart.hidden = !others.length
  if (!others.length) return
  const losses = [...new Set(others.filter(r => r.dataset === first.dataset).map(r => r.settings?.loss))], data = [...new Set(others.filter(r => r.dataset !== first.dataset).map(r => r.dataset))]
  const why = [losses.length && e.what === "loss" ? t("other_loss", losses.join(t("comma")), first.settings?.loss) : "", data.length ? t("other_data", data.join(t("comma"))) : ""].filter(Boolean).join(" ")
  e.apart.replaceChildren(h("span", { text: t(view.mixed ? "not_alike" : "left_out", others.length) + " " + why }),
    h("button", { type: "button", test: "mixed", onclick: () => { view.mixed = !view.mixed; tell("view") }, text: t(view.mixed ? "show_alike" : "show_all") }))
}

function draw(e) {
  const plot = plotOf(e.what), none = plot.lines.length === 0
  apart(e)
  e.note.hidden = !none
  const r = run(), unkept = [r, lab.runs.get(r?.parent)].some(o => o?.on_disk && o.head > 0)
  put(e.note, t(e.what === "metric" && r?.head > 0 ? "curves_after" : unkept ? "curves_unkept" : "curves_empty"))
  e.plot.classList.toggle("blank", none) // it keeps its place, so that what stands below stays when it comes
  if (none) return
  e.chart.set(plot, t("x_" + view.x))
  const label = t("chart_of", e.what === "metric" ? metric(view.metric) : t(e.what), plot.lines.filter(l => !l.ring).length, t("x_" + view.x))
  if (e.plot.ariaLabel !== label) e.plot.ariaLabel = label
  if (!e.behind.hidden) soon("table-" + e.what, () => fill(e), { every: lab.state?.playing ? 800 : 0 })
}

// fill writes the table behind a chart. Each figure stands in the column that says what it is: what a step's own batch lost apart from the mean over its epoch, and the seconds of the training up to there.
function fill(e) {
  const rows = [], rate = e.what === "rate", m = e.what === "loss" ? "loss" : view.metric, batches = m === "loss"
  const say = v => e.what === "metric" ? score(view.metric, v, 4) : figure(v, 4)
  for (const r of comparable(e.what).shown) {
    const s = series(r.id), n = s.step.length, at = step => { const i = s.at(step); return s.step[i] === step ? i : -1 }, until = step => seconds(n ? along(r, "seconds", step) : null)
    if (rate) {
      const every = Math.max(1, Math.ceil(n / 30))
      for (let i = 0; i < n; i += every) rows.push([r.name, whole(s.step[i]), figure(s.epoch[i]), figure(s.rate[i], 4), seconds(s.seconds[i])])
      continue
    }
    const row = (step, epoch, running, validation) => {
      const i = at(step)
      rows.push([r.name, whole(step), epoch, ...(batches ? [say(i < 0 || means(s, i) ? null : s.loss[i])] : []), say(running), say(validation), until(step)])
    }
    const epochs = lab.epochs.get(r.id) ?? []
    for (const p of epochs) row(p.step, String(p.epoch), p.running?.[m], p.validation?.[m])
    if (!n || epochs.at(-1)?.step >= s.step[n - 1]) continue // in the midst of an epoch there is a step more to tell of
    if (batches) row(s.step[n - 1], figure(s.epoch[n - 1]), means(s, n - 1) ? s.loss[n - 1] : null, null)
    else if (m === scored(r)) row(s.step[n - 1], figure(s.epoch[n - 1]), s.accuracy[n - 1], null) // the mean of its epoch so far
  }
  const name = e.what === "metric" ? metric(view.metric) : t(e.what)
  e.behind.replaceChildren(table(name, [t("run"), t("step"), t("epoch"), ...(rate ? [name] : [...(batches ? [t("loss_batch")] : []), t("running"), t("validation")]), t("seconds")], rows))
}

function build(what, height, wide) {
  const plot = h("div", { class: "plot", role: "img", "aria-label": t(what), test: "plot-" + what })
  plot.style.height = height + "px"
  const behind = h("div", { class: "behind", hidden: true, tabindex: "0", role: "group", tLabel: "table", test: "table-" + what })
  const note = h("p", { class: "note" })
  const button = h("button", { type: "button", class: "quiet square", tLabel: "table", "aria-expanded": "false", test: "table-button-" + what }, icon("table"))
  const title = h("h3", {}, what === "metric" ? metricPick = h("select", { tLabel: "metric", test: "metric", onchange: () => { view.metric = metricPick.value; tell("view") } }) : h("span", { t: what }), button)
  const apart = h("p", { class: "apart-note", hidden: true, test: "unlike-" + what })
  const e = { what, plot, behind, note, apart }
  button.addEventListener("click", () => { behind.hidden = !behind.hidden; button.setAttribute("aria-expanded", String(!behind.hidden)); if (!behind.hidden) fill(e) })
  const root = h("div", { class: "chart" + (wide ? " wide" : "") }, title, note, plot, apart, behind)
  $("charts").append(root)
  e.chart = new Chart(plot, height)
  on("points epoch state view theme language", "chart-" + what, () => draw(e), { every: 250, beside: true, of: root })
}

function segments(name, values, get, set) {
  const box = h("div", { class: "segments", role: "group", tLabel: "x_label" }, values.map(v => h("button", { type: "button", t: name + v, test: name + v, "data-value": v, onclick: () => { set(v); tell("view") } })))
  on("view", "segments-" + name, () => { for (const b of box.children) b.setAttribute("aria-pressed", String(b.dataset.value === get())) })
  for (const b of box.children) b.setAttribute("aria-pressed", String(b.dataset.value === get()))
  return box
}

// chooseMetric has the chart's metric be one that there is, and gives all of them. Whoever draws by the metric asks first: the list beside it is written in a frame of its own, which may come later.
function chooseMetric() {
  const { shown, first: r } = comparable("metric"), names = metrics(shown), mine = r ? scored(r) : ""
  if (mine && !names.includes(mine)) names.unshift(mine) // it is not measured yet
  if (!names.length) names.push("accuracy")
  const other = metricsOf !== r?.id && mine && ![mine, ...metrics([r])].includes(view.metric) // a run was chosen that has no such figure
  metricsOf = r?.id
  if (other) view.metric = mine
  if (!names.includes(view.metric)) view.metric = names[0]
  return names
}

function pickMetrics() {
  metricPick.closest(".chart").hidden = !measures() // nothing is drawn of what is not seen, so that it could not come back by itself
  const names = chooseMetric()
  const key = names.join("|") + t("accuracy")
  if (metricPick.dataset.key !== key) {
    metricPick.dataset.key = key
    metricPick.replaceChildren(...names.map(m => h("option", { value: m, text: metric(m) })))
  }
  if (metricPick.value !== view.metric) metricPick.value = view.metric
}

function pickRuns() {
  const r = run(), key = JSON.stringify([r?.id, runs().map(o => [o.id, o.name]), t("runs_all")])
  if (view.only && view.only !== "one" && !lab.runs.has(view.only)) view.only = ""
  if (onlyPick.dataset.key !== key) {
    onlyPick.dataset.key = key
    onlyPick.replaceChildren(h("option", { value: "", text: t("runs_all") }), h("option", { value: "one", text: t("runs_one") }), ...runs().filter(o => o !== r).map(o => h("option", { value: o.id, text: t("runs_two", o.name) })))
  }
  const now = view.only === r?.id ? "one" : view.only
  if (onlyPick.value !== now) onlyPick.value = now
}

export function start() {
  const key = h("p", { class: "net-key", test: "curves-key" })
  on("epoch state view language", "curves-key", () => put(key, [t("curves_key"), ["loss", "metric"].some(what => plotOf(what).lines.some(l => l.ring)) && t("curves_rings"), comparable("loss").shown.some(r => series(r.id).step.length && means(series(r.id), 0)) && t("curves_means")].filter(Boolean).join(" ")), { every: 500 })
  $("curves-body").append(h("div", { class: "charts", id: "charts" }), key)
  build("loss", 210, false)
  build("metric", 210, false)
  build("rate", 104, true)
  const smooth = h("input", { type: "range", min: "0", max: "0.98", step: "0.02", value: view.smooth, tLabel: "smooth", test: "smooth", oninput: () => { view.smooth = Number(smooth.value); tell("view") } })
  smooth.style.width = "84px"
  const log = h("button", { type: "button", t: "log", "aria-pressed": "false", tTitle: "log_label", test: "log", onclick: () => { view.log = !view.log; tell("view") } })
  onlyPick = h("select", { tLabel: "runs_shown", test: "runs-shown", onchange: () => { view.only = onlyPick.value; tell("view") } })
  on("state view language", "runs-shown", pickRuns)
  $("curves-tools").append(onlyPick, segments("x_", ["epoch", "step", "seconds"], () => view.x, v => { view.x = v }), h("div", { class: "segments" }, log), h("label", {}, h("span", { t: "smooth", "aria-hidden": "true" }), smooth))
  on("view", "curves-tools", () => { log.setAttribute("aria-pressed", String(view.log)); smooth.value = view.smooth })
  on("epoch state view language", "metrics", pickMetrics)
  pickMetrics()
}
