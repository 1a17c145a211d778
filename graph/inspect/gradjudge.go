package inspect

import (
	"math"
	"math/rand/v2"

	"github.com/stheno-ml/stheno/graph/internal/numeric"
)

// verdict is what differences say of one symbolic derivative.
type verdict uint8

const (
	agrees verdict = iota
	flat           // it is 0, or nothing but rounding, and the loss does not move, not nearby at least
	kink           // the loss bends here
	faint          // differences can't resolve it
	wrong
)

// A claim is a symbolic derivative along a line through the weights.
type claim struct {
	symbolic float64
	rounding float64 // of it
	unit     float64 // the size against which it is resolved or not
	scale    float64 // a step of this size is as large as the weights
	accuracy float64 // by the unit: enough for a comparison
	kind     int     // element or direction: which steps served last
	nothing  bool    // it is 0, or the whole gradient of its parameter is nothing but rounding
	suspect  bool    // it is part of a direction that was found wrong already
}

const (
	element, direction = 0, 1
	margin             = 8    // times the estimated error is wrong
	resolved           = 1e-2 // by the unit: what is allowed at most, for a comparison to say something
)

// judge compares the claim with differences of the loss. A line puts the weights a step along it, and says what the symbolic derivative along it is,
// of the gradients of a run there.
func (c *checker) judge(p *point, a claim, move func(t float64), symbolic func(gradients [][]float64) float64) (verdict, numeric.Estimate, float64, error) {
	loss := func(t float64) (float64, error) {
		move(t)
		l, err := c.loss()
		if err != nil {
			return math.NaN(), nil // more than an op can bear: a smaller step will do
		}
		return l, nil
	}
	defer move(0)
	search := numeric.Search{First: c.first[a.kind] * a.scale, Largest: a.scale, Noise: p.noise, Target: a.accuracy * a.unit}
	e, err := numeric.Derivative(loss, p.loss, search)
	if err != nil {
		return faint, e, 0, err
	}
	allowed := func(e numeric.Estimate) float64 { return margin*(e.Error+a.rounding) + margin*p.noise/search.Largest }
	size := max(a.unit, math.Abs(e.Value))
	tolerance := allowed(e)
	if math.Abs(a.symbolic-e.Value) <= tolerance {
		switch {
		case tolerance <= resolved*size:
			c.first[a.kind] = min(0x1p-3, e.Step/a.scale)
			return agrees, e, tolerance, nil
		case a.nothing && (!e.Moved || tolerance*a.scale <= 1e-6*max(math.Abs(p.loss), c.natural)):
			return flat, e, tolerance, nil
		case e.Bend != 0:
			return kink, e, tolerance, nil
		}
		return faint, e, tolerance, nil
	}
	if math.IsInf(e.Error, 0) {
		return faint, e, tolerance, nil
	}
	// Before it is called wrong, other steps must say so too, and of one mind.
	search.First, search.Target = search.First*.75, 0
	again, err := numeric.Derivative(loss, p.loss, search)
	if err != nil {
		return faint, e, 0, err
	}
	off := math.Abs(a.symbolic - again.Value)
	switch {
	case e.Bend != 0 && again.Bend != 0:
		return kink, e, tolerance, nil
	case finite(a.symbolic) && (off <= allowed(again) || math.Abs(again.Value-e.Value) >= off/4):
		return faint, e, tolerance, nil
	}
	if !a.suspect {
		if hidden, err := c.hides(a, again, off, move, symbolic); err != nil || hidden {
			return kink, e, tolerance, err
		}
	}
	return wrong, again, tolerance, nil
}

// hides says whether kinks lie so near on both sides that the differences saw nothing of what is between. Then the symbolic derivative, the mean of
// that before and behind, is another within the steps that the estimate is of, by as much as it is off, though the differences hardly change
// there; that of a wrong op is as wrong there as here.
func (c *checker) hides(a claim, e numeric.Estimate, off float64, move func(t float64), symbolic func([][]float64) float64) (bool, error) {
	for _, share := range [...]float64{1, .7, .5, .3, .2, .12, .06} {
		var losses [2]float64
		mean := 0.0
		for side, t := range [...]float64{-share * e.Step, share * e.Step} {
			move(t)
			if err := c.train.Run(); err != nil {
				return false, err
			}
			gradients, err := c.gradients(c.train)
			if err != nil {
				return false, err
			}
			losses[side] = c.train.Loss()
			mean += symbolic(gradients) / 2
		}
		slope := (losses[1] - losses[0]) / (2 * share * e.Step)
		if math.Abs(mean-a.symbolic) > off/4+8*math.Abs(slope-e.Value) {
			return true, nil
		}
	}
	return false, nil
}

// element compares the gradient of w[at].
func (c *checker) element(p *point, i, at int, suspect bool) (verdict, numeric.Estimate, float64, error) {
	w, g := c.weights[i], p.symbolic[i]
	was := w[at]
	a := claim{symbolic: g[at], nothing: g[at] == 0 || p.nothing[i], rounding: p.rounding[i][at], unit: math.Abs(g[at]), scale: power(max(math.Abs(was), sizeOf(w))), accuracy: 1e-6, kind: element, suspect: suspect}
	return c.judge(p, a, func(t float64) { w[at] = was + t }, func(gradients [][]float64) float64 { return gradients[i][at] })
}

