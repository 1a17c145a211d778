package optim

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/stheno-ml/stheno/graph/internal/vec"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// testdata/golden.json holds what PyTorch made of the same weights and gradients; golden.py beside it wrote it.
type golden struct {
	Shapes    [][]int
	Start     [][]float64
	Gradients [][][]float64
	Steps     map[string][][][]float64
}

// The zero value of each stands for the defaults that golden.py spells out.
var goldenCases = map[string]func() Optimizer{
	"sgd":          func() Optimizer { return &SGD{} },
	"sgd lr":       func() Optimizer { return &SGD{LearningRate: 0.3} },
	"momentum":     func() Optimizer { return &SGD{Momentum: 0.9} },
	"momentum 0.5": func() Optimizer { return &SGD{LearningRate: 0.1, Momentum: 0.5} },
	"nesterov":     func() Optimizer { return &SGD{Momentum: 0.9, Nesterov: true} },
	"adam":         func() Optimizer { return &Adam{} },
	"adam other":   func() Optimizer { return &Adam{LearningRate: 0.02, Beta1: 0.8, Beta2: 0.95, Epsilon: 1e-3} },
	"adamw":        func() Optimizer { return &AdamW{} },
	"adamw other": func() Optimizer {
		return &AdamW{LearningRate: 0.02, Beta1: 0.8, Beta2: 0.95, Epsilon: 1e-3, WeightDecay: 0.3}
	},
	"rmsprop":       func() Optimizer { return &RMSProp{} },
	"rmsprop other": func() Optimizer { return &RMSProp{LearningRate: 0.02, Rho: 0.6, Epsilon: 1e-3} },
	"adagrad":       func() Optimizer { return &AdaGrad{} },
	"adagrad other": func() Optimizer { return &AdaGrad{LearningRate: 0.3, Epsilon: 1e-3} },
}

func TestAgainstPyTorch(t *testing.T) {
	text, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var want golden
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	if len(want.Steps) != len(goldenCases) {
		t.Fatalf("golden.json has %d cases, want %d", len(want.Steps), len(goldenCases))
	}
	for name, steps := range want.Steps {
		make, ok := goldenCases[name]
		if !ok {
			t.Fatalf("no case for %q of golden.json", name)
		}
		compare[float32](t, name+" in float32", make(), want, steps)
		compare[float64](t, name+" in float64", make(), want, steps)
	}
}

func compare[T vec.Float](t *testing.T, name string, o Optimizer, g golden, steps [][][]float64) {
	convert := func(x []float64) []T {
		c := make([]T, len(x))
		for i, v := range x {
			c[i] = T(v)
		}
		return c
	}
	var model []gorgonia.ValueGrad
	for i, shape := range g.Shapes {
		p := &parameter{
			value:    tensor.New(tensor.WithShape(shape...), tensor.WithBacking(convert(g.Start[i]))),
			gradient: tensor.New(tensor.WithShape(shape...), tensor.Of(tensor.New(tensor.FromScalar(T(0))).Dtype())),
		}
		model = append(model, p)
	}
	for s, want := range steps {
		var gradients [][]T
		for i, p := range model {
			data := convert(g.Gradients[s][i])
			copy(p.(*parameter).gradient.Data().([]T), data)
			gradients = append(gradients, data)
		}
		mustStep(t, o, model)
		for i, p := range model {
			if !slices.Equal(p.(*parameter).gradient.Data().([]T), gradients[i]) {
				t.Errorf("%s: step %d changed the gradient of parameter %d", name, s+1, i)
			}
			for k, got := range p.Value().Data().([]T) {
				if d := math.Abs(float64(got) - want[i][k]); !(d <= 1e-6*max(1, math.Abs(want[i][k]))) {
					t.Fatalf("%s: step %d, parameter %d, element %d: got %.9g, PyTorch has %.9g", name, s+1, i, k, got, want[i][k])
				}
			}
		}
	}
}
