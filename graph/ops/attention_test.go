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

// An attentionSize is what a test of attention goes over; cross where memory is above 0.
type attentionSize struct {
	batch, time, memory, heads, size int
	causal                           bool
	lengths                          []int32
}

func (s attentionSize) fixture() fixture {
	width := s.heads * s.size
	keys := s.time
	f := fixture{name: fmt.Sprintf("attention %+v", s), shapes: []tensor.Shape{{s.batch, s.time, 3 * width}}}
	if s.memory > 0 {
		keys = s.memory
		f.shapes = []tensor.Shape{{s.batch, s.time, width}, {s.batch, s.memory, 2 * width}}
	}
	if s.lengths != nil {
		f.ids = []*tensor.Dense{tensor.New(tensor.WithShape(s.batch), tensor.WithBacking(slices.Clone(s.lengths)))}
	}
	f.build = func(in gorgonia.Nodes) (*gorgonia.Node, error) {
		h := ops.Heads{Count: s.heads, Causal: s.causal}
		if s.lengths != nil {
			h.Lengths = in[len(in)-1]
		}
		if s.memory > 0 {
			return ops.CrossAttention(in[0], in[1], h)
		}
		return ops.SelfAttention(in[0], h)
	}
	f.want = func(in [][]float64) []float64 {
		query := func(b, i, c int) float64 { return in[0][(b*s.time+i)*3*width+c] }
		memory := func(b, j, c int) float64 { return in[0][(b*s.time+j)*3*width+width+c] }
		if s.memory > 0 {
			query = func(b, i, c int) float64 { return in[0][(b*s.time+i)*width+c] }
			memory = func(b, j, c int) float64 { return in[1][(b*s.memory+j)*2*width+c] }
		}
		y := make([]float64, s.batch*s.time*width)
		for b := range s.batch {
			for i := range s.time {
				for h := range s.heads {
					sum := 0.0
					o := make([]float64, s.size)
					for j := range keys {
						if s.lengths != nil && j >= int(s.lengths[b]) || s.causal && j > i {
							continue
						}
						dot := 0.0
						for c := range s.size {
							dot += query(b, i, h*s.size+c) * memory(b, j, h*s.size+c)
						}
						e := math.Exp(dot / math.Sqrt(float64(s.size)))
						sum += e
						for c := range o {
							o[c] += e * memory(b, j, width+h*s.size+c)
						}
					}
					for c := range o {
						if sum > 0 {
							y[(b*s.time+i)*width+h*s.size+c] = o[c] / sum
						}
					}
				}
			}
		}
		return y
	}
	return f
}

// TestAttention: values by the definition, gradients by differences; primes, one step, one sample, causal, lengths with none to see, cross, and more rows than a block has.
func TestAttention(t *testing.T) {
	for _, s := range []attentionSize{
		{batch: 3, time: 5, heads: 1, size: 7},
		{batch: 2, time: 7, heads: 3, size: 5, causal: true},
		{batch: 3, time: 5, heads: 2, size: 3, lengths: []int32{5, 0, 2}},
		{batch: 3, time: 5, heads: 2, size: 3, lengths: []int32{1, 0, 4}, causal: true},
		{batch: 1, time: 1, heads: 1, size: 1},
		{batch: 2, time: 5, memory: 3, heads: 2, size: 2},
		{batch: 2, time: 3, memory: 7, heads: 1, size: 5, causal: true},
		{batch: 2, time: 7, memory: 3, heads: 1, size: 5, causal: true, lengths: []int32{2, 0}},
		{batch: 1, time: 260, heads: 1, size: 2, causal: true},
		{batch: 1, time: 3, memory: 1100, heads: 1, size: 3, lengths: []int32{1031}},
	} {
		s.fixture().check(t)
	}
}

// TestAttentionExtremes: scores beyond what e^x can hold make weights of 0 and 1.
func TestAttentionExtremes(t *testing.T) {
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		x := dense(dt, tensor.Shape{1, 2, 3}, []float64{1e3, 1e3, 2, -1e3, -1e3, 3})
		got := evaluate(t, func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.SelfAttention(in[0], ops.Heads{Count: 1}) }, x)
		if !slices.Equal(got, []float64{2, 3}) {
			t.Errorf("%v: got %v, want 2 and 3", dt, got)
		}
	}
}

