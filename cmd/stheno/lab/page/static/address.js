// The state of the page in its address: which run, by which settings, and how it is looked at. On a lab that has no such run the address offers to start it.
import { $, h } from "./dom.js"
import { lab, on, run, runs, tell, view } from "./state.js"
import { command } from "./stream.js"
import { t } from "./i18n.js"

const settings = ["layers", "loss", "optimizer", "rate", "batch", "epochs", "seed", "train_samples", "validation", "scale", "dropout", "activation"]
const wanted = new URLSearchParams(location.hash.slice(1))
let asked = false
let mine = location.hash // what the page was opened with, or wrote itself

// elsewhere says whether another link stands in the address by now, which the page does not go by yet.
const elsewhere = () => location.hash !== mine && /[#&](experiment|layers)=/.test(location.hash)

// write has the address say where the page is.
export function write() {
  const r = run()
  if (!r || !asked || elsewhere()) return
  const q = new URLSearchParams()
  q.set("experiment", r.experiment ?? "")
  q.set("run", r.id)
  if (r.step) q.set("step", Math.floor(r.step / Math.max(1, r.steps_per_epoch)) * r.steps_per_epoch)
  for (const s of settings) { const v = r.settings?.[s]; if (v !== null && v !== undefined && v !== "") q.set(s, v) }
  if (view.x !== "epoch") q.set("x", view.x)
  if (view.log) q.set("log", "1")
  if (view.smooth) q.set("smooth", view.smooth)
  if (view.metric !== "accuracy") q.set("metric", view.metric)
  if (view.beside) q.set("beside", view.beside)
  const hash = "#" + q
  if (hash !== location.hash) history.replaceState(null, "", hash)
  mine = location.hash
}

const same = r => settings.every(s => !wanted.has(s) || String(r.settings?.[s] ?? "") === wanted.get(s)) && (!wanted.get("experiment") || r.experiment === wanted.get("experiment"))

// read looks, once, for the run that the address means.
function read() {
  if (asked || !lab.state) return
  asked = true
  if (["epoch", "step", "seconds"].includes(wanted.get("x"))) view.x = wanted.get("x")
  view.log = wanted.get("log") === "1"
  const smooth = Number(wanted.get("smooth"))
  if (smooth > 0 && smooth < 1) view.smooth = smooth
  if (wanted.get("metric")) view.metric = wanted.get("metric")
  tell("view")
  if (!wanted.get("experiment") && !wanted.get("layers")) return
  const r = runs().find(r => r.id === wanted.get("run") && same(r)) ?? runs().find(same)
  if (r?.id === wanted.get("run") && lab.runs.has(wanted.get("beside")) && wanted.get("beside") !== r.id) { view.beside = wanted.get("beside"); tell("view") }
  if (r) { if (r.id !== lab.current) command("select", { run: r.id }); return }
  const trouble = $("trouble")
  const name = wanted.get("experiment") || wanted.get("layers")
  trouble.replaceChildren(h("span", { text: t("address_run", name) }),
    h("button", { type: "button", class: "primary", test: "address-start", text: t("address_start"), onclick: start_ }), h("button", { type: "button", onclick: () => { trouble.hidden = true }, text: t("close") }))
  trouble.hidden = false
}

async function start_() {
  $("trouble").hidden = true
  const numbers = new Set(["rate", "batch", "epochs", "seed", "train_samples", "validation", "scale", "dropout"])
  const a = await command("start", { experiment: wanted.get("experiment"), short: false })
  if (!a) return
  const id = a.run ?? lab.current, r = lab.runs.get(id), change = {}
  for (const s of settings) if (wanted.has(s) && String(r?.settings?.[s] ?? "") !== wanted.get(s)) change[s] = numbers.has(s) && Number(wanted.get(s)) <= Number.MAX_SAFE_INTEGER ? Number(wanted.get(s)) : wanted.get(s)
  if (!Object.keys(change).length) return
  const b = await command("branch", { run: id, step: 0, change }) // the experiment was but the way there
  if (!b) return
  await command("remove", { run: id })
  await command("play", { run: b.run })
}

let timer = 0
export function start() {
  addEventListener("hashchange", () => { if (elsewhere()) location.reload() })
  on("state", "address-read", read)
  on("state view", "address", () => { clearTimeout(timer); timer = setTimeout(write, 300) })
  on("epoch", "address-epoch", write, { every: 4000, beside: true }) // a browser takes its time for it
}
