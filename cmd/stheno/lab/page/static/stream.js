// The server: its stream of events, read for as long as the page is seen, and what is asked of it.
import { lab, kinds, take, tell } from "./state.js"
import { spent } from "./frame.js"
import { pick, t } from "./i18n.js"

let source = null
let again = 500 // ms

function connection(is) {
  if (lab.connected === is) return
  lab.connected = is
  tell("connection")
}

// unknown says whether a lab is there that does not know this browser: one that was started anew, with another token.
async function unknown() {
  try { return (await fetch("static/icon.svg", { cache: "no-store" })).status === 401 } catch { return false }
}

// A lab that was started anew is at another path: who opens it there takes the tabs along that were left behind.
const tabs = new BroadcastChannel("stheno-lab")
tabs.onmessage = e => {
  if (e.data === location.pathname) return
  const to = new URL(location.href)
  to.pathname = e.data
  location.replace(to)
}
tabs.postMessage(location.pathname)

// A browser has six lines to a host, for all of its tabs: one that is not seen leaves its line to the others, and takes one again, with the newest state, when it is seen.
const rest = 3000  // ms hidden until then: who only looks elsewhere for a moment comes back to the same line
const patience = 5000 // ms until a line is missed
let hidden = 0, missed = 0

function leave() {
  clearTimeout(missed)
  source?.close()
  source = null
}

document.addEventListener("visibilitychange", () => {
  clearTimeout(hidden)
  if (document.visibilityState === "hidden") hidden = setTimeout(leave, rest)
  else if (!source) connect()
})

export function connect() {
  leave()
  if (document.visibilityState === "hidden") return
  const mine = source = new EventSource("events")
  missed = setTimeout(() => connection("waiting"), patience)
  source.onopen = () => { clearTimeout(missed); again = 500; connection("open") }
  source.onerror = async () => {
    clearTimeout(missed)
    if (mine.readyState !== EventSource.CLOSED) { connection("lost"); return } // it tries by itself
    setTimeout(() => { if (source === mine) connect() }, again)
    again = Math.min(again * 2, 5000)
    connection(await unknown() ? "refused" : "lost")
  }
  for (const kind of kinds) {
    source.addEventListener(kind, e => {
      const begun = performance.now()
      try { take(kind, JSON.parse(e.data)) } catch (err) { console.error(kind, err) }
      spent(performance.now() - begun)
    })
  }
}

// A Refusal is what the server answered instead: its text is for people.
export class Refusal extends Error {
  constructor(text, status) { super(text); this.status = status }
}

async function ask(path, options) {
  let response
  try { response = await fetch(path, { credentials: "same-origin", ...options }) } catch { throw new Refusal(t("unreachable")) }
  const kind = response.headers.get("Content-Type") ?? ""
  if (!kind.includes("json")) {
    const text = (await response.text()).slice(0, 300)
    throw new Refusal(text || t("answered", response.status))
  }
  const answer = await response.json()
  if (!response.ok || answer.error) throw new Refusal(pick(answer.said) || answer.error || t("answered", response.status), response.status)
  return answer
}

export const get = (path, query = {}) => {
  const q = new URLSearchParams(Object.entries(query).filter(([, v]) => v !== undefined && v !== null))
  return ask(path + (q.size ? "?" + q : ""))
}

export const post = (path, body) => ask(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) })

export function upload(file, fields = {}) {
  const form = new FormData()
  for (const [k, v] of Object.entries(fields)) form.append(k, v)
  form.append("file", file, file.name)
  return ask("api/upload", { method: "POST", body: form })
}

// command carries out what the reader asked; a refusal is said and gives null. Of 409 it is no mistake, but that somebody wanted something else meanwhile.
export async function command(what, fields = {}) {
  try { return await post("api/do", { do: what, ...fields }) } catch (err) {
    tell("said", { level: err.status === 409 ? "info" : "error", text: { en: err.message, zh: err.message } })
    return null
  }
}
