// Drawing, once an animation frame: a job that is asked for ten times before its turn is done once, and a frame ends when its time is up; what is left comes next. The browser needs
// some 2 ms of its own for a frame that changes anything, so that little is left for what changes it.
const budget = 0.3 // ms; a job that has begun ends
const unseenBudget = 100 // ms, while nothing of the page is seen
const jobs = new Map()
const parts = new Set()  // the names of those of which a part is done, and the rest is to come
const anew = new Map()   // name → fn: of those, what was asked for meanwhile
const rests = new Map()   // name → when it may be done again, of jobs that are done now and then only
const resting = new Map() // name → fn: those that are asked for meanwhile
const aside = new Map()  // name → fn: what changes nothing on the page itself, such as what the painter is told, and needs no frame
const owed = new Map()    // element → name → fn: what is to be drawn there once it is in sight
let waiting = false, timer = 0, pause = 0
let before = 0 // ms spent on messages since the last frame
let standing = null // what is asked whether the page stands, while it does not

// times are the milliseconds of scripts in each of the last 2,000 frames, the reading of messages included.
export const times = []

// spends are what each job took: how often it was done, how many ms in all, and at most.
export const spends = new Map()

const want = () => { if (!waiting) { waiting = true; requestAnimationFrame(frame) } }

// soon has fn done in a next frame, and not before every ms have gone by since it was done last; one with the same name that waits is forgotten. What a fn returns is a fn too: the rest
// of the job, which may wait for a frame of its own, and is done before the job is begun anew: however often that is asked for, it comes to its end. Where beside is true it is done between frames.
export function soon(name, fn, { every = 0, beside = false } = {}) {
  if (every && !rests.has(name)) rests.set(name, { every, until: 0 })
  if (!every || rests.get(name).until <= performance.now()) { resting.delete(name); turn(name, fn, beside); return }
  resting.set(name, [fn, beside])
  timer ||= setTimeout(wake, 100)
}

function turn(name, fn, beside) {
  if (parts.has(name)) { anew.set(name, fn); return }
  if (!beside) { jobs.set(name, fn); want(); return }
  aside.set(name, fn)
  pause ||= setTimeout(next, 0)
}

// next does one of the jobs beside the frames; another one's turn is a frame later.
function next() {
  const [[name, fn]] = aside
  aside.delete(name)
  spent(done(name, fn))
  pause = aside.size ? setTimeout(next, 17) : 0
}

// wake has those done that have rested, all by one timer.
function wake() {
  const now = performance.now()
  timer = 0
  for (const [name, [fn, beside]] of resting) if (rests.get(name).until <= now) { resting.delete(name); turn(name, fn, beside) }
  if (resting.size) timer = setTimeout(wake, 100)
}

// done does a job, and gives the ms it took.
function done(name, fn) {
  const begun = performance.now()
  parts.delete(name)
  try {
    const rest = fn()
    if (typeof rest === "function") { parts.add(name); anew.has(name) || jobs.has(name) && anew.set(name, jobs.get(name)); jobs.set(name, rest); want() }
  } catch (err) { console.error(name, err) }
  if (!parts.has(name) && anew.has(name)) { jobs.set(name, anew.get(name)); anew.delete(name); want() }
  const end = performance.now(), took = end - begun, [n, all, most] = spends.get(name) ?? [0, 0, 0], r = rests.get(name)
  spends.set(name, [n + 1, all + took, Math.max(most, took)])
  if (r) r.until = end + r.every
  return took
}

// spent counts time of the main thread outside of frames.
export function spent(ms) { before += ms }

// unseen has frames hurry until fn gives true: it is asked where the frame before left nothing to do, not even for those whose size has changed.
export function unseen(fn) { standing = fn; want() }

function frame() {
  const begun = performance.now()
  waiting = false
  if (standing && !jobs.size && standing()) standing = null
  for (const [name, fn] of jobs) {
    jobs.delete(name)
    done(name, fn)
    if (performance.now() - begun > (standing ? unseenBudget : budget)) break
  }
  times.push(performance.now() - begun + before)
  before = 0
  if (times.length > 2000) times.splice(0, 1000)
  if (jobs.size || standing) want()
}

const inSight = new Set()
const watch = new IntersectionObserver(all => {
  for (const { target, isIntersecting } of all) {
    if (!isIntersecting) { inSight.delete(target); continue }
    inSight.add(target)
    for (const [name, [fn, how]] of owed.get(target) ?? []) soon(name, fn, how)
    owed.get(target)?.clear()
  }
}, { rootMargin: "160px" })

// seen is soon for what is drawn on an element: where that is not in sight it waits until it is.
export function seen(element, name, fn, how) {
  if (!owed.has(element)) { owed.set(element, new Map()); watch.observe(element) }
  if (inSight.has(element)) soon(name, fn, how)
  else owed.get(element).set(name, [fn, how])
}
