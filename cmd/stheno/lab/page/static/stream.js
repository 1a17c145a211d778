// The server: its stream of events, read for as long as the page is seen, and what is asked of it.
import { aimless, at, kinds, lab, look, on, take, tell } from "./state.js"
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

// What is asked goes out in a line, in which each means the run and the step that were seen when it was asked for. A command follows the one before it when that was answered, or has been under way for so long that the
// lab has it in its own line, where a pause may end it.
const ahead = 100 // ms
let line = Promise.resolve()
let last = {}       // the command at the end of the line
let waiting = 0     // commands in it
let until = 0       // the state that has what was asked
let made = null     // a promise of the run that the last of them chooses, where that is not known yet

const chooses = ["start", "mend", "restart", "branch", "change"], moves = ["play", "step", "epoch"], plays = { play: true, epoch: true, start: true, mend: true, pause: false, step: false, branch: false, goto: false }

// inLine is when the lab has all that was asked for by now.
export const inLine = () => line

// order puts a command into the line. Where it names no run it means the one that is looked at, or is made by those before it; pause and speed are of any.
export function order(what, fields = {}) {
  tell("asked") // what is to go before it
  const of = fields.run ?? (["pause", "speed", "start"].includes(what) ? undefined : made ?? lab.current)
  const sent = { do: what, ...fields }, aim = lab.aim
  if (moves.includes(what) || what === "change") { if (!made && aim.step !== null && aim.run === of && !aim.moves) sent.step ??= aim.step }
  if (what === "branch" && !made) sent.step ??= at(lab.runs.get(of))
  const me = { what, of, next: null }
  last.next = me
  last = me
  waiting++
  let go
  const gone = new Promise(done => { go = done })
  const mine = line.then(async () => {
    try {
      if (what === "goto" && me.next?.what === "goto" && me.next.of === of) return null // somebody drags a bar
      sent.run = await of
      setTimeout(go, ahead)
      const a = await ask("api/do", json(sent))
      until = Math.max(until, a.told ?? 0)
      return a
    } finally { waiting-- }
  })
  line = Promise.race([gone, mine.then(settle, settle)])
  lab.aim = { ...aim, playing: plays[what] ?? aim.playing }
  if (what === "select" || what === "goto") {
    made = null
    if (what === "goto") lab.aim = { ...lab.aim, run: of, step: fields.step, moves: false }
    else if (of !== lab.current || aim.moves) lab.aim = { run: of, step: null, playing: false, moves: false }
  } else if (moves.includes(what)) {
    if (!made) lab.aim.run = of
    lab.aim.moves = true
    if (lab.runs.get(of)?.on_disk) made = mine.then(a => a.run) // a run that was kept goes on as another
  } else if (chooses.includes(what) || what === "remove" && of === lab.current) {
    made = mine.then(a => a.run)
    lab.aim.moves = true
  }
  made?.catch(() => {}) // which is said of the command
  look()
  tell("state")
  return mine
}

// settle has the page go by what the server tells, where all of what was asked is in it.
function settle() {
  if (waiting || lab.aim === aimless || (lab.state?.told ?? 0) < until) return
  lab.aim = aimless
  made = null
  look()
  tell("state")
}

on("state", "settle", settle, { now: true })
on("another", "settle-another", () => { until = 0; made = null }, { now: true })

const json = body => ({ method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) })

export const get = async (path, query = {}) => {
  await line
  const q = new URLSearchParams(Object.entries(query).filter(([, v]) => v !== undefined && v !== null))
  return ask(path + (q.size ? "?" + q : ""))
}

export const post = async (path, body) => {
  await line
  return ask(path, json(body))
}

export function upload(file, fields = {}) {
  const form = new FormData()
  for (const [k, v] of Object.entries(fields)) form.append(k, v)
  form.append("file", file, file.name)
  return ask("api/upload", { method: "POST", body: form })
}

// command carries out what the reader asked; a refusal is said and gives null. Of 409 it is no mistake, but that somebody wanted something else meanwhile; of 200 neither, but that there is nothing more to do.
export async function command(what, fields = {}) {
  try { return await order(what, fields) } catch (err) {
    tell("said", { level: [200, 409].includes(err.status) ? "info" : "error", text: { en: err.message, zh: err.message } })
    return null
  }
}
