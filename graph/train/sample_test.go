package train_test

import (
	"context"
	"fmt"
	"log"
	"math"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
)

// sampled are the first ids that a model goes on with.
func sampled(t *testing.T, m *graph.Model, prompt []int32, n int, how train.Sampling) []int32 {
	t.Helper()
	var all []int32
	for id, err := range predictor(t, m).Sample(prompt, how) {
		if err != nil {
			t.Fatal(err)
		}
		if all = append(all, id); len(all) == n {
			break
		}
	}
	return all
}

// TestSampleSees: what is gone on with is what a model of just so many ids says, and of more than the model sees the last; of logits and log-softmax as of probabilities.
func TestSampleSees(t *testing.T) {
	const time, classes = 6, 5
	kinds := map[string][]graph.Layer{
		"lstm":     {layers.Embedding{IDs: classes, Units: 3}, layers.LSTM{Units: 4, Sequence: true}},
		"attended": {layers.Embedding{IDs: classes, Units: 4}, layers.Sinusoidal{}, layers.Attention{Heads: 2, Causal: true}},
	}
	for name, first := range kinds {
		for _, last := range []layers.Activation{layers.Linear, layers.Softmax, layers.LogSoftmax} {
			net := append(slices.Clone(first), layers.Dense{Units: classes, Activation: last, Weights: graph.Normal(3)})
			m := model(t, graph.Config{Input: graph.Ints(time), Seed: 3}, net...)
			ids := []int32{4, 1}
			for range 9 {
				seen := ids[max(0, len(ids)-time):]
				just := model(t, graph.Config{Input: graph.Ints(len(seen)), Seed: 3}, net...)
				out, err := predictor(t, just).Predict(tensor.New(tensor.WithShape(1, len(seen)), tensor.WithBacking(slices.Clone(seen))))
				if err != nil {
					t.Fatal(err)
				}
				row := out[0].Float32s()[(len(seen)-1)*classes:]
				ids = append(ids, int32(slices.Index(row, slices.Max(row))))
			}
			if got := sampled(t, m, ids[:2], 9, train.Sampling{Temperature: graph.Zero}); !slices.Equal(got, ids[2:]) {
				t.Errorf("%s, %v: got %v, want %v", name, last, got, ids[2:])
			}
		}
	}
}

// TestSampleDraws: ids come as often as their probability at the temperature says, other seeds draw others, and equal seeds alike.
func TestSampleDraws(t *testing.T) {
	m := model(t, graph.Config{Input: graph.Ints(2), Seed: 1}, layers.Embedding{IDs: 3, Units: 1, Weights: graph.Zeros}, layers.Dense{Units: 3})
	bias := []float32{0, 1, -1}
	copy(m.Params()[2].Value.Float32s(), bias)
	for _, temperature := range []float64{.5, 1, 2} {
		const n = 3000
		got := sampled(t, m, []int32{0}, n, train.Sampling{Temperature: temperature, Seed: 7})
		total := 0.0
		for _, b := range bias {
			total += math.Exp(float64(b) / temperature)
		}
		for class, b := range bias {
			p := math.Exp(float64(b)/temperature) / total
			count := 0
			for _, id := range got {
				if int(id) == class {
					count++
				}
			}
			if d := math.Abs(float64(count) - n*p); d > 4*math.Sqrt(n*p*(1-p)) {
				t.Errorf("temperature %v: class %d came %d times of %d, want about %.0f", temperature, class, count, n, n*p)
			}
		}
		if again := sampled(t, m, []int32{0}, 50, train.Sampling{Temperature: temperature, Seed: 7}); !slices.Equal(again, got[:50]) {
			t.Errorf("temperature %v: the same seed draws others", temperature)
		}
		if other := sampled(t, m, []int32{0}, 50, train.Sampling{Temperature: temperature, Seed: 8}); slices.Equal(other, got[:50]) {
			t.Errorf("temperature %v: another seed draws the same", temperature)
		}
	}
	for _, temperature := range []float64{graph.Zero, 1, math.MaxFloat64} {
		got := sampled(t, m, []int32{1}, 200, train.Sampling{Temperature: temperature, Seed: 7, Never: []int32{1}})
		if slices.Contains(got, 1) || !slices.Contains(got, 0) {
			t.Errorf("temperature %v: 1, the likeliest, is never to be drawn: got %v", temperature, got)
		}
	}
	if got := sampled(t, m, []int32{0}, 5, train.Sampling{}); !slices.Equal(got, sampled(t, m, []int32{0}, 5, train.Sampling{Temperature: 1})) {
		t.Errorf("temperature 0 is not 1: %v", got)
	}
}

