package inspect

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/train"
)

// A GradCheck compares a model's symbolic gradients with numeric ones.
type GradCheck struct {
	Loss   float64 // on the batch, in float64
	Batch  int     // samples
	Params []ParamCheck
}

// A ParamCheck is what came of one parameter.
type ParamCheck struct {
	Name     string // "dense_1.weight"
	Shape    tensor.Shape
	Elements int
	Checked  int     // elements compared: all of a small parameter, of others a sample
	Kinks    int     // elements left out, at a kink of the loss (a relu at 0), where there is no derivative
	Faint    int     // elements left out, both of whose gradients lie under what differences can resolve
	MaxAbs   float64 // largest |symbolic−numeric|
	MaxRel   float64 // largest |symbolic−numeric| / max(|symbolic|, |numeric|)

	// The element that is furthest off, measured by what is allowed.
	At       []int
	Symbolic float64
	Numeric  float64

	OK bool
}

// OK says whether every parameter's gradient is right.
func (g *GradCheck) OK() bool {
	return !slices.ContainsFunc(g.Params, func(p ParamCheck) bool { return !p.OK })
}

// String is a table, a parameter a line: how far its gradients are apart, where they are furthest, by what is allowed, and a verdict.
func (g *GradCheck) String() string {
	var s strings.Builder
	fmt.Fprintf(&s, "%-18s %10s %8s %9s %9s  %-12s %s\n", "parameter", "elements", "checked", "largest", "relative", "where", "verdict")
	for _, p := range g.Params {
		verdict := "ok"
		if !p.OK {
			verdict = fmt.Sprintf("WRONG: symbolic %.6g, numeric %.6g", p.Symbolic, p.Numeric)
		}
		if p.Kinks > 0 {
			verdict += fmt.Sprintf("; %d at a kink", p.Kinks)
		}
		if p.Faint > 0 {
			verdict += fmt.Sprintf("; %d too faint to tell", p.Faint)
		}
		where := "-"
		if p.At != nil {
			where = fmt.Sprint(p.At)
		}
		fmt.Fprintf(&s, "%-18s %10d %8d %9.1e %9.1e  %-12s %s\n", p.Name, p.Elements, p.Checked, p.MaxAbs, p.MaxRel, where, verdict)
	}
	return s.String()
}

const (
	checkAll     = 64 // parameters of up to so many elements are checked whole
	checkRandom  = 12 // of the others so many elements drawn at random …
	checkLargest = 4  // … and those with so many of the largest gradients
	tolerance    = 1e-5
)

// The steps h of the differences: the error of the method is h²/6 times the third derivative, that of the rounding about ε·f/h. An element that agrees at
// one of them is right; a wrong one agrees at none.
const fine, middle, coarse = 1e-6, 1e-4, 1e-2

// CheckGradients computes the gradients of the loss with regard to every parameter twice, in float64: symbolically, as
// training does, and as (f(w+h) − f(w−h)) / 2h. Of a parameter of more than 64 elements it checks 16: 12 at random, drawn
// from the model's seed, and the 4 with the largest gradients. Dropout is on, with the masks of step 0. The model is not changed.
//
// Two gradients a, b of an element agree if |a−b| ≤ 1e-5·max(|a|, |b|), or the difference is lost in rounding.
func CheckGradients(m *graph.Model, loss graph.Loss, b *train.Batch) (*GradCheck, error) {
	m = m.Float64()
	if b == nil || len(b.Inputs) == 0 {
		return nil, errors.New("inspect: gradient check: got no batch, want one, such as train.NewBatch makes")
	}
	spec := graph.Spec{Mode: graph.Train, Batch: b.Len(), Loss: loss}
	program, err := m.Compile(spec)
	if err != nil {
		return nil, err
	}
	if err := b.Feed(program); err != nil {
		return nil, err
	}
	if err := program.Run(); err != nil {
		return nil, err
	}
	c := &checker{program: program, loss: program.Loss()}
	if math.IsNaN(c.loss) || math.IsInf(c.loss, 0) {
		return nil, fmt.Errorf("inspect: gradient check: the loss is %v, want a finite number: check with other weights or inputs", c.loss)
	}
	var symbolic [][]float64
	for i, g := range program.Grads() {
		grad, err := g.Grad()
		if err != nil {
			return nil, err
		}
		t, ok := grad.(*tensor.Dense)
		if !ok || t.Dtype() != tensor.Float64 || t.Size() != m.Params()[i].Value.Size() {
			return nil, fmt.Errorf("inspect: gradient check: parameter %s: got a gradient of type %T, shape %v, want float64 of shape %v: mend the SymDiff of its op", m.Params()[i].Name, grad, grad.Shape(), m.Params()[i].Value.Shape())
		}
		symbolic = append(symbolic, slices.Clone(t.Float64s()))
	}
	if err := c.hasten(m, spec, b); err != nil {
		return nil, err
	}
	result := &GradCheck{Loss: c.loss, Batch: spec.Batch}
	for i, p := range m.Params() {
		r := rand.New(rand.NewPCG(m.Config().Seed, uint64(i)))
		check, err := c.param(p, symbolic[i], r)
		if err != nil {
			return nil, err
		}
		result.Params = append(result.Params, check)
	}
	return result, nil
}

// checker evaluates the loss at other weights.
type checker struct {
	program *graph.Program
	loss    float64 // at the weights as they are
}

// hasten changes to a program without gradients, where the loss is the same to the last bit there: where no layer, such as
// dropout, does something else in training.
func (c *checker) hasten(m *graph.Model, spec graph.Spec, b *train.Batch) error {
	spec.Mode = graph.Evaluate
	program, err := m.Compile(spec)
	if err != nil {
		return err
	}
	if err := b.Feed(program); err != nil {
		return err
	}
	if err := program.Run(); err != nil {
		return err
	}
	if program.Loss() == c.loss {
		c.program = program
	}
	return nil
}

