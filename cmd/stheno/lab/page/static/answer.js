// What a model says of a sample, in a sentence and on its meters.
import { h } from "./dom.js"
import { figure, percent } from "./format.js"
import { pick, t } from "./i18n.js"

// answered shows a prediction; truth is what the sample is, where that is known. It gives the name of the winner.
export function answered(r, a, truth, verdict, bars) {
  if (a.refused) { verdict.textContent = pick(a.refused); bars.set(null, -1); return null }
  const names = r.classes ?? [], known = truth !== undefined && truth !== null && truth !== ""
  if (a.values?.length) { // with as many digits as stheno predict writes
    verdict.textContent = t("says_number", a.values.slice(0, 12).map(v => figure(v, 6)).join(", ") + (a.values.length > 12 ? " …" : "")) + (known ? " " + t("truth_is", truth) : "")
    return null
  }
  bars.set(a.probabilities, a.winner ?? -1)
  if (typeof a.winner !== "number") { verdict.textContent = [known && t("truth_is", truth), ...(a.remarks ?? []).map(pick)].filter(Boolean).join(" "); return null }
  const says = names[a.winner] ?? String(a.winner), sure = percent(a.probabilities?.[a.winner])
  const [before, after] = (known && String(truth) !== says ? t("says_truth", "\u0001", sure, String(truth)) : t("says", "\u0001", sure)).split("\u0001")
  verdict.replaceChildren(before, h("b", { text: says }), after, ...(a.remarks ?? []).map(m => h("span", { class: "note", text: " " + pick(m) })))
  return says
}
