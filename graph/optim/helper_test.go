package optim

import (
	"math/rand/v2"
	"testing"

	"github.com/stheno-ml/stheno/graph/internal/vec"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// A parameter is a gorgonia.ValueGrad without a graph.
type parameter struct {
	name            string
	value, gradient gorgonia.Value
	err             error
}

func (p *parameter) Name() string                  { return p.name }
func (p *parameter) Value() gorgonia.Value         { return p.value }
func (p *parameter) Grad() (gorgonia.Value, error) { return p.gradient, p.err }

func random[T vec.Float](r *rand.Rand, shape ...int) *tensor.Dense {
	data := make([]T, tensor.Shape(shape).TotalSize())
	for i := range data {
		data[i] = T(r.NormFloat64())
	}
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(data))
}

// newModel returns parameters of the shapes with random values and gradients.
func newModel[T vec.Float](seed uint64, shapes ...[]int) []gorgonia.ValueGrad {
	r := rand.New(rand.NewPCG(seed, 0))
	var model []gorgonia.ValueGrad
	for _, shape := range shapes {
		model = append(model, &parameter{value: random[T](r, shape...), gradient: random[T](r, shape...)})
	}
	return model
}

// refill gives the model other gradients.
func refill(model []gorgonia.ValueGrad, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 1))
	for _, p := range model {
		switch g := p.(*parameter).gradient.Data().(type) {
		case []float32:
			for i := range g {
				g[i] = float32(r.NormFloat64())
			}
		case []float64:
			for i := range g {
				g[i] = r.NormFloat64()
			}
		}
	}
}

func mustStep(t *testing.T, o Optimizer, model []gorgonia.ValueGrad) {
	t.Helper()
	if err := o.Step(model); err != nil {
		t.Fatal(err)
	}
}

func mustNew(t testing.TB, name string) Optimizer {
	t.Helper()
	o, err := New(name, 0)
	if err != nil {
		t.Fatal(err)
	}
	return o
}
