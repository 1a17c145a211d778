// Where something above changes its height, what is pointed at, or has the focus, stays where it is: the page is scrolled by as much as it would have been pushed away.

// pointed is what the pointer is on; else what has the focus, where it is in sight.
function pointed() {
  const at = [...document.querySelectorAll("main :hover")].at(-1)
  if (at || document.querySelector("body > :hover:not(main)")) return at
  const focus = document.activeElement, box = focus?.closest("main") && focus.getBoundingClientRect()
  return box && box.bottom > 0 && box.top < innerHeight ? focus : null
}

// hold does a change of the page, so that nothing leaps away under the pointer.
export function hold(change) {
  const e = pointed()
  if (!e) return change()
  const was = e.getBoundingClientRect().top
  change()
  const by = e.isConnected ? e.getBoundingClientRect().top - was : 0
  if (Math.abs(by) >= 1) scrollBy({ top: by, behavior: "instant" })
}
