package numeric

import "math"

// An Estimate is what differences say of a derivative.
type Estimate struct {
	Value float64 // of the derivative; at a kink the mean of the slopes to the left and to the right
	Error float64 // how far off Value may be, by what steps of several sizes say of it; +Inf where they say nothing
	Bend  float64 // slope to the right minus slope to the left, as the step goes to 0; 0 where rounding hides what there is
	Step  float64 // the largest step that Value is of
	Moved bool    // some step changed the function's value
}

// A Search says how Derivative looks for its steps.
type Search struct {
	First   float64 // the step to begin with, above 0: any guess will do, a good one saves evaluations. A power of 2 keeps x+h exact
	Largest float64 // no step is larger; at least First
	Noise   float64 // how far a value of the function may be off by rounding, such as ε·|f|
	Target  float64 // an error to be content with; 0 asks for the best that there is
}

const (
	order   = 4  // steps in one extrapolation
	deepest = 60 // how often the first step is halved at most
)

// Derivative estimates f'(0), given f(0). It takes central differences at steps that are halved, extrapolates up to four of them
// to a step of 0 (Richardson), and takes the error from how far neighbours in that table are apart, as Ridders does (Ridders 1982, Accurate
// computation of F'(x) and F'(x)F”(x)), and from the noise. The difference of the slopes to the right and to the left is extrapolated in the same
// way: it vanishes where f is smooth, and where it does not, it counts as error.
//
// Where the error is more than the noise explains, the next step is smaller: so the steps end up on one side of a kink beside 0, and
// within the waves of a function that varies fast. Where it is noise, the next step is larger.
func Derivative(f func(t float64) (float64, error), f0 float64, s Search) (Estimate, error) {
	t := &table{f: f, f0: f0, search: s, noise: max(s.Noise, 0x1p-53*math.Abs(f0))}
	for range order - 1 {
		if err := t.finer(); err != nil {
			return Estimate{}, err
		}
	}
	best := t.best()
	var coarser float64 // levels above the first without gain
	for best.Error > s.Target {
		finest := t.levels[len(t.levels)-1].h
		var err error
		switch {
		case best.Error > 4*t.blur(finest/2) && finest > s.First*0x1p-60 && len(t.levels) < deepest:
			err = t.finer()
		case t.levels[0].h*2 <= s.Largest && coarser < 3:
			err = t.coarser()
			coarser++
		default:
			best.Moved = t.moved
			return best, nil
		}
		if err != nil {
			return Estimate{}, err
		}
		if next := t.best(); next.Error < best.Error/2 {
			coarser, best = 0, next
		} else if next.Error < best.Error {
			best = next
		}
	}
	best.Moved = t.moved
	return best, nil
}

// table holds the differences, from the largest step to the smallest, each half of the one before.
type table struct {
	f      func(float64) (float64, error)
	f0     float64
	search Search
	noise  float64
	moved  bool
	levels []level
}

type level struct{ h, slope, bend float64 }

// blur bounds what rounding does to a central difference of step h, extrapolated.
func (t *table) blur(h float64) float64 { return 2 * t.noise / h }

func (t *table) finer() error {
	h := t.search.First
	if n := len(t.levels); n > 0 {
		h = t.levels[n-1].h / 2
	}
	l, err := t.at(h)
	t.levels = append(t.levels, l)
	return err
}

func (t *table) coarser() error {
	l, err := t.at(t.levels[0].h * 2)
	t.levels = append([]level{l}, t.levels...)
	return err
}

func (t *table) at(h float64) (level, error) {
	above, err := t.f(h)
	if err != nil {
		return level{}, err
	}
	below, err := t.f(-h)
	if err != nil {
		return level{}, err
	}
	t.moved = t.moved || above != t.f0 || below != t.f0
	return level{h, (above - below) / (2 * h), ((above - t.f0) + (below - t.f0)) / h}, nil
}

// best is the estimate of least error among all extrapolations.
func (t *table) best() Estimate {
	best := Estimate{Error: math.Inf(1)}
	for fine := range t.levels {
		var shorter [order]float64 // extrapolations over 1, 2, … levels that end here
		for n := range min(order, fine+1) {
			// Neville's scheme over levels fine−n … fine.
			var s, b [order]float64
			for i := range n + 1 {
				s[i], b[i] = t.levels[fine-n+i].slope, t.levels[fine-n+i].bend
			}
			var without float64 // the extrapolation that leaves out the finest level
			for j := 1; j <= n; j++ {
				without = s[0]
				even, odd := math.Pow(4, float64(j)), math.Pow(2, float64(2*j-1)) // a slope's error is of h², h⁴ …, a bend's of h, h³ …
				for i := range n - j + 1 {
					s[i] = (even*s[i+1] - s[i]) / (even - 1)
					b[i] = bendless(odd, b[i], b[i+1])
				}
			}
			shorter[n] = s[0]
			if n == 0 {
				continue
			}
			blur := t.blur(t.levels[fine].h)
			e := Estimate{Value: s[0], Step: t.levels[fine-n].h}
			e.Error = max(math.Abs(s[0]-shorter[n-1]), math.Abs(s[0]-without)) + blur
			if bend := math.Abs(b[0]); !(bend <= 6*blur) {
				e.Bend = b[0]
				e.Error += bend / 2
			}
			// Smaller steps must confirm it: coarse ones agree on nothing, where they are whole waves of the function.
			room := math.Abs(t.levels[fine].slope-e.Value) + e.Error
			for _, l := range t.levels[fine+1:] {
				if off := math.Abs(l.slope - e.Value); off > room+t.blur(l.h) {
					e.Error = max(e.Error, off)
				}
			}
			if e.Error < best.Error {
				best = e
			}
		}
	}
	return best
}

// bendless takes one power of the step out of a bend; at the first, 2^1, the factors are 2 and −1.
func bendless(power, coarse, fine float64) float64 {
	return (power*fine - coarse) / (power - 1)
}
