package inspect

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/train"
)

// checker runs a model of its own, in float64, at weights that it moves.
type checker struct {
	spec    graph.Spec
	seed    uint64
	batch   *train.Batch
	names   []string
	shapes  []tensor.Shape
	weights [][]float64    // the model's own
	train   *graph.Program // loss and gradients
	forward *graph.Program // training without gradients
	quick   *graph.Program // the loss alone, where that is the same: evaluation, or forward; else train
	natural float64        // the loss where all weights are 0: the size of what the loss is computed from, however small it has become
	float32 *graph.Program // on narrow; nil if the model is one of float64
	narrow  [][]float32

	first [2]float64 // steps that served last, by the size of the weights: for elements, for directions
}

func newChecker(m *graph.Model, loss graph.Loss, b *train.Batch) (*checker, error) {
	wide := m.Float64()
	c := &checker{spec: graph.Spec{Mode: graph.Train, Batch: b.Len(), Loss: loss}, seed: m.Config().Seed, batch: b, first: [2]float64{0x1p-6, 0x1p-6}}
	for _, p := range wide.Trainable() {
		c.names = append(c.names, p.Name)
		c.shapes = append(c.shapes, p.Value.Shape().Clone())
		c.weights = append(c.weights, p.Value.Float64s())
	}
	var err error
	if c.train, err = c.compile(wide, graph.Train, false); err != nil {
		return nil, err
	}
	if c.forward, err = c.compile(wide, graph.Train, true); err != nil {
		return nil, err
	}
	if c.quick, err = c.compile(wide, graph.Evaluate, false); err != nil {
		return nil, err
	}
	if !m.Config().Float64 {
		single := m.Float32()
		for _, p := range single.Trainable() {
			c.narrow = append(c.narrow, p.Value.Float32s())
		}
		if c.float32, err = c.compile(single, graph.Train, false); err != nil {
			return nil, err
		}
	}
	if err := c.repeats(); err != nil {
		return nil, err
	}
	given := c.save()
	for _, w := range c.weights {
		clear(w)
	}
	if c.natural, err = c.loss(); err != nil || !finite(c.natural) {
		c.natural = 0 // no weights at all may be more than an op can bear
	}
	c.natural = math.Abs(c.natural)
	c.restore(given)
	c.choose(given)
	return c, nil
}

// choose leaves evaluation out where it is not training: where a layer, such as dropout, does something else there. That is seen at weights at random; at the given
// ones, such as zeros, both may have one loss, and other slopes.
func (c *checker) choose(given [][]float64) {
	r := rand.New(rand.NewPCG(c.seed, 0))
	for i, w := range given {
		size := sizeOf(w)
		for j := range w {
			c.weights[i][j] = w[j] + size*(2*r.Float64()-1)
		}
	}
	defer c.restore(given)
	if c.train.Run() != nil {
		c.quick = c.train
	}
	c.settle()
}

// settle goes on to a program whose loss is to the last bit that of training, which has just run: each of them takes longer than the one before.
func (c *checker) settle() {
	for c.quick != c.train && (c.quick.Run() != nil || c.quick.Loss() != c.train.Loss()) {
		if c.quick == c.forward {
			c.quick = c.train
		} else {
			c.quick = c.forward
		}
	}
}

func (c *checker) compile(m *graph.Model, mode graph.Mode, forward bool) (*graph.Program, error) {
	spec := c.spec
	spec.Mode, spec.Forward = mode, forward
	p, err := m.Compile(spec)
	if err != nil {
		return nil, err
	}
	return p, c.batch.Feed(p)
}

// repeats runs the program three times at the same weights. A loss or a gradient that is another one then has no numeric counterpart.
func (c *checker) repeats() error {
	given, input := c.save(), c.inputs()
	var loss float64
	var gradients [][]float64
	for run := range 3 {
		if err := c.train.Run(); err != nil {
			return err
		}
		for i, w := range c.weights {
			if !same(w, given[i]) {
				return fmt.Errorf("inspect: gradient check: running the program changed parameter %s: an op writes into its input, as Gorgonia's Add and Sub do on a Reshape: use the op of package ops", c.names[i])
			}
		}
		if !same(c.inputs(), input) {
			return fmt.Errorf("inspect: gradient check: running the program changed its input: an op writes into what it is given, as Gorgonia's Add and Sub do on a Reshape: use the op of package ops")
		}
		again, err := c.gradients(c.train)
		if err != nil {
			return err
		}
		now := c.train.Loss()
		if run == 0 {
			loss, gradients = now, again
			if !finite(loss) {
				return fmt.Errorf("inspect: gradient check: the loss is %v, want a finite number: check with other weights or inputs", loss)
			}
			continue
		}
		if now != loss {
			return fmt.Errorf("inspect: gradient check: the loss does not repeat: got %v, and %v in run %d at the same weights, so differences of it say nothing: an op that draws at random must do so as a function of the step, as ops.Dropout does with a Builder's Stream, and no op may keep state from run to run", loss, now, run+1)
		}
		for i := range again {
			if !same(again[i], gradients[i]) {
				return fmt.Errorf("inspect: gradient check: the gradient of %s does not repeat: run %d at the same weights gives another: an op of its SymDiff keeps state from run to run, or draws at random", c.names[i], run+1)
			}
		}
	}
	return nil
}

// inputs are the elements of all inputs.
func (c *checker) inputs() []float64 {
	var all []float64
	for _, t := range c.train.Inputs() {
		if t.Dtype() == tensor.Int32 {
			for _, id := range t.Int32s() {
				all = append(all, float64(id))
			}
			continue
		}
		all = append(all, t.Float64s()...)
	}
	return all
}