func (c *checker) param(p graph.Param, symbolic []float64, r *rand.Rand) (ParamCheck, error) {
	result := ParamCheck{Name: p.Name, Shape: p.Value.Shape().Clone(), Elements: len(symbolic), OK: true}
	worst := -1.0
	for _, at := range sample(symbolic, r) {
		e, err := c.element(p.Value.Float64s(), at, symbolic[at])
		if err != nil {
			return result, err
		}
		switch {
		case e.kink:
			result.Kinks++
			continue
		case e.faint:
			result.Faint++
			continue
		}
		result.Checked++
		difference := math.Abs(symbolic[at] - e.numeric)
		result.MaxAbs = max(result.MaxAbs, difference)
		if size := max(math.Abs(symbolic[at]), math.Abs(e.numeric)); size > 0 {
			result.MaxRel = max(result.MaxRel, difference/size)
		}
		if e.excess > worst {
			worst = e.excess
			result.At, result.Symbolic, result.Numeric = coordinates(at, result.Shape), symbolic[at], e.numeric
		}
		result.OK = result.OK && e.excess <= 1
	}
	return result, nil
}

// sample chooses the elements to check, in order.
func sample(gradient []float64, r *rand.Rand) []int {
	all := make([]int, len(gradient))
	for i := range all {
		all[i] = i
	}
	if len(all) <= checkAll {
		return all
	}
	chosen := r.Perm(len(all))[:checkRandom]
	slices.SortStableFunc(all, func(i, j int) int {
		switch a, b := math.Abs(gradient[i]), math.Abs(gradient[j]); {
		case a > b || b != b:
			return -1
		case a < b:
			return 1
		}
		return 0
	})
	for _, i := range all {
		if len(chosen) == checkRandom+checkLargest {
			break
		}
		if !slices.Contains(chosen, i) {
			chosen = append(chosen, i)
		}
	}
	slices.Sort(chosen)
	return chosen
}

// coordinates are an element's indices in a row-major tensor.
func coordinates(at int, shape tensor.Shape) []int {
	c := make([]int, len(shape))
	for i := len(shape) - 1; i >= 0; i-- {
		c[i] = at % shape[i]
		at /= shape[i]
	}
	return c
}

// element is what the differences said of one element; faint if no step resolved it.
type element struct {
	numeric     float64
	excess      float64 // |symbolic−numeric| in multiples of what is allowed
	kink, faint bool
}

// element compares one symbolic gradient, that of w[at].
func (c *checker) element(w []float64, at int, symbolic float64) (element, error) {
	best := element{excess: math.Inf(1)}
	resolved, moved := false, false
	bound := math.Inf(1) // on the slope, by steps that did not resolve it
	steps := [...]float64{middle, fine, coarse}
	if tolerance*math.Abs(symbolic) < c.noise(middle) { // so small a slope takes a large step to see
		steps = [...]float64{coarse, middle, fine}
	}
	for _, h := range steps {
		above, below, err := c.around(w, at, h)
		if err != nil {
			return best, err
		}
		numeric := (above - below) / (2 * h)
		noise := c.noise(h)
		size := max(math.Abs(symbolic), math.Abs(numeric))
		if size > bound {
			continue // a smaller step saw less: this one went over a kink
		}
		if size <= noise {
			moved = moved || numeric != 0
			bound = min(bound, noise)
			resolved = resolved && math.Abs(best.numeric) <= bound
			if h == coarse {
				break
			}
			continue // a larger step may tell
		}
		e := element{numeric: numeric, excess: math.Abs(symbolic-numeric) / (tolerance*size + noise)}
		if math.IsNaN(e.excess) {
			e.excess = math.Inf(1)
		}
		if !resolved || e.excess < best.excess {
			best, resolved = e, true
		}
		if e.excess <= 1 && (tolerance*size > noise || h == coarse) {
			return best, nil // no other step could say it better
		}
	}
	switch {
	case !resolved && symbolic == 0 && !moved: // nothing moves the loss, and that is what the gradient says
		return element{}, nil
	case !resolved:
		return element{faint: true}, nil
	case best.excess <= 1:
		return best, nil
	}
	var err error
	best.kink, err = c.kink(w, at)
	return best, err
}

// noise bounds what rounding does to a difference quotient of step h.
func (c *checker) noise(h float64) float64 { return 0x1p-52 * 16 * max(1, math.Abs(c.loss)) / h }

// around is the loss with w[at] a little larger and a little smaller.
func (c *checker) around(w []float64, at int, h float64) (above, below float64, err error) {
	was := w[at]
	defer func() { w[at] = was }()
	w[at] = was + h
	if err = c.program.Run(); err != nil {
		return 0, 0, err
	}
	above = c.program.Loss()
	w[at] = was - h
	if err = c.program.Run(); err != nil {
		return 0, 0, err
	}
	return above, c.program.Loss(), nil
}

// kink says whether the loss bends at w[at]: whether its slopes to the left and to the right differ, and go on differing as the
// step shrinks, which those of a smooth function do not.
func (c *checker) kink(w []float64, at int) (bool, error) {
	bends := [2]float64{}
	slope := 0.0
	for i, h := range [...]float64{middle, fine} {
		above, below, err := c.around(w, at, h)
		if err != nil {
			return false, err
		}
		right, left := (above-c.loss)/h, (c.loss-below)/h
		bends[i] = math.Abs(right - left)
		slope = max(math.Abs(right), math.Abs(left))
	}
	return bends[1] > .2*bends[0] && bends[1] > max(4*c.noise(fine), 1e-3*slope), nil
}
