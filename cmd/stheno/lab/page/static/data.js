// Own data: a file dropped anywhere, or chosen, becomes a run.
import { $, dialog, h, put } from "./dom.js"
import { lab, on, run } from "./state.js"
import { upload } from "./stream.js"
import { t } from "./i18n.js"

const d = dialog("data-dialog", "own_data")
let input, target, says, button

const size = n => n >= 1 << 20 ? Math.round(n / (1 << 20)) + " MB" : Math.round(n / 1024) + " kB"

async function send(file) {
  if (!file) return
  const most = lab.state?.upload_limit
  if (most && file.size > most) { bad(t("too_large", file.name, size(most))); return }
  says.className = "check"
  put(says, t("uploading", file.name))
  button.disabled = true
  try {
    await upload(file, target.value.trim() ? { target: target.value.trim() } : {})
    d.dialog.close()
    put(says, "")
  } catch (err) { bad(err.message) }
  button.disabled = false
  input.value = ""
}

function bad(text) { says.className = "check bad"; put(says, text) }

function open() {
  const r = run()
  if (r) put($("data-now"), t("now_data", lab.state.dataset || "–"))
  d.open()
}

function files(e) { return [...(e.dataTransfer?.types ?? [])].includes("Files") }

export function start() {
  input = h("input", { id: "data-file", type: "file", accept: ".csv,.tsv,.zip,text/csv,application/zip", test: "data-file" })
  target = h("input", { id: "data-target", type: "text", autocomplete: "off", spellcheck: "false", tPlaceholder: "target_hint", test: "data-target" })
  says = h("p", { class: "check", role: "status", test: "data-says" })
  button = h("button", { type: "submit", class: "primary", test: "data-send", t: "upload" })
  d.body.append(h("form", { class: "form", onsubmit: e => { e.preventDefault(); send(input.files[0]) } },
    h("p", { t: "data_p" }), h("p", { class: "note", id: "data-now" }),
    h("div", { class: "settings" }, h("div", { class: "field" }, h("label", { for: "data-file", t: "file" }), input), h("div", { class: "field" }, h("label", { for: "data-target", t: "target" }), target)),
    h("div", { class: "buttons" }, button), says))
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
    send(e.dataTransfer.files[0])
  })
  on("language", "data", () => { if (d.dialog.open && run()) put($("data-now"), t("now_data", lab.state.dataset || "–")) })
}
