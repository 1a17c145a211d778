package graph_test

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/ops"
	"github.com/stheno-ml/stheno/graph/optim"
)

// trained hashes every bit that some steps of training leave: losses, outputs, gradients, parameters.
func trained(t *testing.T, seed uint64) string {
	t.Helper()
	m := model(t, graph.Config{Input: graph.Floats(60), Seed: seed},
		layers.Dropout{Rate: .1},
		layers.Dense{Units: 130, Activation: layers.ReLU, Weights: graph.HeNormal},
		layers.Dropout{Rate: .4},
		layers.Residual{layers.Dense{Units: 130, Activation: layers.Tanh}, layers.Dropout{Rate: .5}},
		layers.Concat{layers.Dense{Units: 7, Activation: layers.Softplus}, layers.Dense{Units: 20, Activation: layers.LeakyReLU}},
		swish,
		layers.Dense{Units: 10, Activation: layers.Softmax, Weights: graph.GlorotNormal},
	)
	p := compile(t, m, graph.Spec{Mode: graph.Train, Batch: 64, Loss: losses.CrossEntropy{}})
	o := &optim.Adam{LearningRate: .01}
	sum := sha256.New()
	for step := range uint64(4) {
		fill(p, step) // the data are the same for every seed
		p.SetStep(step)
		run(t, p)
		binary.Write(sum, binary.LittleEndian, math.Float64bits(p.Loss()))
		binary.Write(sum, binary.LittleEndian, p.Output().Float32s())
		grads := gradients(t, m, p)
		for _, param := range m.Params() {
			binary.Write(sum, binary.LittleEndian, grads[param.Name])
		}
		if err := o.Step(p.Grads()); err != nil {
			t.Fatal(err)
		}
	}
	binary.Write(sum, binary.LittleEndian, bits(m))
	return fmt.Sprintf("%x", sum.Sum(nil))
}

func TestSameSeedSameBits(t *testing.T) {
	first := trained(t, 1)
	if again := trained(t, 1); again != first {
		t.Error("the same seed gave other bits in the same process")
	}
	if other := trained(t, 2); other == first {
		t.Error("another seed gave the same bits")
	}
	for range 2 {
		child := exec.Command(os.Args[0], "-test.run=^TestPrintBits$", "-test.v")
		child.Env = append(os.Environ(), "STHENO_PRINT_BITS=1")
		out, err := child.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if !strings.Contains(string(out), "bits "+first+"\n") {
			t.Errorf("the same seed gave other bits in another process: want %s\n%s", first, out)
		}
	}
}

// TestPrintBits is what TestSameSeedSameBits runs in another process; by itself it does nothing.
func TestPrintBits(t *testing.T) {
	if os.Getenv("STHENO_PRINT_BITS") != "" {
		fmt.Printf("bits %s\n", trained(t, 1))
	}
}

// TestSeedOfEachParameter: a parameter's first value is a function of the seed and of its name, so that layers added
// after it, and the element type, change nothing.
func TestSeedOfEachParameter(t *testing.T) {
	c := graph.Config{Input: graph.Floats(6), Seed: 4}
	first := []graph.Layer{layers.Dense{Units: 5, Bias: graph.HeNormal}, layers.Dense{Units: 5, Bias: graph.HeNormal}}
	short := model(t, c, first...)
	long := model(t, c, append(slices.Clone(first), layers.Dropout{Rate: .5}, layers.Residual{layers.Dense{Units: 5}}, layers.Dense{Units: 3})...)
	wide := model(t, graph.Config{Input: graph.Floats(6), Seed: 4, Float64: true}, first...)
	other := model(t, graph.Config{Input: graph.Floats(6), Seed: 5}, first...)
	seen := map[float32]string{}
	for i, p := range short.Params() {
		w := p.Value.Float32s()
		if q := long.Params()[i]; q.Name != p.Name || !slices.Equal(q.Value.Float32s(), w) {
			t.Errorf("%s has other values in a model with more layers", p.Name)
		}
		for j, v := range wide.Params()[i].Value.Float64s() {
			if float32(v) != w[j] {
				t.Errorf("%s[%d] is %v in float32 and %v in float64", p.Name, j, w[j], v)
			}
		}
		if slices.Equal(other.Params()[i].Value.Float32s(), w) {
			t.Errorf("%s has the same values under another seed", p.Name)
		}
		for j, v := range w { // each parameter has a stream of its own
			if name, ok := seen[v]; ok {
				t.Errorf("%s[%d] is %v, as an element of %s is", p.Name, j, v, name)
			}
			seen[v] = p.Name
		}
	}
}

