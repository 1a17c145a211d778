package optim

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/graph/internal/vec"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// testdata/golden.json holds what PyTorch made of the same weights and gradients, keras.json what Keras did; golden.py and golden_keras.py beside them wrote them.
type golden struct {
	Names     []string
	Shapes    [][]int
	Kept      []int // the steps whose weights are there, from 1
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
	"amsgrad":      func() Optimizer { return &Adam{AMSGrad: true} },
	"amsgrad other": func() Optimizer {
		return &Adam{LearningRate: 0.02, Beta1: 0.8, Beta2: 0.6, Epsilon: 1e-3, AMSGrad: true}
	},
	"adamw": func() Optimizer { return &AdamW{} },
	"adamw other": func() Optimizer {
		return &AdamW{LearningRate: 0.02, Beta1: 0.8, Beta2: 0.95, Epsilon: 1e-3, WeightDecay: 0.3}
	},
	"adamw amsgrad": func() Optimizer {
		return &AdamW{LearningRate: 0.02, Beta1: 0.8, Beta2: 0.6, Epsilon: 1e-3, WeightDecay: 0.3, AMSGrad: true}
	},
	"adamw matrices": func() Optimizer { return &AdamW{LearningRate: 0.02, WeightDecay: 0.3, MatricesOnly: true} },
	"rmsprop":        func() Optimizer { return &RMSProp{} },
	"rmsprop other":  func() Optimizer { return &RMSProp{LearningRate: 0.02, Rho: 0.6, Epsilon: 1e-3} },
	"adagrad":        func() Optimizer { return &AdaGrad{} },
	"adagrad other":  func() Optimizer { return &AdaGrad{LearningRate: 0.3, Epsilon: 1e-3} },
	"nadam":          func() Optimizer { return &Nadam{} },
	"nadam other":    func() Optimizer { return &Nadam{LearningRate: 0.02, Beta1: 0.8, Beta2: 0.95, Epsilon: 1e-3} },
	"nadam decay":    func() Optimizer { return &Nadam{LearningRate: 0.02, WeightDecay: 0.3} },
	"clip norm":      func() Optimizer { return &Clip{Optimizer: &SGD{LearningRate: 0.1}, Norm: 5} },
	"clip layer":     func() Optimizer { return &Clip{Optimizer: &SGD{LearningRate: 0.1}, Layer: 3} },
	"clip value":     func() Optimizer { return &Clip{Optimizer: &SGD{LearningRate: 0.1}, Value: 0.5} },
	"clip adam":      func() Optimizer { return &Clip{Optimizer: &Adam{}, Norm: 5} },
	"layer rates":    func() Optimizer { return &LayerRates{Optimizer: &Adam{}, Factors: Factors{"a.bias": 3, "b": 0.1}} },
	"scheduled": func() Optimizer {
		return &Scheduled{Optimizer: &AdamW{LearningRate: 0.01, WeightDecay: 0.3}, Schedule: Sequence{Warmup{Length: Steps(4)}, Cosine{Length: Steps(16)}}}
	},
	"ema": func() Optimizer { return &EMA{Optimizer: &Adam{}, Decay: 0.8} },
}

var kerasCases = map[string]func() Optimizer{
	"lion":           func() Optimizer { return &Lion{} },
	"lion other":     func() Optimizer { return &Lion{LearningRate: 0.02, Beta1: 0.8, Beta2: 0.95} },
	"lion decay":     func() Optimizer { return &Lion{LearningRate: 0.02, WeightDecay: 0.3} },
	"sgd decay":      func() Optimizer { return &SGD{LearningRate: 0.1, WeightDecay: 0.3} },
	"sgd matrices":   func() Optimizer { return &SGD{LearningRate: 0.1, WeightDecay: 0.3, MatricesOnly: true} },
	"nesterov decay": func() Optimizer { return &SGD{Momentum: 0.9, Nesterov: true, WeightDecay: 0.3} },
	"rmsprop decay":  func() Optimizer { return &RMSProp{LearningRate: 0.02, Rho: 0.6, Epsilon: Zero, WeightDecay: 0.3} },
	"clip norm":      func() Optimizer { return &Clip{Optimizer: &SGD{LearningRate: 0.1}, Norm: 5} },
	"ema":            func() Optimizer { return &EMA{Optimizer: &SGD{LearningRate: 0.1}, Decay: 0.8} },
}

func TestAgainstPyTorch(t *testing.T) {
	againstGolden(t, readGolden(t, "golden.json").Steps, goldenCases)
}

func TestAgainstKeras(t *testing.T) { againstGolden(t, readGolden(t, "keras.json").Steps, kerasCases) }

func readGolden(t *testing.T, file string) (g golden) {
	t.Helper()
	text, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &g); err != nil {
		t.Fatal(err)
	}
	return g
}

func againstGolden(t *testing.T, all map[string][][][]float64, cases map[string]func() Optimizer) {
	g := readGolden(t, "golden.json")
	if len(all) != len(cases) {
		t.Fatalf("the golden values are of %d cases, want %d", len(all), len(cases))
	}
	for name, steps := range all {
		make, ok := cases[name]
		if !ok {
			t.Fatalf("no case for the golden %q", name)
		}
		compare[float32](t, name+" in float32", make(), g, steps)
		compare[float64](t, name+" in float64", make(), g, steps)
		// Its text makes it again.
		text, err := Format(make())
		if err != nil {
			t.Fatal(err)
		}
		again, err := New(text, 0)
		if err != nil {
			t.Fatal(err)
		}
		compare[float32](t, text, again, g, steps)
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
	tolerance := 1e-9 // the golden values were reckoned in float64
	switch _, ok := any(T(0)).(float32); {
	case ok:
		tolerance = 5e-6
	case strings.HasPrefix(name, "clip"):
		tolerance = 2e-6 // PyTorch divides by the norm and a millionth; Keras by the norm
	}
	var model []gorgonia.ValueGrad
	for i, shape := range g.Shapes {
		p := &parameter{
			name:     g.Names[i],
			value:    tensor.New(tensor.WithShape(shape...), tensor.WithBacking(convert(g.Start[i]))),
			gradient: tensor.New(tensor.WithShape(shape...), tensor.Of(tensor.New(tensor.FromScalar(T(0))).Dtype())),
		}
		model = append(model, p)
	}
	for s := range g.Gradients {
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
		}
		at := slices.Index(g.Kept, s+1)
		if at < 0 {
			continue
		}
		for i, p := range model {
			weights := p.Value()
			if ema, ok := o.(*EMA); ok {
				weights = ema.Averages()[i]
			}
			for k, got := range weights.Data().([]T) {
				if want := steps[at][i][k]; !(math.Abs(float64(got)-want) <= tolerance*max(1, math.Abs(want))) {
					t.Fatalf("%s: step %d, parameter %d, element %d: got %.12g, the golden is %.12g", name, s+1, i, k, got, want)
				}
			}
		}
	}
}
