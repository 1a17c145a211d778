package optim

import (
	"fmt"
	"math"
	"strings"

	"github.com/stheno-ml/stheno/graph/internal/parallel"
	"github.com/stheno-ml/stheno/graph/internal/vec"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Clip cuts the gradients before the optimizer that it wraps takes them, in one of three ways; Norm of 1 if none is set.
//
//	Norm:   g ← g·Norm/‖g‖ where ‖g‖ > Norm, over all parameters together (Pascanu, Mikolov and Bengio 2013; Keras' global_clipnorm)
//	Layer:  the same for each layer by itself: its weights and its bias together
//	Value:  each element to [−Value, Value]
//
// A step in which nothing is larger has the same bits as without it. Gradients that are not finite are left as they are, so that the loop sees them.
// Layers are told apart by the parameters' names, up to the last dot; a parameter without a name is one by itself.
type Clip struct {
	Optimizer Optimizer // SGD if nil
	Norm      float64
	Layer     float64
	Value     float64

	last     Clipping
	wishes   wishes
	partials []float64
}

// A Clipping is what a step found.
type Clipping struct {
	Size    float64 // of the gradient before: the norm, the largest of the layers' norms, or the largest absolute element
	Clipped bool    // it was too large
}

// Clipping is that of the last step.
func (c *Clip) Clipping() Clipping { return c.last }

// Name returns "clip".
func (c *Clip) Name() string { return "clip" }

// Unwrap returns the optimizer that it wraps.
func (c *Clip) Unwrap() Optimizer { return wrapped(&c.Optimizer) }

// Rate returns the learning rate.
func (c *Clip) Rate() float64 { return c.Unwrap().Rate() }

// SetRate sets the learning rate; 0 trains nothing.
func (c *Clip) SetRate(lr float64) { c.Unwrap().SetRate(lr) }

// State returns a copy of the running values, those of the optimizer within: there are no others.
func (c *Clip) State() State { return c.Unwrap().State() }

// SetState replaces the running values by a copy of s.
func (c *Clip) SetState(s State) error { return c.Unwrap().SetState(s) }

// Validate refuses limits out of range, and more than one.
func (c *Clip) Validate() error {
	set := 0
	for _, limit := range []struct {
		field string
		value float64
	}{{"Norm", c.Norm}, {"Layer", c.Layer}, {"Value", c.Value}} {
		if !(limit.value >= 0 && limit.value < infinity) {
			return fmt.Errorf("optim: clip: %s is %v, want a finite number, 0 or more", limit.field, limit.value)
		}
		if limit.value > 0 {
			set++
		}
	}
	if set > 1 {
		return fmt.Errorf("optim: clip: got %d of Norm, Layer and Value, want one of them, such as clip adam 1, or clip adam value=0.5", set)
	}
	return checkWrapped(c)
}

// Step clips the gradients and makes a step of the optimizer within; an error says what is wrong, and nothing has changed.
func (c *Clip) Step(model []gorgonia.ValueGrad) error {
	if err := c.Validate(); err != nil {
		return err
	}
	gradients := make([]*tensor.Dense, len(model))
	for i, p := range model {
		if p == nil {
			return fmt.Errorf("optim: clip: parameter %d: it is nil", i)
		}
		w, err := dense(p.Value())
		if err == nil {
			if gradients[i], err = gradientOf(p, w); err != nil {
				err = fmt.Errorf("its gradient%w", err)
			}
		} else {
			err = fmt.Errorf("its value %w", err)
		}
		if err != nil {
			return fmt.Errorf("optim: clip: parameter %d: %w", i, err)
		}
	}
	clipping, limit := Clipping{}, c.Norm+c.Layer+c.Value // one of them
	if limit == 0 {
		limit = 1
	}
	scales := make([]float64, len(model)) // 0: as it is
	switch {
	case c.Value > 0:
		for _, g := range gradients {
			clipping.Size = max(clipping.Size, c.maxAbs(g))
		}
	default:
		squares := map[string]float64{}
		groups := make([]string, len(model))
		for i, g := range gradients {
			if c.Layer > 0 {
				groups[i] = layerOf(model[i], i)
			}
			squares[groups[i]] += c.sumSquares(g)
		}
		for i := range gradients {
			norm := math.Sqrt(squares[groups[i]])
			clipping.Size = max(clipping.Size, norm)
			if norm > limit && norm < infinity {
				scales[i] = limit / norm
			}
		}
	}
	clipping.Clipped = clipping.Size > limit && clipping.Size < infinity
	to := model
	if clipping.Clipped {
		to = c.wishes.of(model)
		for i := range to {
			if scales[i] == 0 && c.Value == 0 {
				continue
			}
			w := &c.wishes.all[i]
			if w.alters() { // another clip's: what it makes of the gradient is clipped
				w.ValueGrad, w.wish.scale, w.wish.limit = &ready{w.ValueGrad, gradients[i]}, 1, 0
			}
			if w.wish.limit = c.Value; c.Value == 0 {
				w.wish.scale = scales[i]
			}
		}
	}
	if err := c.Optimizer.Step(to); err != nil {
		return err
	}
	c.last = clipping
	return nil
}

// ready is a parameter with a gradient that was made of its own.
type ready struct {
	gorgonia.ValueGrad
	gradient *tensor.Dense
}

func (r *ready) Grad() (gorgonia.Value, error) { return r.gradient, nil }

// Name is the parameter's.
func (r *ready) Name() string { return nameOf(r.ValueGrad) }

// layerOf is what the name of a parameter's layer is; of one without a name something that no other has.
func layerOf(p gorgonia.ValueGrad, i int) string {
	name := nameOf(p)
	if dot := strings.LastIndexByte(name, '.'); dot >= 0 {
		return name[:dot]
	}
	return fmt.Sprintf("%s\x00%d", name, i)
}

// stretch is how many elements are added up by themselves: sums do not depend on the number of threads.
const stretch = 32 << 10

func (c *Clip) sumSquares(t *tensor.Dense) (sum float64) {
	for _, s := range c.each(t, vec.SumSquares[float32], vec.SumSquares[float64]) {
		sum += s
	}
	return sum
}

func (c *Clip) maxAbs(t *tensor.Dense) (most float64) {
	for _, s := range c.each(t, func(x []float32) float64 { return float64(vec.MaxAbs(x)) }, vec.MaxAbs[float64]) {
		most = max(most, s)
	}
	return most
}

// each reduces a tensor stretch by stretch.
func (c *Clip) each(t *tensor.Dense, f32 func([]float32) float64, f64 func([]float64) float64) []float64 {
	n := t.Shape().TotalSize()
	stretches := (n + stretch - 1) / stretch
	for len(c.partials) < stretches {
		c.partials = append(c.partials, 0)
	}
	partials := c.partials[:stretches]
	if t.Dtype() == tensor.Float32 {
		x := t.Float32s()
		parallel.For(stretches, 1, func(lo, hi int) {
			for i := lo; i < hi; i++ {
				partials[i] = f32(x[i*stretch : min((i+1)*stretch, n)])
			}
		})
		return partials
	}
	x := t.Float64s()
	parallel.For(stretches, 1, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			partials[i] = f64(x[i*stretch : min((i+1)*stretch, n)])
		}
	})
	return partials
}
