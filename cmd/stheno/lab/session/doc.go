// Package session is the lab without its page: the runs that are in memory, the one goroutine that trains them, and what it is asked to do between two steps.
//
// [Session.Serve] owns every model. While it trains, by train.Fit with one observer of its own, it carries out what [Session.Do] asks for after each step; what moves a run to another place, or changes
// it, ends Fit in good order first. When nothing trains it waits. So there is no lock on weights. What happens it tells as a [Message].
//
// A run is its seed and its segments: from which step on which settings hold. Training is exact, so a run is at any of its steps what it was there before: [Session] keeps checkpoints, within a budget of
// memory, and trains on from the nearest one without telling. A change in the past makes a branch, a run of its own with the same past.
package session
