// Drawing, once an animation frame: a job that is asked for ten times before the next frame is done once, and a frame ends when its time is up; what is left comes next.
const budget = 2.5 // ms; a job that has begun ends
const jobs = new Map()
let waiting = false
let before = 0 // ms spent on messages since the last frame

// times are the main thread's milliseconds in each of the last 2,000 frames, the reading of messages included.
export const times = []

// spends are what each job took at most, in ms.
export const spends = new Map()

// soon has fn done in a next frame; one with the same name that waits is forgotten.
export function soon(name, fn) {
  jobs.set(name, fn)
  if (!waiting) { waiting = true; requestAnimationFrame(frame) }
}

// spent counts time of the main thread outside of frames.
export function spent(ms) { before += ms }

function frame() {
  const begun = performance.now()
  waiting = false
  for (const [name, fn] of jobs) {
    const at = performance.now()
    jobs.delete(name)
    try { fn() } catch (err) { console.error(name, err) }
    const took = performance.now() - at
    if (!(spends.get(name) >= took)) spends.set(name, took)
    if (performance.now() - begun > budget) break
  }
  times.push(performance.now() - begun + before)
  before = 0
  if (times.length > 2000) times.splice(0, 1000)
  if (jobs.size && !waiting) { waiting = true; requestAnimationFrame(frame) }
}
