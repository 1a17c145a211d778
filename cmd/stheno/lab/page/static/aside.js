// What is said beside the figures of a run, twice: in the few words that the bar has room for on a telephone, and in full.
import { lab } from "./state.js"
import { whole } from "./format.js"
import { pick, t } from "./i18n.js"

const alone = text => ({ short: text, full: text })

// aside says of a run that is at a step, and goes to another or to none (null), why it is over and which weights it has then, since those by which it is judged need not be those of the step; or where it is.
export function aside(r, at, to = null) {
  if (lab.seek) return { short: t("on_way_short", whole(lab.seek.step), whole(lab.seek.to)), full: t("on_way", lab.runs.get(lab.seek.run)?.name ?? "", whole(lab.seek.to), whole(lab.seek.step)) }
  if (to !== null) return alone(t("going", whole(to)))
  const why = pick(r.why)
  if (r.condition === "diverged" || r.condition === "failed") return { short: t(r.condition), full: t(r.condition) + (why ? t("because", why) : "") }
  if (at < (r.head ?? 0)) return { short: t("past_short"), full: t("past") }
  if (r.condition !== "done") return alone("")
  return {
    short: t(why ? "stopped_early" : "done") + (r.kept_epoch ? t("kept_short", r.kept_epoch) : ""),
    full: t(why ? "stopped_early" : "done") + (why ? t("because", why) : "") + (r.kept_epoch ? t("kept_epoch", r.kept_epoch) : ""),
  }
}
