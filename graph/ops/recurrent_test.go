package ops_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/internal/parallel"
	"github.com/stheno-ml/stheno/graph/ops"
)

// A recurrentCase is a recurrent layer of a kind: the naive cell, apart from the loop over it.
type recurrentKind struct {
	gates, biases, memory int
	cell                  func(x, wx, wh []float64, bias [][]float64, state [][]float64) [][]float64 // the next state, h first
	build                 func(x, wx, wh *gorgonia.Node, bias []*gorgonia.Node, o ops.Recurrent) (*gorgonia.Node, error)
}

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// affine is v·w for a row v.
func affine(v, w []float64) []float64 { return product(v, w, 1, len(v), len(w)/len(v)) }

func rnnKind(f ops.Func, g func(float64) float64) recurrentKind {
	return recurrentKind{1, 1, 1, func(x, wx, wh []float64, b, s [][]float64) [][]float64 {
		a, r := affine(x, wx), affine(s[0], wh)
		h := make([]float64, len(a))
		for k := range h {
			h[k] = g(a[k] + r[k] + b[0][k])
		}
		return [][]float64{h}
	}, func(x, wx, wh *gorgonia.Node, b []*gorgonia.Node, o ops.Recurrent) (*gorgonia.Node, error) {
		return ops.RNN(x, wx, wh, b[0], f, o)
	}}
}

var recurrentKinds = map[string]recurrentKind{
	"rnn":      rnnKind(ops.Tanh, math.Tanh),
	"rnn relu": rnnKind(ops.ReLU, func(x float64) float64 { return max(x, 0) }),
	"lstm": {4, 1, 2, func(x, wx, wh []float64, b, s [][]float64) [][]float64 {
		a, r := affine(x, wx), affine(s[0], wh)
		n := len(a) / 4
		h, c := make([]float64, n), make([]float64, n)
		for k := range n {
			z := func(gate int) float64 { return a[gate*n+k] + r[gate*n+k] + b[0][gate*n+k] }
			c[k] = logistic(z(1))*s[1][k] + logistic(z(0))*math.Tanh(z(2))
			h[k] = logistic(z(3)) * math.Tanh(c[k])
		}
		return [][]float64{h, c}
	}, func(x, wx, wh *gorgonia.Node, b []*gorgonia.Node, o ops.Recurrent) (*gorgonia.Node, error) {
		return ops.LSTM(x, wx, wh, b[0], o)
	}},
	"gru": {3, 2, 1, func(x, wx, wh []float64, b, s [][]float64) [][]float64 {
		a, r := affine(x, wx), affine(s[0], wh)
		n := len(a) / 3
		h := make([]float64, n)
		for k := range n {
			ofX := func(gate int) float64 { return a[gate*n+k] + b[0][gate*n+k] }
			ofH := func(gate int) float64 { return r[gate*n+k] + b[1][gate*n+k] }
			z := logistic(ofX(0) + ofH(0))
			h[k] = z*s[0][k] + (1-z)*math.Tanh(ofX(2)+logistic(ofX(1)+ofH(1))*ofH(2))
		}
		return [][]float64{h}
	}, func(x, wx, wh *gorgonia.Node, b []*gorgonia.Node, o ops.Recurrent) (*gorgonia.Node, error) {
		return ops.GRU(x, wx, wh, b[0], b[1], o)
	}},
}

// A recurrentSize is what a test of a recurrent op goes over.
type recurrentSize struct {
	batch, time, in, units int
	sequence, first        bool
	lengths                []int32
}

func (k recurrentKind) fixture(name string, s recurrentSize) fixture {
	width := k.gates * s.units
	f := fixture{name: fmt.Sprintf("%s %+v", name, s), shapes: []tensor.Shape{{s.batch, s.time, s.in}, {s.in, width}, {s.units, width}}}
	for range k.biases {
		f.shapes = append(f.shapes, tensor.Shape{width})
	}
	if s.first {
		for range k.memory {
			f.shapes = append(f.shapes, tensor.Shape{s.batch, s.units})
		}
	}
	if s.lengths != nil {
		f.ids = []*tensor.Dense{tensor.New(tensor.WithShape(s.batch), tensor.WithBacking(slices.Clone(s.lengths)))}
	}
	f.draw = func(r *rand.Rand, input int) float64 { return awayFromZero(r, input) / 2 }
	f.build = func(in gorgonia.Nodes) (*gorgonia.Node, error) {
		o := ops.Recurrent{Sequence: s.sequence}
		if s.lengths != nil {
			o.Lengths = in[len(in)-1]
		}
		if s.first {
			o.First = in[3+k.biases:][:k.memory]
		}
		return k.build(in[0], in[1], in[2], in[3:][:k.biases], o)
	}
	f.want = func(in [][]float64) []float64 {
		var y []float64
		for i := range s.batch {
			state := make([][]float64, k.memory)
			for m := range state {
				state[m] = make([]float64, s.units)
				if s.first {
					copy(state[m], in[3+k.biases+m][i*s.units:])
				}
			}
			for t := range s.time {
				alive := s.lengths == nil || t < int(s.lengths[i])
				if alive {
					state = k.cell(in[0][(i*s.time+t)*s.in:][:s.in], in[1], in[2], in[3:][:k.biases], state)
				}
				switch {
				case s.sequence && alive:
					y = append(y, state[0]...)
				case s.sequence:
					y = append(y, make([]float64, s.units)...)
				case t+1 == s.time:
					y = append(y, state[0]...)
				}
			}
		}
		return y
	}
	return f
}

