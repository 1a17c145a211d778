package layers_test

import (
	"math"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
)

// TestSequenceRefuses: inputs and settings that do not fit are named, whichever layer it is.
func TestSequenceRefuses(t *testing.T) {
	for _, c := range []struct{ net, want string }{
		{"input 28, lstm 4", "layer lstm_1, input of shape (2, 28): want [batch,time,features]"},
		{"input 5 ids, gru 4", "layer gru_1, input of shape (2, 5): got ids, want floats"},
		{"input 5x3, rnn", "got Units 0, want at least 1"},
		{"x = input 5x3, h = input 4, lstm 4 < x + h", "got 1 inputs of floats beside the sequence, want none, or the first state: 2 of shape [batch,units]"},
		{"x = input 5x3, h = input 3, gru 4 < x + h", "gru: got a first state of shape (2, 3), want [2,4]"},
		{"x = input 5x3, n = input 2 ids, gru 4 < x + n", "gru: got lengths of shape (2, 2)"},
		{"x = input 5x3, bidirectional < x", "got no Layer, want a recurrent one"},
		{"x = input 5, bidirectional(dense 3) < x", "want [batch,time,features] in floats"},
		{"x = input 5x3, h = input 4, bidirectional(gru 4) < x + h", "got 1 inputs of floats beside the sequence, want none, or the first states of both"},
		{"input 5x3, attention", "got Heads 0, want at least 1"},
		{"input 5x3, attention 2", "got 2 heads of 3 features, want these to be a multiple"},
		{"input 5x3, attention 2 -1", "got Size -1, want at least 1"},
		{"input 5x3, attention 1 rotary", "got Rotary with heads of size 3, want an even one"},
		{"input 5, attention 1", "want [batch,time,features] in floats"},
		{"x = input 5x3, m = input 3, attention 1 < x + m", "want at most another sequence"},
		{"input 5, positions", "want [batch,time,features]"},
		{"input 5, sinusoidal", "want [batch,time,features]"},
	} {
		net, err := layers.Parse(c.net)
		if err != nil {
			t.Errorf("%s: %v", c.net, err)
			continue
		}
		if _, err := graph.NewModel(graph.Config{Seed: 1}, net...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error that says %s", c.net, err, c.want)
		}
	}
}

// TestSequenceFirstValues: the deviations are Keras', a forget gate begins with 1.
func TestSequenceFirstValues(t *testing.T) {
	net, err := layers.Parse("lstm 64 sequence, gru 64 sequence, rnn 64 sequence, attention 4, positions")
	if err != nil {
		t.Fatal(err)
	}
	m, err := graph.NewModel(graph.Config{Input: graph.Floats(40, 50), Seed: 1}, net...)
	if err != nil {
		t.Fatal(err)
	}
	glorot := func(in, out float64) float64 { return math.Sqrt(2 / (in + out)) }
	want := map[string]float64{
		"lstm_1.weight": glorot(50, 256), "lstm_1.recurrent": math.Sqrt(1. / 256), "lstm_1.bias": .5, "gru_1.weight": glorot(64, 192), "gru_1.recurrent": math.Sqrt(1. / 192),
		"rnn_1.weight": glorot(64, 64), "rnn_1.recurrent": math.Sqrt(1. / 64), "attention_1.weight": glorot(64, 64), "attention_1.output": glorot(64, 64), "positions_1.weight": .02,
	}
	for _, p := range m.Params() {
		squares, w := 0.0, p.Value.Float32s()
		for i, v := range w {
			squares += float64(v) * float64(v)
			if forget := p.Name == "lstm_1.bias" && i/64 == 1; strings.HasSuffix(p.Name, "bias") && (v == 1) != forget {
				t.Errorf("%s[%d] is %v", p.Name, i, v)
			}
		}
		if got := math.Sqrt(squares / float64(len(w))); math.Abs(got-want[p.Name]) > .04*want[p.Name] {
			t.Errorf("%s: deviation %v, want %v", p.Name, got, want[p.Name])
		}
	}
}
