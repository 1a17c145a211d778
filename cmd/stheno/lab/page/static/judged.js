// What the model makes of samples that it has not learnt from, on pause and at the end; and, of data of one's own, how they were read.
import { $, dialog, h, put, table } from "./dom.js"
import { on, run } from "./state.js"
import { get } from "./stream.js"
import { figure, percent, whole } from "./format.js"
import { hold } from "./hold.js"
import { metric, score } from "./series.js"
import { pick, t } from "./i18n.js"

const d = dialog("read", "how_read")
const most = 12 // classes of which a table is legible
let told = null, of = "", timer = 0, asked = 0, shown = ""

const name = set => t({ train: "set_train_word", held: "set_held", test: "set_test" }[set])
const place = e => /^\d+$/.test(e.place) ? t("at_line", whole(Number(e.place))) : e.place

function baseline(b) {
  if (!b) return []
  if (b.class !== undefined) return [h("p", { class: "note", text: t("baseline_class", b.class, percent(b.share)) })]
  return (b.numbers ?? []).map(n => h("p", { class: "note", text: t("baseline_number", n.target, figure(n.mean, 4), figure(n.mae, 4), figure(n.rmse, 4)) }))
}

// confusion is a table whose cells are the darker the more samples of their row are in them; of many classes, those that are taken for others.
function confusion(j) {
  const c = j.confusion, classes = j.classes
  if (c.length > most) {
    const pairs = c.flatMap((row, is) => row.map((n, says) => ({ is, says, n }))).filter(p => p.is !== p.says && p.n).sort((a, b) => b.n - a.n).slice(0, 8)
    return h("p", { test: "confused", text: pairs.length ? t("confused") + " " + pairs.map(p => t("confused_pair", classes[p.is], classes[p.says], whole(p.n))).join(t("semicolon")) : t("confused_none") })
  }
  const says = h("p", { class: "note", id: "confusion-says", text: t("confusion", whole(j.samples)) }), e = table("", [t("is_says"), ...classes], c.map((row, i) => [classes[i], ...row.map(n => n ? whole(n) : "·")]))
  e.classList.add("confusion")
  e.dataset.test = "confusion"
  c.forEach((row, i) => {
    const all = row.reduce((a, b) => a + b, 0)
    row.forEach((n, k) => { if (n) { const cell = e.tBodies[0].rows[i].cells[k + 1]; cell.dataset.heat = Math.max(1, Math.ceil(n / all * 5)); if (i === k) cell.classList.add("right") } })
  })
  e.setAttribute("aria-labelledby", says.id)
  return [says, h("div", { class: "behind", tabindex: "0", role: "group", "aria-labelledby": says.id }, e)]
}

const draw = () => hold(write)

function write() {
  const r = run(), own = r && r.own_data
  $("judged").hidden = !r || !told && !own || told && of.split("|")[0] !== r.id && !own
  $("open-read").hidden = !own
  if (!r || $("judged").hidden) return
  const mine = told && of.split("|")[0] === r.id ? told : null
  put($("judged-note"), mine ? t("judged_note", r.name, whole(mine.step)) + (r.kept_epoch && mine.step === r.step ? t("of_epoch", r.kept_epoch) : "") : "")
  const key = [of, Boolean(mine), t("judged")].join()
  if (key === shown) return
  shown = key
  const title = mine?.set === "test" ? "judged_test" : "judged"
  $("judged-title").dataset.t = title
  put($("judged-title"), t(title))
  if (!mine) { $("judged-body").replaceChildren(h("p", { class: "empty", text: t("judged_soon") })); return }
  const scores = mine.sets[0]?.scores.map(s => s.name) ?? []
  $("judged-body").replaceChildren(
    h("div", { class: "behind", tabindex: "0", role: "group", "aria-label": t("judged") }, table("", [t("score"), ...mine.sets.map(s => t("of_samples", name(s.set), whole(s.samples)))], [[t("loss"), ...mine.sets.map(s => figure(s.loss, 4))],
      ...scores.map((k, i) => [metric(k), ...mine.sets.map(s => score(k, s.scores[i]?.value, 4))])])),
    ...(mine.errors ?? []).map(e => h("p", { test: "errors", text: t("errors_of", e.target, figure(e.median, 4), figure(e.mae, 4), figure(e.rmse, 4), figure(e.largest, 4), place(e)) })),
    ...(mine.confusion ? [confusion(mine)].flat() : []), ...baseline(mine.baseline), ...(mine.prepared ? [h("p", { class: "note", test: "loss-prepared", text: t("loss_prepared") })] : []))
}

