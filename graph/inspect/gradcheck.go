package inspect

import (
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

	// What was compared: elements one by one, and all of them at once along random directions.
	Checked    int
	Directions int
	// What was left out, elements and directions: at a kink of the loss (a relu at 0), where there is no derivative, or with
	// gradients under what differences of the loss can resolve.
	Kinks, Faint int

	MaxRel  float64 // largest |symbolic−numeric| of an element by the larger of the two; of a direction d by |g∘d|, g being the whole gradient
	Finest  float64 // the least error, by |g∘d|, that a direction was fine enough to show; NaN if none was compared
	Float32 float64 // |g32−g64| / |g64| of the symbolic gradients in float32 and float64; NaN where float32 says nothing of it

	// The element that is furthest off, measured by what is allowed; nil where a wrong direction could be narrowed down to none.
	At       []int
	Symbolic float64
	Numeric  float64

	Note  string // what else is to be said: of float32 at these weights, and where others had to be taken
	Fault string // what is wrong, or why nothing could be compared; "" where the gradient is right
}

// OK says whether every parameter's gradient was compared and is right.
func (g *GradCheck) OK() bool {
	return !slices.ContainsFunc(g.Params, func(p ParamCheck) bool { return p.Fault != "" })
}

// String is a table, a parameter a line: what was compared, how far it is apart, from which error on a direction shows one, how far float32 is
// off, and a verdict.
func (g *GradCheck) String() string {
	var s strings.Builder
	name := 15
	for _, p := range g.Params {
		name = max(name, len(p.Name))
	}
	fmt.Fprintf(&s, "%-*s %8s %7s %10s %8s %9s %8s  %s\n", name, "parameter", "elements", "checked", "directions", "apart", "seen from", "float32", "verdict")
	for _, p := range g.Params {
		fmt.Fprintf(&s, "%-*s %8d %7d %10d %8s %9s %8s  %s\n", name, p.Name, p.Elements, p.Checked, p.Directions, brief(p.MaxRel), brief(p.Finest), brief(p.Float32), p.Verdict())
	}
	return s.String()
}

// Verdict is ok, or what is wrong, and what else is to be said.
func (p ParamCheck) Verdict() string {
	verdict := "ok"
	if p.Fault != "" {
		verdict = p.Fault
	}
	if p.Kinks > 0 {
		verdict += fmt.Sprintf("; %d at a kink", p.Kinks)
	}
	if p.Faint > 0 {
		verdict += fmt.Sprintf("; %d too faint to tell", p.Faint)
	}
	if p.Note != "" {
		verdict += "; " + p.Note
	}
	return verdict
}

func brief(x float64) string {
	if math.IsNaN(x) {
		return "-"
	}
	return fmt.Sprintf("%.0e", x)
}

const (
	checkAll     = 32 // the elements of parameters of up to so many are checked one by one, in models of up to so many parameters
	checkRandom  = 3  // of the others so many drawn at random …
	checkLargest = 3  // … and those with so many of the largest gradients
	checkAlong   = 2  // random directions a parameter
	otherPoints  = 4  // other weights, at most
)

