package lab

import "slices"

// thinned is a curve of at most mostPoints: where it would have more, every second is left out, and so it goes on.
type thinned[T any] struct {
	kept   []T
	newest T
	whole  bool // newest is kept
	at     float64
	seen   int
	halved int // so many times
}

// add puts a point at its place behind the others. What is told again, after going back, is there already.
func (t *thinned[T]) add(at float64, point T) {
	if t.seen > 0 && at <= t.at {
		return
	}
	t.at, t.newest = at, point
	if t.whole = t.seen%(1<<t.halved) == 0; t.whole {
		t.kept = append(t.kept, point)
	}
	t.seen++
	if len(t.kept) < mostPoints {
		return
	}
	for i := range mostPoints / 2 {
		t.kept[i] = t.kept[2*i]
	}
	clear(t.kept[mostPoints/2:])
	t.kept, t.whole = t.kept[:mostPoints/2], false
	t.halved++
}

// all are the points that are left, and the newest.
func (t *thinned[T]) all() []T {
	all := slices.Clone(t.kept)
	if t.seen > 0 && !t.whole {
		all = append(all, t.newest)
	}
	return all
}
