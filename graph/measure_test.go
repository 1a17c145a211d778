package graph_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
)

// TestMeasure: what is counted is what the model has, of every kind of layers within layers, and shared ones count once.
func TestMeasure(t *testing.T) {
	for _, c := range []struct {
		input  graph.Input
		words  string
		values int
	}{
		{graph.Floats(784), "dense 30 sigmoid, dropout 0.5, dense 10 softmax", 30 + 30 + 10},
		{graph.Floats(28, 28), "conv 4 3x3 padding=same relu, maxpool 2, batchnorm, flatten, dense 10", 28*28*4 + 14*14*4 + 14*14*4 + 14*14*4 + 10},
		{graph.Floats(6), "sequence(dense 5, residual(dense 5 relu * 3)) * 2, dense 2", 2*(5+4*5) + 2},
		{graph.Floats(9, 4), "bidirectional(lstm 5 sequence), timedistributed(dense 3), gru 2", -1},
		{graph.Floats(6), "concat(dense 8 | dense 8 relu, dense 4), layernorm", 8 + 8 + 4 + 12 + 12},
		{graph.Ints(7), "embedding 50 4, sinusoidal, attention 1, rnn 4", -1},
		{graph.Input{}, "a = input 6\nb = input 6\ntower = sequence(dense 9 tanh) < a\nother = tower < b\nabsdiff < tower + other\ndense 1", 9 + 9 + 9 + 1},
	} {
		network, err := layers.Parse(c.words)
		if err != nil {
			t.Fatal(err)
		}
		config := graph.Config{Input: c.input, Seed: 1}
		got, err := graph.Measure(config, graph.Size{}, network...)
		if err != nil {
			t.Fatalf("%s: %v", c.words, err)
		}
		m, err := graph.NewModel(config, network...)
		if err != nil {
			t.Fatal(err)
		}
		states := 0
		for _, s := range m.States() {
			states += s.Value.Shape().TotalSize()
		}
		if got.Layers != len(m.Layers()) || got.Params != m.ParamCount() || got.States != states || c.values >= 0 && got.Values != c.values {
			t.Errorf("%s: got %+v, want %d layers, %d parameters, %d of states, %d values", c.words, got, len(m.Layers()), m.ParamCount(), states, c.values)
		}
		for _, most := range []graph.Size{{Layers: got.Layers - 1}, {Params: got.Params - 1}, {Values: got.Values - 1}, {States: max(1, got.States) - 1}} {
			if most == (graph.Size{}) {
				continue
			}
			if _, err := graph.Measure(config, most, network...); err == nil || !strings.Contains(err.Error(), "with it the network has") || !strings.Contains(err.Error(), "want at most") {
				t.Errorf("%s within %+v: got %v", c.words, most, err)
			}
		}
		if again, err := graph.Measure(config, got, network...); err != nil || again != got {
			t.Errorf("%s within itself: got %+v, %v", c.words, again, err)
		}
	}
	for _, bad := range [][]graph.Layer{nil, {nil}, {layers.Dense{}}, {layers.Residual{layers.Dense{Units: 3}}}} {
		_, err := graph.NewModel(graph.Config{Input: graph.Floats(4)}, bad...)
		if _, also := graph.Measure(graph.Config{Input: graph.Floats(4)}, graph.Size{}, bad...); err == nil || also == nil || err.Error() != also.Error() {
			t.Errorf("%v: got %v, want %v", bad, also, err)
		}
	}
}

// TestMeasureTakesNothing: networks that no machine holds are measured, or refused, at once.
func TestMeasureTakesNothing(t *testing.T) {
	most := graph.Size{Layers: 1000, Params: 10_000_000, Values: 10_000_000}
	for words, want := range map[string]string{
		"dense 60000, dense 60000":                                      "parameters, want at most 10000000",
		"dense 2, dense 1000000000000":                                  "parameters, want at most 10000000",
		"residual(dense 50000, dense 784)":                              "parameters, want at most 10000000",
		"reshape 28x28, bidirectional(lstm 100000 sequence)":            "parameters, want at most 10000000",
		"reshape 28x28, upsample 3000":                                  "values of a sample between its layers, want at most 10000000",
		"sequence(sequence(dense 3 * 100) * 100)":                       "layers, want at most 1000",
		"residual(sequence(residual(dropout 0.1) * 50) * 50), dense 10": "layers, want at most 1000",
		"concat(dense 4000000000 | dense 4000000000, dense 4)":          "parameters, want at most 10000000",
	} {
		network, err := layers.Parse(words)
		if err != nil {
			t.Fatal(err)
		}
		config := graph.Config{Input: graph.Floats(784)}
		before := allocated()
		if _, err := graph.Measure(config, most, network...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", words, err, want)
		}
		if taken := allocated() - before; taken > 100<<20 {
			t.Errorf("%s: %d MB were taken on the way", words, taken>>20)
		}
	}
}

// allocated are the bytes that were taken so far.
func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}