// TestDropoutLayers: two layers have masks of their own, a step has its mask in every program, and there is none outside training.
func TestDropoutLayers(t *testing.T) {
	m := model(t, graph.Config{Input: graph.Floats(400), Seed: 6}, layers.Dropout{Rate: .5}, layers.Concat{layers.Dropout{Rate: .5}, layers.Linear}, layers.Dense{Units: 2})
	masks := func(seed uint64, step uint64, mode graph.Mode) [2][]bool {
		m := m
		if seed != 6 {
			m = model(t, graph.Config{Input: graph.Floats(400), Seed: seed}, layers.Dropout{Rate: .5}, layers.Concat{layers.Dropout{Rate: .5}, layers.Linear}, layers.Dense{Units: 2})
		}
		p := compile(t, m, graph.Spec{Mode: mode, Batch: 3, Loss: lossIn(mode, losses.CrossEntropy{}), Inspect: true})
		fill(p, 1)
		p.SetStep(step)
		run(t, p)
		var both [2][]bool
		for _, r := range p.Recordings() {
			for i, name := range []string{"dropout_1", "dropout_2"} {
				if r.Name == name {
					for _, v := range r.Value.Float32s() {
						both[i] = append(both[i], v == 0)
					}
				}
			}
		}
		return both
	}
	at := masks(6, 1, graph.Train)
	if again := masks(6, 1, graph.Train); !slices.Equal(at[0], again[0]) || !slices.Equal(at[1], again[1]) {
		t.Error("another program has another mask at the same step")
	}
	if slices.Equal(at[0], at[1]) {
		t.Error("two layers have one mask")
	}
	for what, other := range map[string][2][]bool{"step": masks(6, 2, graph.Train), "seed": masks(7, 1, graph.Train)} {
		if slices.Equal(at[0], other[0]) || slices.Equal(at[1], other[1]) {
			t.Errorf("another %s has the same mask", what)
		}
	}
	for _, mode := range []graph.Mode{graph.Evaluate, graph.Predict} {
		for i, mask := range masks(6, 1, mode) {
			if slices.Contains(mask, true) {
				t.Errorf("mode %d drops elements in dropout_%d", mode, i+1)
			}
		}
	}
}

// TestStreamsOfALayer: a layer that asks for several streams has a mask of each, the same ones in every program; the first is Dropout's.
func TestStreamsOfALayer(t *testing.T) {
	twice := graph.LayerFunc("dropout", func(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
		if !b.Training() {
			return x
		}
		y := b.Node(ops.Dropout(x, .5, b.Stream()))
		b.Watch("first", y)
		z := b.Node(ops.Dropout(x, .5, b.Stream()))
		b.Watch("second", z)
		return b.Node(ops.Add(y, z))
	})
	masks := func(layer graph.Layer, names ...string) (all [][]bool) {
		m := model(t, graph.Config{Input: graph.Floats(400), Seed: 6}, layer, layers.Dense{Units: 2})
		p := compile(t, m, graph.Spec{Mode: graph.Train, Batch: 3, Loss: losses.CrossEntropy{}, Inspect: true})
		fill(p, 1)
		run(t, p)
		for _, r := range p.Recordings() {
			if slices.Contains(names, r.Name) {
				var mask []bool
				for _, v := range r.Value.Float32s() {
					mask = append(mask, v == 0)
				}
				all = append(all, mask)
			}
		}
		return all
	}
	at, again := masks(twice, "dropout_1.first", "dropout_1.second"), masks(twice, "dropout_1.first", "dropout_1.second")
	one := masks(layers.Dropout{Rate: .5}, "dropout_1")
	if len(at) != 2 || slices.Equal(at[0], at[1]) {
		t.Error("two streams of a layer give one mask")
	}
	if !slices.Equal(at[0], again[0]) || !slices.Equal(at[1], again[1]) {
		t.Error("another program has other masks")
	}
	if !slices.Equal(at[0], one[0]) {
		t.Error("the first stream is not that of a Dropout of the same name")
	}
}

// TestFloat64 copies a model: the same values, and no tensor shared.
func TestFloat64(t *testing.T) {
	m := model(t, graph.Config{Input: graph.Floats(5), Seed: 8}, layers.Dense{Units: 4, Activation: layers.Tanh}, layers.Dense{Units: 3, Activation: layers.Softmax})
	wide := m.Float64()
	again := wide.Float64()
	if m.Config().Float64 || !wide.Config().Float64 || wide.Summary() != m.Summary() {
		t.Errorf("got configs %+v, %+v", m.Config(), wide.Config())
	}
	var outputs [3][]float64
	for i, m := range []*graph.Model{m, wide, again} {
		p := compile(t, m, graph.Spec{Batch: 2})
		fill(p, 3)
		run(t, p)
		if i == 0 {
			for _, v := range p.Output().Float32s() {
				outputs[i] = append(outputs[i], float64(v))
			}
		} else {
			outputs[i] = slices.Clone(p.Output().Float64s())
		}
	}
	for i, v := range outputs[1] {
		if math.Abs(v-outputs[0][i]) > 1e-6 || v != outputs[2][i] {
			t.Errorf("output %d is %v, %v in float64, %v in its copy", i, outputs[0][i], v, outputs[2][i])
		}
	}
	narrow := bits(m)
	for i, p := range wide.Params() {
		clear(p.Value.Float64s())
		if p.Name != m.Params()[i].Name {
			t.Errorf("parameter %d is %s, in float64 %s", i, m.Params()[i].Name, p.Name)
		}
	}
	if !slices.Equal(bits(m), narrow) || !slices.ContainsFunc(again.Params()[0].Value.Float64s(), func(v float64) bool { return v != 0 }) {
		t.Error("copies share their tensors")
	}
}