// TestSequenceOps: rotary positions and turned steps.
func TestSequenceOps(t *testing.T) {
	for _, s := range []tensor.Shape{{2, 5, 7}, {1, 1, 6}} {
		fixture{name: "rotary", shapes: []tensor.Shape{s}, build: func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.Rotary(in[0], 2, 4) },
			want: func(in [][]float64) []float64 {
				y := slices.Clone(in[0])
				for r := range s[0] * s[1] {
					for j := 0; j < 4; j += 2 {
						sin, cos := math.Sincos(float64(r % s[1]))
						a, b := in[0][r*s[2]+j], in[0][r*s[2]+j+1]
						y[r*s[2]+j], y[r*s[2]+j+1] = a*cos-b*sin, a*sin+b*cos
					}
				}
				return y
			}}.check(t)
	}
	fixture{name: "rotary, several angles", shapes: []tensor.Shape{{2, 3, 6}}, build: func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.Rotary(in[0], 6, 6) },
		want: func(in [][]float64) []float64 {
			y := make([]float64, 36)
			for j := 0; j < 36; j += 2 {
				sin, cos := math.Sincos(float64(j/6%3) * math.Pow(10000, -float64(j%6)/6))
				y[j], y[j+1] = in[0][j]*cos-in[0][j+1]*sin, in[0][j]*sin+in[0][j+1]*cos
			}
			return y
		}}.check(t)
	for _, lengths := range [][]int32{nil, {0, 3, 2, 5}} {
		f := fixture{name: "reverse", shapes: []tensor.Shape{{4, 5, 3}}, build: func(in gorgonia.Nodes) (*gorgonia.Node, error) {
			if lengths == nil {
				return ops.Reverse(in[0], nil)
			}
			return ops.Reverse(in[0], in[1])
		}, want: func(in [][]float64) []float64 {
			y := slices.Clone(in[0])
			for i := range 4 {
				n := 5
				if lengths != nil {
					n = int(lengths[i])
				}
				for s := range n {
					copy(y[(i*5+s)*3:][:3], in[0][(i*5+n-1-s)*3:])
				}
			}
			return y
		}}
		if lengths != nil {
			f.ids = []*tensor.Dense{tensor.New(tensor.WithShape(4), tensor.WithBacking(slices.Clone(lengths)))}
		}
		f.check(t)
	}
}

// TestAttentionCuts: the bits do not depend on how many threads share the heads.
func TestAttentionCuts(t *testing.T) {
	threads := parallel.Threads()
	t.Cleanup(func() { parallel.SetThreads(threads) })
	for _, s := range []attentionSize{{batch: 5, time: 19, heads: 3, size: 5, causal: true}, {batch: 2, time: 7, memory: 640, heads: 1, size: 80, lengths: []int32{639, 3}}} {
		f := s.fixture()
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
						t.Errorf("%s in %v: %d has other bits on %d threads than on 1", f.name, dt, i, n)
					}
				}
			}
		}
	}
}

// TestAttentionRefuses: shapes that do not fit, and lengths that there are not.
func TestAttentionRefuses(t *testing.T) {
	g := gorgonia.NewGraph()
	node := func(s ...int) *gorgonia.Node {
		n, _ := input(g, fmt.Sprint(s), tensor.Float32, s, make([]float64, tensor.Shape(s).TotalSize()))
		return n
	}
	one := ops.Heads{Count: 1}
	for want, make := range map[string]func() (*gorgonia.Node, error){
		"attention: got shape (2, 3, 8), want queries, keys and values": func() (*gorgonia.Node, error) { return ops.SelfAttention(node(2, 3, 8), one) },
		"attention: got shape (2, 3), want queries":                     func() (*gorgonia.Node, error) { return ops.SelfAttention(node(2, 3), one) },
		"attention: got 2 heads for a width of 3, want":                 func() (*gorgonia.Node, error) { return ops.SelfAttention(node(2, 3, 9), ops.Heads{Count: 2}) },
		"attention: got 0 heads":                                        func() (*gorgonia.Node, error) { return ops.SelfAttention(node(2, 3, 9), ops.Heads{}) },
		"attention: got lengths of shape (2) of float32, want int32": func() (*gorgonia.Node, error) {
			return ops.SelfAttention(node(2, 3, 9), ops.Heads{Count: 1, Lengths: node(2)})
		},
		"attention: got shapes (2, 3, 9) and (2, 3, 9), want":    func() (*gorgonia.Node, error) { return ops.CrossAttention(node(2, 3, 9), node(2, 3, 9), one) },
		"attention: got nil as input 1":                          func() (*gorgonia.Node, error) { return ops.CrossAttention(node(2, 3, 9), nil, one) },
		"attention: got nil as input 0":                          func() (*gorgonia.Node, error) { return ops.SelfAttention(nil, one) },
		"rotary: got nil as input 0":                             func() (*gorgonia.Node, error) { return ops.Rotary(nil, 2, 2) },
		"rotary: got 9 columns of shape (2, 3, 9) in heads of 3": func() (*gorgonia.Node, error) { return ops.Rotary(node(2, 3, 9), 3, 9) },
		"rotary: got 5 columns of shape (2, 3, 9) in heads of 2": func() (*gorgonia.Node, error) { return ops.Rotary(node(2, 3, 9), 2, 5) },
		"reverse: got nil as input 0":                            func() (*gorgonia.Node, error) { return ops.Reverse(nil, nil) },
		"reverse: got shape (2), want [batch,time,…]":            func() (*gorgonia.Node, error) { return ops.Reverse(node(2), nil) },
		"reverse: got lengths of shape (2) of float32":           func() (*gorgonia.Node, error) { return ops.Reverse(node(2, 3, 9), node(2)) },
	} {
		if n, err := make(); n != nil || err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, %v, want an error that says %s", n, err, want)
		}
	}
	f := attentionSize{batch: 2, time: 3, heads: 1, size: 1, lengths: []int32{1, 4}}.fixture()
	if _, err := f.result(tensor.Float64, [][]float64{make([]float64, 18)}); err == nil || !strings.Contains(err.Error(), "attention: got length 4 of sample 1, want 0 to 3") {
		t.Errorf("got %v", err)
	}
}
