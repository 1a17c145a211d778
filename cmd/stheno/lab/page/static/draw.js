// Draw a digit: by mouse, finger or keys, or take a test sample, or upload a picture; the model answers while you draw.
import { h, put } from "./dom.js"
import { run } from "./state.js"
import { get, post } from "./stream.js"
import { answered } from "./answer.js"
import { meters } from "./meters.js"
import { paint } from "./pixels.js"
import { figure } from "./format.js"
import { colours } from "./palette.js"
import { say } from "./live.js"
import { t } from "./i18n.js"

const brush = 1.05 // radius of the ink, in cells

export function draw(r, body, tools) {
  const [tall, wide, channels = 1] = r.input.shape
  const inked = channels === 1 && tall <= 64 && wide <= 64
  const cells = new Float32Array(tall * wide * channels)
  let cursor = [Math.floor(wide / 2), Math.floor(tall / 2)], focused = false, pen = false // whether the keyboard's pen is down
  let sample = null  // the test sample that is shown: {i, label, picture}
  let file = null    // the base64 of an upload
  let lookedTo = -1  // the last test sample that was looked at for a wrong one
  let asked = 0, shownOf = 0, busy = false, again = false, askedAt = null, timer = 0

  const ink = h("canvas", { class: "ink", tabindex: "0", role: "application", test: "pad", "aria-label": t("pad_label", wide, tall) })
  const seen = h("canvas", { role: "img", "aria-label": t("sees") }), slope = h("canvas", { role: "img", "aria-label": t("pixel_gradient_none") })
  const slopeSays = h("figcaption", { text: t("pixel_gradient_none") })
  const verdict = h("p", { class: "verdict", test: "verdict" })
  const classes = r.kind === "classes" || r.kind === "labels" ? r.classes ?? [] : []
  const bars = meters(classes), sloped = h("figure", { title: classes.length ? t("heat_key") : null }, slope, slopeSays)
  const says = h("p", { class: "note", test: "sample-says" })
  const choose = h("input", { type: "file", accept: "image/*", class: "hidden-text", tabindex: "-1", "aria-label": t("upload_picture"), test: "picture-file", onchange: () => load(choose.files[0]) })
  const number = h("button", { type: "button", test: "test-sample", onclick: () => take(sample ? sample.i + 1 : Math.floor(Math.random() * Math.max(1, run()?.test_samples ?? 1000))) , text: t("test_sample") })
  const wrongs = r.kind === "classes" && h("button", { type: "button", test: "next-wrong", onclick: nextWrong, text: t("next_wrong") })
  body.replaceChildren(h("div", { class: "pad" + (inked && classes.every(c => String(c).length < 4) ? " inked" : "") },
    h("div", {}, ink, h("div", { class: "small" }, h("figure", {}, seen, h("figcaption", { text: t("sees") })), classes.length > 0 && sloped)),
    h("div", {}, verdict, classes.length ? bars.root : sloped)), // of a model that gives a picture back it stands beside the first
    h("div", { class: "buttons pad-tools" },
      inked && h("button", { type: "button", test: "clear", onclick: clear, text: t("clear") }), number, wrongs,
      h("button", { type: "button", test: "upload-picture", onclick: () => choose.click(), text: t("upload_picture") }), choose), says)
  blank()
  show()

  function blank() {
    for (const c of [seen, slope]) { c.width = wide; c.height = tall; const g = c.getContext("2d"); g.fillStyle = colours().grid; g.fillRect(0, 0, wide, tall) }
    bars.set(null, -1)
    verdict.textContent = t(inked ? "says_nothing" : "test_sample")
    slopeSays.textContent = t(classes.length ? "pixel_gradient_none" : "puts_out")
    says.textContent = inked ? t("pad_hint") : ""
  }

  function clear() { cells.fill(0); pen = false; sample = null; file = null; asked++; shownOf = asked; again = false; clearTimeout(timer); timer = 0; blank(); show() }

  function show() {
    if (sample || file) { if (sample) paint(ink, sample.picture) } else {
      ink.width = wide
      ink.height = tall
      if (!inked) return
      const g = ink.getContext("2d"), image = g.createImageData(wide, tall)
      const dark = document.documentElement.dataset.theme === "dark"
      for (let i = 0; i < cells.length; i++) { const v = Math.round(cells[i] * 255); image.data.set(dark ? [255, 255, 255, v] : [10, 14, 18, v], i * 4) }
      g.putImageData(image, 0, 0)
      if (focused) { g.strokeStyle = colours().accent; g.lineWidth = 1; g.strokeRect(cursor[0] + .5 - 1, cursor[1] + .5 - 1, 2, 2); if (pen) { g.fillStyle = colours().accent; g.fillRect(cursor[0], cursor[1], 1, 1) } }
    }
  }

  // stroke inks the cells near the line from a to b; the ink thins out over a cell at its edge.
  function stroke([ax, ay], [bx, by], wipe = false) {
    if (sample || file) { cells.fill(0); sample = null; file = null; says.textContent = "" }
    const dx = bx - ax, dy = by - ay, l2 = dx * dx + dy * dy
    const r0 = Math.max(0, Math.floor(Math.min(ay, by) - 3)), r1 = Math.min(tall - 1, Math.ceil(Math.max(ay, by) + 3))
    const c0 = Math.max(0, Math.floor(Math.min(ax, bx) - 3)), c1 = Math.min(wide - 1, Math.ceil(Math.max(ax, bx) + 3))
    for (let y = r0; y <= r1; y++) for (let x = c0; x <= c1; x++) {
      const u = l2 ? Math.max(0, Math.min(1, ((x + .5 - ax) * dx + (y + .5 - ay) * dy) / l2)) : 0
      const d = Math.hypot(x + .5 - ax - u * dx, y + .5 - ay - u * dy)
      const v = Math.max(0, Math.min(1, brush + .55 - d))
      cells[y * wide + x] = wipe ? Math.min(cells[y * wide + x], 1 - v) : Math.max(cells[y * wide + x], v)
    }
    show()
    ask()
  }

  const place = e => { const b = ink.getBoundingClientRect(); return [(e.clientX - b.left) / b.width * wide, (e.clientY - b.top) / b.height * tall] }
  let last = null
  if (inked) {
    ink.addEventListener("pointerdown", e => { if (e.button !== 0) return; e.preventDefault(); ink.focus({ preventScroll: true }); ink.setPointerCapture(e.pointerId); last = place(e); stroke(last, last, e.shiftKey) })
    ink.addEventListener("pointermove", e => { if (!last) return; for (const p of e.getCoalescedEvents?.() ?? []) { const to = place(p); stroke(last, to, e.shiftKey); last = to } const to = place(e); stroke(last, to, e.shiftKey); last = to })
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) ink.addEventListener(end, () => { last = null })
    ink.addEventListener("focus", () => { focused = ink.matches(":focus-visible"); show() })
    ink.addEventListener("blur", () => { focused = false; pen = false; show() })
    ink.addEventListener("keydown", e => {
      const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[e.key]
      const from = [cursor[0] + .5, cursor[1] + .5]
      if (move) {
        cursor = [Math.max(0, Math.min(wide - 1, cursor[0] + move[0])), Math.max(0, Math.min(tall - 1, cursor[1] + move[1]))]
        focused = true
        if (pen || e.shiftKey) stroke(from, [cursor[0] + .5, cursor[1] + .5])
        else show()
      } else if (e.key === " ") {
        if (!e.repeat) {
          focused = true
          pen = !pen
          if (pen) stroke(from, from)
          else show()
          says.textContent = t(pen ? "pen_down" : "pen_up")
          say(says.textContent)
        }
      } else if (e.key === "Escape") ink.blur()
      else if (e.key === "Delete" || e.key === "Backspace") { focused = true; stroke(from, from, true) }
      else if (e.key === "c" || e.key === "C") clear()
      else return
      e.preventDefault()
      e.stopPropagation()
    })
  }

  async function take(i) {
    const is = run()
    if (!is) return
    try {
      const s = await get("api/sample", { run: is.id, i: is.test_samples ? i % is.test_samples : i, set: "test" })
      sample = { i: s.i, label: s.label, picture: s.picture }
      lookedTo = s.i
      file = null
      fromSample(sample)
      says.textContent = sample.label ? t("test_is", sample.i, sample.label) : t("test_sample") + " " + sample.i
      number.textContent = t("next")
      show()
      ask()
    } catch (err) { says.textContent = err.message }
  }

  // nextWrong takes the next test sample that the model tells wrongly.
  async function nextWrong() {
    const is = run()
    if (!is) return
    try {
      const w = await get("api/wrong", { run: is.id, i: lookedTo })
      lookedTo = w.last
      if (w.sample) await take(w.sample.i)
      else says.textContent = t("none_wrong", w.looked)
    } catch (err) { says.textContent = err.message }
  }

  function fromSample(s) {
    const text = atob(s.picture.data)
    if (text.length === cells.length) for (let k = 0; k < cells.length; k++) cells[k] = text.charCodeAt(k) / 255
  }

  function load(f) {
    choose.value = ""
    if (!f) return
    const reader = new FileReader()
    reader.onload = () => { file = String(reader.result).split(",")[1] ?? ""; sample = null; says.textContent = f.name; ask() }
    reader.onerror = () => { says.textContent = f.name }
    reader.readAsDataURL(f)
  }

  // ask asks once at a time, and once more where something was drawn meanwhile.
  async function ask() {
    asked++
    clearTimeout(timer)
    timer = 0
    if (busy) { again = true; return }
    const is = run()
    if (!is) return
    busy = true
    again = false
    const mine = asked
    askedAt = is.id + is.step
    const what = file ? { picture: file } : sample ? { i: sample.i, set: "test" } : { pixels: Array.from(cells, v => Math.round(v * 255)) }
    try {
      const a = await post("api/predict", { run: is.id, ...what, gradient: true })
      if (mine >= shownOf) { shownOf = mine; answer(a) }
    } catch (err) { if (mine >= shownOf) { blank(); verdict.textContent = err.message } }
    busy = false
    const now = run()
    if (again) { clearTimeout(timer); timer = setTimeout(ask, 30) }
    else if (now) look(now) // it learnt on meanwhile
  }

  function answer(a) {
    if (a.seen?.data) { paint(seen, a.seen); if (file) paint(ink, a.seen) }
    if (a.values?.length === cells.length) { // a picture again
      const low = Math.min(0, ...a.values), high = Math.max(a.seen?.high ?? 1e-9, ...a.values)
      if (a.seen?.data && typeof a.seen.low === "number") {
        const was = atob(a.seen.data), off = a.values.reduce((sum, v, k) => sum + (v - a.seen.low - was.charCodeAt(k) / 255 * (a.seen.high - a.seen.low)) ** 2, 0)
        put(verdict, t("off_by", figure(Math.sqrt(off / a.values.length))))
      }
      paint(slope, { width: wide, height: tall, channels, data: btoa(String.fromCharCode(...a.values.map(v => Math.round(255 * ((v ?? 0) - low) / (high - low))))) })
      put(slopeSays, t("puts_out"))
      slope.ariaLabel = t("puts_out")
      sloped.hidden = false
      return
    }
    const says = answered(r, a, sample?.label, verdict, bars)
    if (a.gradient?.data) { paint(slope, a.gradient, true); put(slopeSays, t("pixel_gradient", says ?? "") + t("colon") + t("heat_key")); slope.ariaLabel = slopeSays.textContent }
    sloped.hidden = !a.gradient?.data
  }

  // look: the model has learnt since, and what is drawn is asked again, at most twice a second.
  function look(now) {
    if (busy || timer || !ink.isConnected || askedAt === null || askedAt === now.id + now.step || cells.every(v => v === 0) && !file && !sample) return
    timer = setTimeout(ask, 500)
  }

  return {
    look,
    focus: () => { ink.scrollIntoView({ block: "center" }); ink.focus() },
  }
}
