// The head of the page: the runs, the connection, the language and the theme.
import { $, h, icon, put } from "./dom.js"
import { lab, on, runs, tell, view } from "./state.js"
import { command, connect } from "./stream.js"
import { soon } from "./frame.js"
import { colour, dropColours, mark } from "./palette.js"
import { choose, current, pick, t } from "./i18n.js"

const shown = new Map() // id → the parts of its chip

// sure asks whether a run is to be removed, and says what goes with it.
const sure = r => r.folder ? t("remove_folder", r.name, r.folder, lab.state?.out) : t(r.on_disk ? "remove_chip" : "remove_sure", r.name)

function chip(r) {
  const swatch = h("span", { "aria-hidden": "true" })
  const show = h("button", { type: "button", class: "show", onclick: () => { view.hidden.has(r.id) ? view.hidden.delete(r.id) : view.hidden.add(r.id); tell("view") } }, swatch)
  const parts = ["root", "more", "last"].map(c => h("span", { class: c }))
  const name = h("span", { class: "name" }, parts), is = h("span", { class: "is" })
  const pick = h("button", { type: "button", class: "pick", test: "run", onclick: () => command("select", { run: r.id }) }, name, " ", is)
  const drop = h("button", { type: "button", class: "drop", test: "remove", onclick: () => { if (confirm(sure(lab.runs.get(r.id) ?? r))) command("remove", { run: r.id }) } }, icon("close"))
  const box = h("span", { class: "run", test: "run-chip", "data-run": r.id }, show, pick, drop)
  return { box, swatch, show, parts, is, pick, drop }
}

// partsOf are what a run comes from, what it changes, and what is never cut: its number, and that it is a short one, in brackets, since a comma does not stand behind what was cut.
function partsOf(name) {
  const [, head, more, last] = /^(.*?)( \+ .*?)?((?:, short)?(?: #\d+)?)$/.exec(name)
  return [head, more ?? "", last.replace(", short", " (short)")]
}

// edges shows where the row goes on beyond what is seen of it.
function edges() {
  const e = $("runs")
  e.classList.toggle("before", e.scrollLeft > 2)
  e.classList.toggle("after", e.scrollLeft + e.clientWidth < e.scrollWidth - 2)
}

function draw() {
  const list = runs()
  for (const [id, c] of shown) if (!lab.runs.has(id)) { c.box.remove(); shown.delete(id) }
  list.forEach((r, i) => {
    let c = shown.get(r.id)
    if (!c) { c = chip(r); shown.set(r.id, c) }
    if ($("runs").children[i] !== c.box) $("runs").insertBefore(c.box, $("runs").children[i] ?? null)
    const now = r.id === lab.current, is = t(r.condition)
    const fresh = now && !c.box.classList.contains("now")
    c.box.classList.toggle("now", now)
    c.box.ariaBusy = String(now && r.id !== lab.state.current) // it was chosen, and the server is not there yet
    put(c.swatch, mark(r))
    c.swatch.style.color = colour(r)
    partsOf(r.name).forEach((text, i) => put(c.parts[i], text))
    put(c.is, is)
    c.pick.setAttribute("aria-pressed", String(now))
    c.pick.title = r.name + (pick(r.why) ? t("colon") + pick(r.why) : "")
    c.show.setAttribute("aria-pressed", String(!view.hidden.has(r.id)))
    c.show.setAttribute("aria-label", t("show_run", r.name))
    c.show.title = t("show_run", r.name)
    c.drop.setAttribute("aria-label", t("remove_run", r.name))
    c.drop.hidden = list.length < 2
    if (fresh) c.box.scrollIntoView({ block: "nearest", inline: "nearest" })
  })
  const out = lab.state?.out
  $("kept").hidden = !out
  if (out) { put($("kept-in"), t("kept_in", out)); $("kept").title = t("kept_hint", out) }
  soon("runs-edges", edges)
}

// shared says that others look at the same.
function shared() {
  const n = (lab.state?.readers ?? 1) - 1
  $("shared").hidden = n < 1
  if (n > 0) put($("shared"), t("shared", n))
}

let wasLost = false

function connection() {
  const is = lab.connected, e = $("connection")
  e.className = is
  e.replaceChildren(h("span", { text: t(is === "open" ? "connected" : is === "connecting" || is === "waiting" ? "connecting" : "lost") }))
  e.dataset.is = is
  const trouble = $("trouble")
  if (is === "lost" || is === "refused" || is === "waiting") {
    trouble.replaceChildren(h("span", { text: t({ lost: "lost_long", refused: "refused_long", waiting: "waiting_long" }[is]) }), h("button", { type: "button", onclick: connect, text: t("try_now") }))
    trouble.hidden = false
    wasLost = true
  } else if (is === "open") {
    if (wasLost) { trouble.hidden = true; tell("said", { level: "info", text: { en: t("back"), zh: t("back") } }); wasLost = false }
  }
}

function theme() {
  const dark = document.documentElement.dataset.theme === "dark"
  $("theme").setAttribute("aria-label", t(dark ? "theme_light" : "theme_dark"))
  $("theme").title = t(dark ? "theme_light" : "theme_dark")
}

function setTheme(dark) {
  document.documentElement.dataset.theme = dark ? "dark" : "light"
  dropColours()
  theme()
  tell("theme")
}

function language() {
  $("language").textContent = t("other_language")
  $("language").setAttribute("aria-label", t("other_language_label"))
  $("language").lang = current() === "en" ? "zh-Hant" : "en"
  theme()
}

export function start() {
  on("state view language theme", "runs", draw)
  $("runs").addEventListener("scroll", () => soon("runs-edges", edges), { passive: true })
  new ResizeObserver(() => soon("runs-edges", edges)).observe($("runs"))
  on("state readers language", "shared", shared)
  on("connection language", "connection", connection)
  on("language", "language", language, { now: true })
  $("language").addEventListener("click", () => { choose(current() === "en" ? "zh" : "en", true); tell("language") })
  $("theme").addEventListener("click", () => {
    const dark = document.documentElement.dataset.theme !== "dark"
    try { localStorage.setItem("theme", dark ? "dark" : "light") } catch { /* a browser that keeps nothing */ }
    setTheme(dark)
  })
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", e => {
    let chosen = null
    try { chosen = localStorage.getItem("theme") } catch { /* likewise */ }
    if (!chosen) setTheme(e.matches)
  })
  language()
  connection()
}
