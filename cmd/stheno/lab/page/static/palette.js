// Colours, from the style sheet's own, and what tells runs apart for those who see no colours: a mark and a dash.
let cache = null
export const dropColours = () => { cache = null }

export function colours() {
  if (cache) return cache
  const s = getComputedStyle(document.documentElement)
  const c = name => s.getPropertyValue("--" + name).trim()
  cache = { runs: [] }
  for (const name of ["paper", "card", "ink", "ink-2", "ink-3", "line", "grid", "accent", "accent-soft", "good", "good-soft", "bad", "warn", "act", "heat-neg", "heat-zero", "heat-pos"]) cache[name] = c(name)
  for (let i = 0; i < 12; i++) cache.runs.push(c("run-" + i))
  return cache
}

const marks = ["●", "■", "▲", "◆", "▼", "✚", "★", "○", "□", "△", "◇", "▽"]
const dashes = [[], [8, 4], [2, 3], [10, 3, 2, 3], [5, 2], [], [8, 4], [2, 3], [10, 3, 2, 3], [5, 2], [14, 4], [1, 2]]

// Each twelve runs have the colours in their order, and the marks from another one on: so that no two runs have both the same.
const n = r => Math.max(0, r?.color ?? 0)
const nth = r => (n(r) + 5 * Math.floor(n(r) / 12)) % 12
export const colour = r => colours().runs[n(r) % 12]
export const mark = r => marks[nth(r)]
export const dash = r => dashes[nth(r)]