// CheckGradients computes the gradients of the loss with regard to every parameter twice: symbolically, as training does, and from differences of
// the loss in float64, extrapolated, with an estimate of their error. A symbolic gradient is wrong if it is further off than
// eight times that error and the rounding of both.
//
// Of each parameter it compares the derivative along two random directions, in which every element has a part, so that a single one that
// is wrong shows: on smooth networks, one of 10,000 that is off by 1/10,000 of itself. Where a direction is off, its halves are compared
// until an element is found. Of parameters of up to 32 elements every element is compared too, of others, and in a model of more than 32 parameters, six. At a kink of the
// loss, such as a relu at 0, there is no derivative, and none is compared.
//
// It compares them at the weights as they are, and once more, by the same compiled program, at others nearby, so that a gradient that is kept from an
// earlier run is found. Where a parameter moves the loss too little to be seen, or much too much, or all of it is at a kink, these others
// are scaled to where it can be told, one matrix at a time if need be; the note says so. A parameter of which nothing could be compared has a Fault.
//
// If the model is one of float32, its gradients there must be float64's but for rounding, the extent of which is measured. Where float32
// overflows, underflows or is too coarse, the note says so, and float64's are judged.
//
// Frozen parameters, which have no gradient, are left out. Dropout is on, with the masks of step 0. A loss or a gradient that is another at the same weights in a second run is an error, and so is a
// program that changes its weights or its input. The model is not changed.
func CheckGradients(m *graph.Model, loss graph.Loss, b *train.Batch) (*GradCheck, error) {
	if m == nil {
		return nil, fmt.Errorf("inspect: gradient check: got no model: look at the error of the function that made it")
	}
	if b == nil || len(b.Inputs) == 0 {
		return nil, fmt.Errorf("inspect: gradient check: got no batch, want one, such as train.NewBatch makes")
	}
	c, err := newChecker(m, loss, b)
	if err != nil {
		return nil, err
	}
	given, err := c.look(rand.New(rand.NewPCG(c.seed, 1)))
	if err != nil {
		return nil, err
	}
	result := &GradCheck{Loss: given.loss, Batch: c.spec.Batch, Params: make([]ParamCheck, len(c.names))}
	states := make([]state, len(c.names))
	for i := range result.Params {
		p := &result.Params[i]
		*p = ParamCheck{Name: c.names[i], Shape: c.shapes[i], Elements: len(c.weights[i]), Finest: math.NaN(), Float32: math.NaN()}
		r := rand.New(rand.NewPCG(c.seed, uint64(i)+2))
		for range checkAlong {
			if err := c.along(given, i, r, p, &states[i]); err != nil {
				return nil, err
			}
		}
		if err := c.elements(given, i, r, p, &states[i]); err != nil {
			return nil, err
		}
		states[i].narrow = given.narrow[i]
		p.Float32 = given.narrow[i].distance
	}
	for round := range otherPoints {
		if round > 0 && !slices.ContainsFunc(states, func(s state) bool { return s.open() }) {
			break
		}
		if err := c.elsewhere(round, result, states); err != nil {
			return nil, err
		}
	}
	for i := range states {
		states[i].conclude(&result.Params[i])
	}
	return result, nil
}

// A state is what is known of one parameter.
type state struct {
	compared bool // something was compared, and not only zeros
	flat     bool // something was compared: the gradient is 0, or nothing but rounding, and the loss does not move
	rounded  bool // it is not 0 there, but rounding
	wrong    bool
	narrow   narrow // float32 at the given weights
	other    narrow // and at others
	where    string // it was compared, if not at the given weights
}

// open says whether other weights may tell more.
func (s state) open() bool { return !s.compared && !s.wrong }

// conclude words the verdict.
func (s state) conclude(p *ParamCheck) {
	var notes []string
	switch {
	case s.wrong && p.At != nil:
		p.Fault = fmt.Sprintf("WRONG at %v: symbolic %.6g, numeric %.6g", p.At, p.Symbolic, p.Numeric)
	case s.wrong:
		p.Fault = fmt.Sprintf("WRONG along a random direction: symbolic %.10g, numeric %.10g", p.Symbolic, p.Numeric)
	case s.narrow.off != "" && s.other.off != "":
		p.Fault = "WRONG in float32: " + s.narrow.off
	case s.narrow.mute != "" && s.other.off != "":
		p.Fault = "WRONG in float32: " + s.other.off
	case !s.compared && !s.flat:
		p.Fault = "NOT CHECKED: nothing could be compared"
	case !s.compared && s.rounded:
		notes = append(notes, "nothing but rounding, and the loss does not move, as with a bias before batch normalisation")
	case !s.compared:
		notes = append(notes, "all 0, and the loss does not move")
	}
	if p.Fault == "" && s.where != "" {
		notes = append(notes, "compared "+s.where)
	}
	switch {
	case s.narrow.mute != "":
		notes = append(notes, s.narrow.mute)
	case s.narrow.off != "" && p.Fault == "":
		notes = append(notes, "float32 is too coarse here: "+s.narrow.off)
	}
	p.Note = strings.Join(notes, "; ")
}

// sample chooses the elements to check, in order: all if they are few and wanted.
func sample(gradient []float64, few bool, r *rand.Rand) []int {
	all := make([]int, len(gradient))
	for i := range all {
		all[i] = i
	}
	if len(all) <= checkRandom+checkLargest || few && len(all) <= checkAll {
		return all
	}
	var chosen []int
	for len(chosen) < checkRandom {
		if i := r.IntN(len(all)); !slices.Contains(chosen, i) {
			chosen = append(chosen, i)
		}
	}
	for len(chosen) < checkRandom+checkLargest {
		largest := -1
		for i, g := range gradient {
			if !slices.Contains(chosen, i) && (largest < 0 || math.Abs(g) > math.Abs(gradient[largest])) {
				largest = i
			}
		}
		chosen = append(chosen, largest)
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
