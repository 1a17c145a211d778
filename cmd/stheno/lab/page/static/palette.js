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

const nth = r => ((r?.color ?? 0) % 12 + 12) % 12
export const colour = r => colours().runs[nth(r)]
export const mark = r => marks[nth(r)]
export const dash = r => dashes[nth(r)]