// TestRecurrent: values by the naive cell, gradients through time by differences, of primes, one step, one sample, one unit, with lengths and with a first state.
func TestRecurrent(t *testing.T) {
	for name, k := range recurrentKinds {
		for _, s := range []recurrentSize{
			{batch: 3, time: 5, in: 2, units: 7},
			{batch: 3, time: 5, in: 2, units: 7, sequence: true},
			{batch: 7, time: 4, in: 3, units: 5, sequence: true, first: true},
			{batch: 7, time: 4, in: 3, units: 5, first: true},
			{batch: 5, time: 4, in: 3, units: 2, lengths: []int32{4, 0, 1, 3, 4}},
			{batch: 5, time: 4, in: 3, units: 2, lengths: []int32{4, 0, 1, 3, 4}, first: true},
			{batch: 5, time: 4, in: 3, units: 11, lengths: []int32{0, 4, 1, 2, 0}, first: true, sequence: true},
			{batch: 1, time: 1, in: 1, units: 1, first: true},
			{batch: 1, time: 1, in: 1, units: 1, sequence: true},
			{batch: 2, time: 3, in: 5, units: 3, lengths: []int32{0, 0}, sequence: true},
			{batch: 13, time: 2, in: 2, units: 17, sequence: true},
		} {
			k.fixture(name, s).check(t)
		}
	}
}

// TestRecurrentCuts: the bits of the layer's own work do not depend on how many threads share it.
func TestRecurrentCuts(t *testing.T) {
	threads := parallel.Threads()
	t.Cleanup(func() { parallel.SetThreads(threads) })
	for name, k := range recurrentKinds {
		f := k.fixture(name, recurrentSize{batch: 31, time: 5, in: 3, units: 13, sequence: true, first: true, lengths: slices.Repeat([]int32{5, 0, 3, 1}, 8)[:31]})
		r := rand.New(rand.NewPCG(3, 4))
		values := make([][]float64, len(f.shapes))
		for i, s := range f.shapes {
			for range s.TotalSize() {
				values[i] = append(values[i], float64(float32(r.NormFloat64()/2)))
			}
		}
		for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
			var want *result
			for _, n := range []int{1, 2, 3, 5} {
				parallel.SetThreads(n)
				got, err := f.result(dt, values)
				if err != nil {
					t.Fatal(err)
				}
				if want == nil {
					want = got
				}
				for i, g := range append([][]float64{got.value}, got.grads...) {
					if w := append([][]float64{want.value}, want.grads...)[i]; !slices.Equal(g, w) {
						t.Errorf("%s in %v: %d has other bits on %d threads than on 1", name, dt, i, n)
					}
				}
			}
		}
	}
}

// TestRecurrentRefuses: shapes that do not fit, and lengths that there are not.
func TestRecurrentRefuses(t *testing.T) {
	lstm := recurrentKinds["lstm"]
	good := recurrentSize{batch: 3, time: 4, in: 2, units: 5, first: true, lengths: []int32{1, 2, 3}}
	for want, change := range map[string]func(f *fixture){
		"lstm: got x (3, 4)":                      func(f *fixture) { f.shapes[0] = tensor.Shape{3, 4} },
		"want [batch,time,in], [in,4·units]":      func(f *fixture) { f.shapes[1] = tensor.Shape{3, 20} },
		"weights (2, 20) and (5, 19)":             func(f *fixture) { f.shapes[2] = tensor.Shape{5, 19} },
		"got a bias of shape (19), want [20]":     func(f *fixture) { f.shapes[3] = tensor.Shape{19} },
		"got a first state of shape (3, 4), want": func(f *fixture) { f.shapes[5] = tensor.Shape{3, 4} },
		"got lengths of shape (2) of int32, want": func(f *fixture) { f.ids[0] = tensor.New(tensor.WithShape(2), tensor.WithBacking([]int32{1, 2})) },
		"got length 5 of sample 1, want 0 to 4":   func(f *fixture) { f.ids[0].Int32s()[1] = 5 },
		"got length -1 of sample 2, want 0 to 4":  func(f *fixture) { f.ids[0].Int32s()[2] = -1 },
		"got 1 nodes as the first state, want 2": func(f *fixture) {
			f.build = with(func(in gorgonia.Nodes) ops.Recurrent { return ops.Recurrent{First: in[4:5]} })
		},
		"lstm: got nil as input 0, want a node": func(f *fixture) {
			f.build = with(func(in gorgonia.Nodes) ops.Recurrent { return ops.Recurrent{First: []*gorgonia.Node{nil, in[4]}} })
		},
		"got lengths of shape (3, 5) of float64, want": func(f *fixture) {
			f.build = with(func(in gorgonia.Nodes) ops.Recurrent { return ops.Recurrent{Lengths: in[4]} })
		},
	} {
		f := lstm.fixture("lstm", good)
		change(&f)
		values := make([][]float64, len(f.shapes))
		for i, s := range f.shapes {
			values[i] = make([]float64, s.TotalSize())
		}
		if _, err := f.result(tensor.Float64, values); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error that says %s", err, want)
		}
	}
	if _, err := ops.RNN(nil, nil, nil, nil, ops.Softplus, ops.Recurrent{}); err == nil || !strings.Contains(err.Error(), "rnn: got softplus, want tanh or relu") {
		t.Errorf("got %v", err)
	}
}

func with(o func(in gorgonia.Nodes) ops.Recurrent) func(in gorgonia.Nodes) (*gorgonia.Node, error) {
	return func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.LSTM(in[0], in[1], in[2], in[3], o(in)) }
}
