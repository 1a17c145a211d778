// The page is seen when it stands: what comes one by one in its first moments would push away what is there already.
import { $ } from "./dom.js"
import { lab, on, run } from "./state.js"
import { unseen } from "./frame.js"

const patience = 1000 // ms for what the lab finds of a run after it has told that there is one: it may be long in coming
let told = 0 // when that was

// stands says whether the lab has told what the page is made of: its runs, and of the one that is looked at the layers, and the diagnosis where there is one.
function stands() {
  if (!lab.state?.ready) return false
  told ||= performance.now()
  const r = run()
  return !r || lab.layers.has(r.id) && (!r.head || r.condition === "playing" || lab.findings.has(r.id)) || performance.now() - told > patience
}

export function start() {
  on("state", "preparing", () => { $("preparing").hidden = lab.state?.ready !== false }, { now: true })
  unseen(() => {
    if (!stands()) return false
    document.body.ariaBusy = "false"
    return true
  })
}
