// Own data: a file dropped anywhere, or chosen, is looked at, and becomes a run.
import { $, dialog, h, put, table } from "./dom.js"
import { lab, on, run, tell } from "./state.js"
import { post, upload } from "./stream.js"
import { whole } from "./format.js"
import { pick, t } from "./i18n.js"

const d = dialog("data-dialog", "own_data")
let input, name, target, targetBox, says, button, read
let file = null   // what was chosen: {upload, name, samples, columns, target, classes, notes} of the server
let asked = 0, opened = null // a run that is to be told of when it is there

const size = n => n >= 1 << 20 ? Math.round(n / (1 << 20)) + " MB" : Math.round(n / 1024) + " kB"

// look has the server read a file, and shows how it was read.
async function look(f) {
  if (!f) return
  const mine = ++asked, most = lab.state?.upload_limit
  file = null
  put(name, f.name)
  shown()
  if (most && f.size > most) { bad(t("too_large", f.name, size(most))); return }
  says.className = "check"
  put(says, t("uploading", f.name))
  try {
    const is = await upload(f, { look: "1" })
    if (mine !== asked) return
    file = is
    put(says, "")
    target.replaceChildren(...is.columns.map(c => h("option", { value: c.name, text: c.name })))
    target.value = is.target
    shown()
    if (is.columns.length) target.focus()
    else button.focus()
  } catch (err) { if (mine === asked) bad(err.message) }
}

const kind = c => c.type === "category" ? t("col_category", c.categories.length) : c.type === "answer" ? t("col_answer", ...c.categories) : t({ number: "col_number", date: "col_date", text: "col_text" }[c.type] ?? "col_none")

// shown is how the file was read: its columns, or its classes, and what was left out.
function shown() {
  button.disabled = !file
  targetBox.hidden = !file?.columns.length
  read.hidden = !file
  if (!file) return
  const { columns, classes, samples, notes } = file
  read.replaceChildren(h("p", { test: "data-read", text: columns.length ? t("read_table", whole(samples), columns.length) : t(classes.length === 1 ? "read_folder_one" : "read_folder", whole(samples), classes.length) }),
    ...(columns.length ? [h("div", { class: "behind", tabindex: "0", role: "group", "aria-label": t("table") }, table("", [t("column"), t("read_as"), t("missing"), t("for_example")],
      columns.map(c => [c.name, c.name === target.value ? t("foretold") : kind(c), c.missing ? whole(c.missing) : "–", c.example || "–"])))] : classes.length ? [h("p", { class: "note", text: classes.slice(0, 40).join(", ") + (classes.length > 40 ? " …" : "") })] : []),
    ...(notes.some(n => n.column && n.column === target.value) ? [h("p", { class: "check bad", test: "target-left-out", text: t("target_left_out", target.value) })] : []), ...notes.filter(n => !n.column || n.column !== target.value).slice(0, 8).map(n => h("p", { class: "note", text: pick(n) })), ...columns.filter(c => c.name === target.value && c.missing && c.type !== "left out").map(c => h("p", { class: "note", test: "target-missing", text: t("read_unanswered", c.name, whole(c.missing), whole(samples)) })),
    ...(columns.some(c => c.missing && c.name !== target.value) ? [h("p", { class: "note", text: t("read_missing") })] : []))
}

async function send() {
  if (!file) return
  button.disabled = true
  says.className = "check"
  put(says, t("uploading", file.name))
  try {
    const a = await post("api/open", { upload: file.upload, target: file.columns.length ? target.value : "" })
    d.dialog.close()
    put(says, "")
    opened = a.run
    ready()
  } catch (err) { bad(err.message) }
  button.disabled = false
}

// ready says, when the run is there, how many samples it has.
function ready() {
  const r = lab.runs.get(opened)
  if (!r) return
  opened = null
  tell("said", { level: "info", text: { en: t("data_ready", r.name, whole(r.samples), whole(r.test_samples)), zh: t("data_ready", r.name, whole(r.samples), whole(r.test_samples)) } })
}

function bad(text) { says.className = "check bad"; put(says, text) }

function now() {
  const r = run()
  if (r) put($("data-now"), t("now_data", r.dataset || lab.state.dataset || "–", whole(r.samples), whole(r.test_samples)))
}

function open() {
  now()
  shown()
  d.open()
}

function files(e) { return [...(e.dataTransfer?.types ?? [])].includes("Files") }

export function start() {
  input = h("input", { id: "data-file", type: "file", accept: ".csv,.tsv,.zip,text/csv,application/zip", class: "hidden-text", tabindex: "-1", tLabel: "file", test: "data-file", onchange: () => { const f = input.files[0]; look(f); input.value = "" } })
  name = h("span", { class: "file-name", test: "data-name" })
  target = h("select", { id: "data-target", test: "data-target", onchange: shown })
  targetBox = h("div", { class: "field", hidden: true }, h("label", { for: "data-target", t: "target" }), target)
  says = h("p", { class: "check", role: "status", test: "data-says" })
  read = h("div", { class: "form", hidden: true })
  button = h("button", { type: "submit", class: "primary", test: "data-send", t: "upload", disabled: true })
  d.body.append(h("form", { class: "form", onsubmit: e => { e.preventDefault(); send() } },
    h("p", { t: "data_p" }), h("p", { class: "note", id: "data-now" }),
    h("div", { class: "buttons" }, h("button", { type: "button", test: "data-choose", t: "choose_file", onclick: () => input.click() }), input, name),
    says, read, targetBox, h("div", { class: "buttons" }, button)))
  $("open-data").addEventListener("click", open)
  let inside = 0
  addEventListener("dragenter", e => { if (files(e)) { e.preventDefault(); inside++; $("drop").hidden = false } })
  addEventListener("dragover", e => { if (files(e)) e.preventDefault() })
  addEventListener("dragleave", e => { if (files(e) && --inside <= 0) { inside = 0; $("drop").hidden = true } })
  addEventListener("drop", e => {
    if (!files(e)) return
    e.preventDefault()
    inside = 0
    $("drop").hidden = true
    open()
    look(e.dataTransfer.files[0])
  })
  on("state", "data-ready", () => { if (opened) ready() })
  on("language", "data", () => { if (d.dialog.open) { now(); shown() } })
}
