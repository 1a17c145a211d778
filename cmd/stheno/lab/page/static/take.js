// Take away: a link, the command, a Go program, the report, the model, pictures.
import { $, dialog, download, h } from "./dom.js"
import { write } from "./address.js"
import { lab, run, tell } from "./state.js"
import { get, inLine } from "./stream.js"
import { pngOf, svgOf } from "./exports.js"
import { pick, t } from "./i18n.js"

const d = dialog("take", "take")
const say = (level, text) => tell("said", { level, text: { en: text, zh: text } })

async function copy(pre) {
  try { await navigator.clipboard.writeText(pre.textContent); say("info", t("copied")) } catch {
    getSelection().selectAllChildren(pre)
    say("info", t("copy_failed"))
  }
}

function text(title, note, test) {
  const pre = h("pre", { test, tabindex: "0", text: t("loading") })
  const button = h("button", { type: "button", test: test + "-copy", onclick: () => copy(pre), text: t("copy"), "aria-label": t("copy") + t("colon") + title })
  return { pre, button, root: h("div", {}, h("div", { class: "head-line" }, h("h3", { text: title })), note && h("p", { class: "note", text: note }), h("div", { class: "copy" }, pre, button)) }
}

const clean = name => (name || "run").replace(/[^\w.-]+/g, "-")

async function saved(path, name, kind) {
  try {
    await inLine()
    const r = await fetch(path, { credentials: "same-origin" })
    if (!r.ok) { const a = await r.text(); let said = a; try { const o = JSON.parse(a); said = pick(o.said) || o.error || a } catch { /* a text */ } throw new Error(said.slice(0, 400)) }
    download(name, await r.blob())
  } catch (err) { say("error", err.message) }
}

// kept says whether a run is kept by itself, and where.
function kept(r) {
  const out = lab.state?.out
  return !out ? t("take_unkept") : r.folder ? t("take_kept", out, r.folder) : t("take_keeping", out)
}

function open() {
  const r = run()
  if (!r) { say("info", t("nothing_to_take")); return }
  const link = text(t("take_link"), t("take_link_p"), "take-link"), command = text(t("take_command"), "", "take-command"), go = text(t("take_go"), "", "take-go")
  write()
  link.pre.textContent = location.href
  const fill = async (part, path, key) => {
    try { const a = await get(path, { run: r.id }); part.pre.textContent = a[key] ?? (pick(a.why) || "–"); part.button.hidden = !a[key]; if (a[key] && pick(a.why)) part.root.append(h("p", { text: pick(a.why) })) } catch (err) { part.pre.textContent = err.message; part.button.hidden = true }
  }
  const picture = (name, word) => ["svg", "png"].map(k => h("button", { type: "button", test: "picture-" + name + "-" + k, text: t(word) + t("clause") + k.toUpperCase(), onclick: async () => {
    try { download(clean(r.name) + "-" + name + "." + k, k === "svg" ? svgOf(name) : await pngOf(name)) } catch (err) { say("error", err.message) }
  } }))
  const q = "?run=" + encodeURIComponent(r.id)
  d.body.replaceChildren(link.root, command.root, go.root,
    h("h3", { text: t("take_files") }), h("div", { class: "buttons" },
      h("button", { type: "button", test: "take-report", text: t("take_report"), onclick: () => saved("api/report" + q, clean(r.name) + ".html") }),
      h("button", { type: "button", test: "take-model", text: t("take_model"), onclick: () => saved("api/model" + q, clean(r.name) + ".safetensors") }),
      h("button", { type: "button", test: "take-folder", text: t("take_folder"), onclick: () => saved("api/folder" + q, clean(r.name) + ".zip") })),
    h("p", { class: "note", text: t("take_folder_p") }), h("p", { class: "note", test: "take-kept", text: kept(r) }),
    h("h3", { text: t("take_pictures") }), h("div", { class: "buttons" }, picture("network", "network_word"), picture("curves", "curves_word")))
  d.open()
  fill(command, "api/command", "command")
  fill(go, "api/go", "go")
}

export function start() { $("open-take").addEventListener("click", open) }