// same compares bits, so that NaN is equal to itself.
func same(a, b []float64) bool {
	for i := range a {
		if math.Float64bits(a[i]) != math.Float64bits(b[i]) {
			return false
		}
	}
	return true
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// gradients copies those of a program's last run.
func (c *checker) gradients(p *graph.Program) ([][]float64, error) {
	all := make([][]float64, len(c.weights))
	for i, g := range p.Grads() {
		grad, err := g.Grad()
		if err != nil {
			return nil, err
		}
		t, ok := grad.(*tensor.Dense)
		if !ok || t.Dtype() != g.Value().Dtype() || t.Size() != len(c.weights[i]) {
			return nil, fmt.Errorf("inspect: gradient check: parameter %s: got a gradient of type %T, shape %v, want %v of shape %v: mend the SymDiff of its op", c.names[i], grad, grad.Shape(), g.Value().Dtype(), c.shapes[i])
		}
		all[i] = slices.Clone(wide(t))
	}
	return all, nil
}

// loss is that at the weights as they are.
func (c *checker) loss() (float64, error) {
	err := c.quick.Run()
	return c.quick.Loss(), err
}

func (c *checker) save() [][]float64 {
	all := make([][]float64, len(c.weights))
	for i, w := range c.weights {
		all[i] = slices.Clone(w)
	}
	return all
}

func (c *checker) restore(saved [][]float64) {
	for i, w := range saved {
		copy(c.weights[i], w)
	}
}

// A point is weights, and what the loss and its symbolic gradients are there.
type point struct {
	loss     float64
	noise    float64     // of the loss, by rounding
	symbolic [][]float64 // by parameter
	rounding [][]float64 // how far rounding may move each of them
	nothing  []bool      // a parameter's gradient is nothing but rounding: it is another when the weights move by a bit, and to the loss it would be less than its rounding is
	narrow   []narrow    // what float32 makes of them
}

// look measures at the weights as they are.
func (c *checker) look(r *rand.Rand) (*point, error) {
	if err := c.train.Run(); err != nil {
		return nil, err
	}
	p := &point{loss: c.train.Loss()}
	var err error
	if p.symbolic, err = c.gradients(c.train); err != nil {
		return nil, err
	}
	c.settle()
	given := c.save()
	defer c.restore(given)
	if p.noise, err = c.noise(given, p.loss, r); err != nil {
		return nil, err
	}
	if p.rounding, err = c.response(given, p.symbolic, 0x1p-50, r); err != nil {
		return nil, err
	}
	for i, g := range p.symbolic {
		floor := 0x1p-51 * rms(g)
		for j := range g {
			p.rounding[i][j] += floor + 0x1p-51*math.Abs(g[j])
		}
		p.nothing = append(p.nothing, norm(p.rounding[i]) > 1e-3*norm(g) && norm(g)*sizeOf(c.weights[i]) <= margin*p.noise)
	}
	p.narrow, err = c.narrowly(given, p.symbolic, r)
	return p, err
}

// noise estimates how far rounding moves the loss, from third differences of it at weights that lie so near together that it is a straight line but
// for rounding (Moré and Wild 2011, Estimating computational noise).
func (c *checker) noise(given [][]float64, loss float64, r *rand.Rand) (float64, error) {
	direction := make([][]float64, len(given))
	for i, w := range given {
		direction[i] = make([]float64, len(w))
		size := sizeOf(w)
		for j := range w {
			direction[i][j] = size * (2*r.Float64() - 1)
		}
	}
	var values [8]float64
	for k := range values { // all on one side, since biases of 0 may be at a kink
		for i, w := range given {
			for j, d := range direction[i] {
				c.weights[i][j] = w[j] + float64(k+1)*0x1p-40*d
			}
		}
		var err error
		if values[k], err = c.loss(); err != nil {
			return 0, err
		}
	}
	squares := 0.0
	for k := range len(values) - 3 {
		d := values[k+3] - 3*values[k+2] + 3*values[k+1] - values[k]
		squares += d * d
	}
	measured := math.Sqrt(squares / float64(len(values)-3) / 20)
	return max(2*measured, 0x1p-52*max(math.Abs(loss), c.natural)), nil
}

// response is how far the gradients move when every weight is moved by up to that share of itself, at random.
func (c *checker) response(given, symbolic [][]float64, share float64, r *rand.Rand) ([][]float64, error) {
	for i, w := range given {
		for j := range w {
			c.weights[i][j] = w[j] * (1 + share*(2*r.Float64()-1))
		}
	}
	defer c.restore(given)
	if err := c.train.Run(); err != nil {
		return nil, err
	}
	moved, err := c.gradients(c.train)
	if err != nil {
		return nil, err
	}
	for i, g := range moved {
		for j := range g {
			g[j] = math.Abs(g[j] - symbolic[i][j])
		}
	}
	return moved, nil
}

// sizeOf is the root mean square of a parameter's elements, 1 where all are 0.
func sizeOf(w []float64) float64 {
	if s := rms(w); s > 0 {
		return s
	}
	return 1
}

func rms(v []float64) float64 { return norm(v) / math.Sqrt(float64(len(v))) }

// norm is |v|, of elements of any size.
func norm(v []float64) float64 {
	largest := 0.0
	for _, x := range v {
		largest = max(largest, math.Abs(x))
	}
	if largest == 0 || !finite(largest) {
		return largest
	}
	squares := 0.0
	for _, x := range v {
		squares += x / largest * (x / largest)
	}
	return largest * math.Sqrt(squares)
}