// look asks where the run rests, a moment after it came there: who drags a bar goes on.
function look() {
  const r = run(), key = r ? [r.id, r.step, r.segments?.length, r.condition === "playing"].join("|") : ""
  draw()
  if (!r || r.condition === "playing" || r.head === 0 && r.step === 0 || key === of) return
  clearTimeout(timer)
  timer = setTimeout(async () => {
    const mine = ++asked
    try {
      const j = await get("api/judged", { run: r.id })
      if (!j || mine !== asked || run()?.id !== r.id) return // null: it was played on meanwhile
      told = j
      of = key
    } catch { return } // it says of no sample what it is
    draw()
  }, 600)
}

const parts = { year: "part_year", month: "part_month", day: "part_day", "day of year": "part_day_of_year", weekday: "part_weekday", hour: "part_hour" }
const part = p => Object.hasOwn(parts, p) ? t(parts[p]) : p
const role = c => c.answers ? t("col_answer", ...c.answers) : c.role === "category" ? t("col_category", whole(c.values ?? 0)) : c.role === "date" ? t("col_parts", (c.parts ?? []).map(part).join(t("comma"))) : t({ number: "col_number", text: "col_text", target: "foretold", ignored: "col_ignored" }[c.role] ?? "col_none")
const valued = (c, x) => c.answers?.[x] ?? figure(x, 4) // of yes and no the word, but for what lies between
const fill = c => !c.missing ? "–" : c.role === "number" && typeof c.fill === "number" ? t("fill_median", valued(c, c.fill)) : c.role === "category" ? t("fill_class") : "–"

const texts = (...of) => { const e = table(...of); e.classList.add("texts"); return e }

async function open() {
  const r = run()
  d.body.replaceChildren(h("p", { text: t("loading") }))
  d.open()
  try {
    const a = await get("api/read", { run: r.id })
    const scroll = (label, e) => h("div", { class: "behind tall", tabindex: "0", role: "group", "aria-label": label }, e)
    d.body.replaceChildren(
      h("p", { test: "read-split", text: [t("read_split", a.name, whole(a.samples), whole(a.fit), whole(a.held)), t("read_target", a.target.join(t("comma")))].join(" ") }),
      ...(a.standardized ? [h("p", { text: t("read_standardized", figure(a.standardized.mean, 5), figure(a.standardized.std, 5)) })] : []),
      ...(a.columns.length ? [scroll(t("column"), texts("", [t("column"), t("read_as"), t("range"), t("missing"), t("becomes")],
        a.columns.map(c => [c.name, role(c), typeof c.min === "number" ? valued(c, c.min) + " … " + valued(c, c.max) : "–", c.missing ? whole(c.missing) : "–", fill(c)])))] : []),
      ...(a.classes.length ? [scroll(t("class"), table("", [t("class"), t("to_learn"), t("held_out")], a.classes.slice(0, 200).map(c => [c.name, whole(c.fit), whole(c.held)])))] : []),
      ...baseline(a.baseline), ...(a.preparation ? [h("p", {}, t("read_steps") + " ", h("code", { text: a.preparation }))] : []),
      ...(a.notes.length ? [h("h3", { text: t("worth_a_look") }), ...a.notes.slice(0, 20).map(n => h("p", { text: pick(n) }))] : []))
  } catch (err) { d.body.replaceChildren(h("p", { text: err.message })) }
}

export function start() {
  $("open-read").addEventListener("click", open)
  on("state language", "judged", look)
}
