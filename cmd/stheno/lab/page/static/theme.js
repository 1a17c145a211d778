// Before anything is drawn: the theme that was chosen here, or the system's.
(() => {
  let chosen = null
  try { chosen = localStorage.getItem("theme") } catch { /* a browser that keeps nothing */ }
  const dark = chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches
  document.documentElement.dataset.theme = dark ? "dark" : "light"
})()