// line compares the derivative along d, of the elements from an index on.
func (c *checker) line(p *point, i, from int, d []float64, suspect bool) (verdict, numeric.Estimate, claim, float64, error) {
	w := c.weights[i][from : from+len(d)]
	base := append([]float64(nil), w...)
	g, rounding := p.symbolic[i][from:], p.rounding[i][from:]
	a := claim{scale: power(sizeOf(base)), accuracy: 1e-10, kind: direction, suspect: suspect}
	parts, errors := make([]float64, len(d)), make([]float64, len(d))
	for j, x := range d {
		parts[j], errors[j] = g[j]*x, rounding[j]*x
		a.symbolic += parts[j]
	}
	a.unit, a.rounding = norm(parts), norm(errors)
	a.nothing = a.symbolic == 0 || p.nothing[i]
	v, e, tolerance, err := c.judge(p, a, func(t float64) {
		for j, x := range d {
			w[j] = base[j] + t*x
		}
	}, func(gradients [][]float64) float64 {
		sum := 0.0
		for j, x := range d {
			sum += gradients[i][from+j] * x
		}
		return sum
	})
	return v, e, a, tolerance, err
}

// along compares the derivative in a random direction, in which every element of the parameter has a part of 1/2 to 3/2, either way. No two
// errors are sure to cancel, and no element is too small in it to be seen.
func (c *checker) along(p *point, i int, r *rand.Rand, result *ParamCheck, s *state) error {
	d := make([]float64, len(c.weights[i]))
	for j := range d { // few digits, so that weights of float32 plus a step are exact
		d[j] = float64(64+r.IntN(129)) / 128
		if r.IntN(2) == 0 {
			d[j] = -d[j]
		}
	}
	v, e, a, tolerance, err := c.line(p, i, 0, d, false)
	if err != nil {
		return err
	}
	switch v {
	case agrees:
		result.Directions++
		s.compared = true
		if a.unit > 0 {
			if seen := tolerance / a.unit; !(result.Finest <= seen) {
				result.Finest = seen
			}
			result.MaxRel = max(result.MaxRel, math.Abs(a.symbolic-e.Value)/a.unit)
		}
	case flat:
		result.Directions++
		s.flat, s.rounded = true, s.rounded || a.symbolic != 0
	case kink:
		result.Kinks++
	case faint:
		result.Faint++
	case wrong:
		result.Directions++
		if a.unit > 0 {
			result.MaxRel = max(result.MaxRel, math.Abs(a.symbolic-e.Value)/a.unit)
		}
		if s.wrong && result.At != nil {
			return nil
		}
		s.wrong = true
		result.Symbolic, result.Numeric = a.symbolic, e.Value
		return c.locate(p, i, d, result)
	}
	return nil
}

// locate halves a wrong direction until one element is left that is wrong by itself.
func (c *checker) locate(p *point, i int, d []float64, result *ParamCheck) error {
	from := 0
	for len(d) > 1 {
		half := len(d) / 2
		v, _, _, _, err := c.line(p, i, from, d[:half], true)
		if err != nil {
			return err
		}
		if v == wrong {
			d = d[:half]
			continue
		}
		from, d = from+half, d[half:]
		if v, _, _, _, err = c.line(p, i, from, d, true); err != nil || v != wrong {
			return err
		}
	}
	v, e, _, err := c.element(p, i, from, true)
	if err == nil && v == wrong {
		result.At, result.Symbolic, result.Numeric = coordinates(from, c.shapes[i]), p.symbolic[i][from], e.Value
	}
	return err
}

// elements compares a sample of a parameter's elements.
func (c *checker) elements(p *point, i int, r *rand.Rand, result *ParamCheck, s *state) error {
	worst := -1.0
	for _, at := range sample(p.symbolic[i], len(c.weights) <= checkAll, r) {
		v, e, tolerance, err := c.element(p, i, at, false)
		if err != nil {
			return err
		}
		switch v {
		case kink:
			result.Kinks++
			continue
		case faint:
			result.Faint++
			continue
		case flat: // two numbers that are rounding are not apart
			s.flat, s.rounded = true, s.rounded || p.symbolic[i][at] != 0
			result.Checked++
			continue
		case wrong:
			s.wrong = true
		default:
			s.compared = true
		}
		result.Checked++
		symbolic := p.symbolic[i][at]
		off := math.Abs(symbolic - e.Value)
		if size := max(math.Abs(symbolic), math.Abs(e.Value)); size > 0 {
			result.MaxRel = max(result.MaxRel, off/size)
		}
		excess := off / tolerance
		if math.IsNaN(excess) {
			excess = math.Inf(1)
		}
		if v == wrong && excess > worst {
			worst = excess
			result.At, result.Symbolic, result.Numeric = coordinates(at, c.shapes[i]), symbolic, e.Value
		}
	}
	return nil
}

// power is the power of 2 at or below x.
func power(x float64) float64 {
	_, exponent := math.Frexp(x)
	return math.Ldexp(1, exponent-1)
}