func TestSampleRefuses(t *testing.T) {
	embed := layers.Embedding{IDs: 4, Units: 3}
	softmax := layers.Dense{Units: 4, Activation: layers.Softmax}
	causal := []graph.Layer{embed, layers.LSTM{Units: 3, Sequence: true}, softmax}
	for _, c := range []struct {
		net    []graph.Layer
		input  graph.Input
		prompt []int32
		how    train.Sampling
		want   string
	}{
		{[]graph.Layer{embed, layers.Bidirectional{Layer: layers.LSTM{Units: 3, Sequence: true}}, softmax}, graph.Ints(6), []int32{1, 2, 3}, train.Sampling{}, "the model looks ahead"},
		{[]graph.Layer{embed, layers.Attention{Heads: 1}, softmax}, graph.Ints(6), []int32{1, 2, 3, 1, 2, 3, 1}, train.Sampling{}, "the model looks ahead"},
		{[]graph.Layer{embed, layers.LSTM{Units: 3}, softmax}, graph.Ints(6), []int32{1}, train.Sampling{}, "with an output of [4], want one of ids, [time], and what comes next at each time, [time,classes]"},
		{[]graph.Layer{layers.LSTM{Units: 3, Sequence: true}, softmax}, graph.Floats(6, 2), []int32{1}, train.Sampling{}, "the first graph.Floats(6, 2)"},
		{causal, graph.Ints(6), nil, train.Sampling{}, "got no ids to go on with"},
		{causal, graph.Ints(6), []int32{1, 4}, train.Sampling{}, "got id 4 at place 1, want 0 to 3"},
		{causal, graph.Ints(6), []int32{-1}, train.Sampling{}, "got id -1 at place 0"},
		{causal, graph.Ints(6), []int32{1}, train.Sampling{Temperature: -1}, "got temperature -1, want a number above 0"},
		{causal, graph.Ints(6), []int32{1}, train.Sampling{Temperature: math.NaN()}, "got temperature NaN"},
		{causal, graph.Ints(6), []int32{1}, train.Sampling{Never: []int32{0, 4}}, "got id 4 at place 1 of those that are never drawn, want 0 to 3"},
		{causal, graph.Ints(6), []int32{1}, train.Sampling{Never: []int32{0, 1, 2, 3}}, "all that the model gives a probability is among what is never to be drawn"},
	} {
		m := model(t, graph.Config{Input: c.input, Seed: 1}, c.net...)
		refused(t, predictor(t, m), c.prompt, c.how, c.want)
	}
	refused(t, nil, []int32{1}, train.Sampling{}, "got one that is nil or empty")
	m := model(t, graph.Config{Input: graph.Ints(1), Seed: 1}, causal...)
	m.Params()[4].Value.Float32s()[0] = float32(math.NaN())
	refused(t, predictor(t, m), []int32{1}, train.Sampling{}, "its training diverged")
}

func refused(t *testing.T, p *train.Predictor, prompt []int32, how train.Sampling, want string) {
	t.Helper()
	n := 0
	for id, err := range p.Sample(prompt, how) {
		if n++; n > 1 || err == nil || !strings.HasPrefix(err.Error(), "train: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("got id %d, error %v as number %d, want …%s… once", id, err, n, want)
			break
		}
	}
}

// A model of characters learns a line by heart, and goes on with it.
func ExamplePredictor_Sample() {
	const line = "row, row, row your boat, gently down the stream. "
	song, err := datasets.ReadText(strings.NewReader(strings.Repeat(line, 20)), "song", datasets.Texts{Length: 32})
	if err != nil {
		log.Fatal(err)
	}
	characters := song.Info().Source.Texts
	model, err := graph.NewModel(graph.Config{Input: graph.Ints(32), Seed: 1},
		layers.Embedding{IDs: len(characters.Vocabulary), Units: 8}, layers.LSTM{Units: 32, Sequence: true}, layers.Dense{Units: len(characters.Vocabulary), Activation: layers.Softmax})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := train.Fit(context.Background(), model, song, train.Config{Optimizer: &optim.Adam{LearningRate: .02}, BatchSize: 10, Epochs: 40, Seed: 1}); err != nil {
		log.Fatal(err)
	}
	predictor, err := train.NewPredictor(model)
	if err != nil {
		log.Fatal(err)
	}
	ids := characters.IDs("row, row, ")
	for id, err := range predictor.Sample(ids, train.Sampling{Temperature: .1, Seed: 1}) {
		if err != nil {
			log.Fatal(err)
		}
		if ids = append(ids, id); len(ids) == len(line)-1 {
			break
		}
	}
	fmt.Println(characters.Text(ids))
	// Output: row, row, row your boat, gently down the stream.
}
