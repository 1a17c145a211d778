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

// A windowed is a convolution or a pooling drawn at random. A sequence has one row, of a window of one.
type windowed struct {
	batch, in, out, groups int
	places                 [2]int
	axes                   [2]ops.Axis
	sequence               bool
}

func (c windowed) String() string {
	return fmt.Sprintf("batch %d, %v of %d channels to %d in %d groups, %+v, sequence %v", c.batch, c.places, c.in, c.out, c.groups, c.axes, c.sequence)
}

// drawnWindow is one in which a window has a place that is no padding.
func drawnWindow(r *rand.Rand) windowed {
	for {
		c := windowed{batch: 1 + r.IntN(3), groups: 1 + r.IntN(3), sequence: r.IntN(4) == 0}
		c.in, c.out = c.groups*(1+r.IntN(5)), c.groups*(1+r.IntN(11))
		ok := true
		for i := range c.places {
			c.places[i] = 1 + r.IntN(9)
			c.axes[i] = ops.Axis{Size: 1 + r.IntN(4), Stride: 1 + r.IntN(3), Dilation: 1 + r.IntN(2), Before: r.IntN(3), After: r.IntN(3)}
			if c.sequence && i == 0 {
				c.places[0], c.axes[0] = 1, ops.Axis{Size: 1}
			}
			a := c.axes[i]
			ok = ok && a.Size*max(1, a.Dilation) <= c.places[i]+a.Before+a.After
			for o := range max(0, c.size(i)) {
				seen := false
				for k := range a.Size {
					p := o*max(1, a.Stride) - a.Before + k*max(1, a.Dilation)
					seen = seen || p >= 0 && p < c.places[i]
				}
				ok = ok && seen
			}
		}
		if ok {
			return c
		}
	}
}

// size is how many places the output has along an axis.
func (c windowed) size(axis int) int {
	a := c.axes[axis]
	return (c.places[axis]+a.Before+a.After-(a.Size-1)*max(1, a.Dilation)-1)/max(1, a.Stride) + 1
}

// each calls f for every tap of every window of a sample that is no padding: with places of the output, the window and the input.
func (c windowed) each(f func(out, tap, in int)) {
	for o := range c.size(0) {
		for q := range c.size(1) {
			for k := range c.axes[0].Size {
				for l := range c.axes[1].Size {
					i := o*max(1, c.axes[0].Stride) - c.axes[0].Before + k*max(1, c.axes[0].Dilation)
					p := q*max(1, c.axes[1].Stride) - c.axes[1].Before + l*max(1, c.axes[1].Dilation)
					if i >= 0 && i < c.places[0] && p >= 0 && p < c.places[1] {
						f(o*c.size(1)+q, k*c.axes[1].Size+l, i*c.places[1]+p)
					}
				}
			}
		}
	}
}

// shape is of a batch; a sequence's without rows.
func (c windowed) shape(rows, cols, channels int) tensor.Shape {
	if c.sequence {
		return tensor.Shape{c.batch, cols, channels}
	}
	return tensor.Shape{c.batch, rows, cols, channels}
}

func (c windowed) kernel(in, out int) tensor.Shape {
	s := tensor.Shape{c.axes[0].Size, c.axes[1].Size, in, out}
	if c.sequence {
		return s[1:]
	}
	return s
}

func (c windowed) of() []ops.Axis {
	if c.sequence {
		return c.axes[1:]
	}
	return c.axes[:]
}

var functionsOfConv = map[ops.Func]func(float64) float64{
	ops.SiLU:     func(z float64) float64 { return z / (1 + math.Exp(-z)) },
	ops.Identity: func(z float64) float64 { return z }, ops.Tanh: math.Tanh, ops.ReLU: func(z float64) float64 { return max(0, z) }, ops.Sigmoid: func(z float64) float64 { return 1 / (1 + math.Exp(-z)) },
}

// fixtures are a convolution, a transposed one and the poolings of such windows.
func (c windowed) fixtures(f ops.Func) []fixture {
	x, y := c.places[0]*c.places[1], c.size(0)*c.size(1)
	share, in := c.out/c.groups, c.in/c.groups
	activate := func(y []float64) []float64 {
		for i, z := range y {
			y[i] = functionsOfConv[f](z)
		}
		return y
	}
	return []fixture{{
		name:   "conv, " + c.String(),
		draw:   smallWeights,
		shapes: []tensor.Shape{c.shape(c.places[0], c.places[1], c.in), c.kernel(in, c.out), {c.out}},
		build: func(n gorgonia.Nodes) (*gorgonia.Node, error) {
			return ops.Conv(n[0], n[1], n[2], f, c.of()...)
		},
		want: func(v [][]float64) []float64 {
			z := slices.Repeat(v[2], c.batch*y)
			for s := range c.batch {
				c.each(func(out, tap, from int) {
					for j := range c.out {
						for i := range in {
							z[(s*y+out)*c.out+j] += v[0][(s*x+from)*c.in+j/share*in+i] * v[1][(tap*in+i)*c.out+j]
						}
					}
				})
			}
			return activate(z)
		},
	}, {
		name:   "transposed conv, " + c.String(),
		draw:   smallWeights,
		shapes: []tensor.Shape{c.shape(c.size(0), c.size(1), c.out), c.kernel(c.out, c.in), {c.in}},
		build: func(n gorgonia.Nodes) (*gorgonia.Node, error) {
			places := c.places[:]
			if c.sequence {
				places = places[1:]
			}
			return ops.ConvTranspose(n[0], n[1], n[2], f, places, c.of()...)
		},
		want: func(v [][]float64) []float64 {
			z := slices.Repeat(v[2], c.batch*x)
			for s := range c.batch {
				c.each(func(from, tap, to int) {
					for j := range c.in {
						for i := range c.out {
							z[(s*x+to)*c.in+j] += v[0][(s*y+from)*c.out+i] * v[1][(tap*c.out+i)*c.in+j]
						}
					}
				})
			}
			return activate(z)
		},
	}, {
		name:   "max pool, " + c.String(),
		shapes: []tensor.Shape{c.shape(c.places[0], c.places[1], c.in)},
		build:  func(n gorgonia.Nodes) (*gorgonia.Node, error) { return ops.MaxPool(n[0], c.of()...) },
		want: func(v [][]float64) []float64 {
			z := slices.Repeat([]float64{math.Inf(-1)}, c.batch*y*c.in)
			for s := range c.batch {
				c.each(func(out, _, from int) {
					for j := range c.in {
						at := (s*y+out)*c.in + j
						z[at] = max(z[at], v[0][(s*x+from)*c.in+j])
					}
				})
			}
			return z
		},
	}, {
		name:   "average pool, " + c.String(),
		shapes: []tensor.Shape{c.shape(c.places[0], c.places[1], c.in)},
		build:  func(n gorgonia.Nodes) (*gorgonia.Node, error) { return ops.AvgPool(n[0], c.of()...) },
		want: func(v [][]float64) []float64 {
			z, n := make([]float64, c.batch*y*c.in), make([]float64, y)
			c.each(func(out, _, _ int) { n[out]++ })
			for s := range c.batch {
				c.each(func(out, _, from int) {
					for j := range c.in {
						z[(s*y+out)*c.in+j] += v[0][(s*x+from)*c.in+j] / n[out]
					}
				})
			}
			return z
		},
	}}
}

// smallWeights keep sums near 1, so that what float32 rounds is little.
func smallWeights(r *rand.Rand, input int) float64 {
	if input == 1 {
		return r.NormFloat64() / 8
	}
	return awayFromZero(r, input)
}

// TestWindows: convolutions and poolings of windows drawn at random, against their definitions.
func TestWindows(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 1))
	fs := []ops.Func{ops.Identity, ops.Tanh, ops.ReLU, ops.Sigmoid, ops.SiLU}
	for i := range 40 {
		for _, f := range drawnWindow(r).fixtures(fs[i%len(fs)]) {
			f.check(t)
		}
	}
}

func TestGlobalPools(t *testing.T) {
	for _, s := range []tensor.Shape{{1, 1, 1}, {2, 5, 3}, {3, 5, 7, 2}, {2, 3, 2, 5, 1}} {
		places, channels := s.TotalSize()/s[0]/s[len(s)-1], s[len(s)-1]
		each := func(x []float64, f func(to *float64, v float64)) []float64 {
			y := make([]float64, s[0]*channels)
			for i, v := range x {
				if to := &y[i/(places*channels)*channels+i%channels]; i/channels%places == 0 {
					*to = v
				} else {
					f(to, v)
				}
			}
			return y
		}
		fixture{name: fmt.Sprint("global max pool ", s), shapes: []tensor.Shape{s}, build: func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.GlobalMaxPool(in[0]) },
			want: func(in [][]float64) []float64 {
				return each(in[0], func(to *float64, v float64) { *to = max(*to, v) })
			}}.check(t)
		fixture{name: fmt.Sprint("global average pool ", s), shapes: []tensor.Shape{s}, build: func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.GlobalAvgPool(in[0]) },
			want: func(in [][]float64) []float64 {
				y := each(in[0], func(to *float64, v float64) { *to += v })
				for i := range y {
					y[i] /= float64(places)
				}
				return y
			}}.check(t)
	}
}

func TestUpsample(t *testing.T) {
	for _, c := range []struct {
		shape   tensor.Shape
		factors []int
	}{{tensor.Shape{2, 3, 5, 2}, []int{2, 3}}, {tensor.Shape{1, 1, 1, 1}, []int{5, 1}}, {tensor.Shape{3, 5, 2}, []int{3}}, {tensor.Shape{2, 31, 37, 3}, []int{2, 2}}} {
		s := c.shape
		down, across := 1, c.factors[len(c.factors)-1]
		if len(c.factors) == 2 {
			down = c.factors[0]
		}
		fixture{name: fmt.Sprint("upsample ", s, c.factors), shapes: []tensor.Shape{s}, build: func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.Upsample(in[0], c.factors...) },
			want: func(in [][]float64) (y []float64) {
				channels, cols := s[len(s)-1], s[len(s)-2]
				for row := range len(in[0]) / channels / cols * down {
					for col := range cols * across {
						at := (row/down*cols + col/across) * channels
						y = append(y, in[0][at:at+channels]...)
					}
				}
				return y
			}}.check(t)
	}
}

// TestConvMaxPool: a convolution and a maximum in one op have the bits of two; so have gradients, but for the order in which they are added up: that of the windows, not of the convolution's places.
func TestConvMaxPool(t *testing.T) {
	for _, c := range []windowed{
		{batch: 5, in: 3, out: 6, groups: 1, places: [2]int{9, 7}, axes: [2]ops.Axis{{Size: 3, Before: 1, After: 1}, {Size: 3, Stride: 2}}},
		{batch: 19, in: 32, out: 40, groups: 1, places: [2]int{11, 9}, axes: [2]ops.Axis{{Size: 3, Before: 1, After: 1}, {Size: 3}}}, // through the gradients that are not zero
		{batch: 2, in: 4, out: 8, groups: 2, places: [2]int{1, 17}, axes: [2]ops.Axis{{Size: 1}, {Size: 3}}, sequence: true},
	} {
		for _, f := range []ops.Func{ops.ReLU, ops.Tanh, ops.Identity} {
			window := []ops.Axis{{Size: 3, Stride: 2, Before: 1}, {Size: 2, Stride: 2}}
			if c.sequence {
				window = window[1:]
			}
			one := c.fixtures(f)[0]
			one.name, one.want = "conv and max pool, "+c.String(), nil
			build := one.build
			two := one
			one.build = func(n gorgonia.Nodes) (*gorgonia.Node, error) {
				x, err := build(n)
				if err != nil {
					return nil, err
				}
				return ops.ConvMaxPool(x, window...)
			}
			two.build = func(n gorgonia.Nodes) (*gorgonia.Node, error) {
				x, err := build(n)
				if err != nil {
					return nil, err
				}
				return ops.MaxPool(x, window...)
			}
			if c.batch < 19 {
				one.check(t)
			}
			r := rand.New(rand.NewPCG(1, 1))
			var values [][]float64
			for i, s := range one.shapes {
				v := make([]float64, s.TotalSize())
				for j := range v {
					v[j] = float64(float32(smallWeights(r, i)))
				}
				values = append(values, v)
			}
			for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
				got, err := one.result(dt, values)
				if err != nil {
					t.Fatal(err)
				}
				want, err := two.result(dt, values)
				if err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(got.value, want.value) {
					t.Errorf("%s, %v, %v: other bits than those of two ops", one.name, f, dt)
				}
				rounding := 1e-14
				if dt == tensor.Float32 {
					rounding = 3e-6
				}
				near := func(a, b []float64) bool {
					scale := 1.0
					for _, v := range b {
						scale = max(scale, math.Abs(v))
					}
					return slices.EqualFunc(a, b, func(a, b float64) bool { return math.Abs(a-b) <= rounding*scale })
				}
				if !slices.EqualFunc(got.grads, want.grads, near) {
					t.Errorf("%s, %v, %v: other gradients than those of two ops", one.name, f, dt)
				}
			}
		}
	}
	g := gorgonia.NewGraph()
	x, _ := input(g, "x", tensor.Float32, tensor.Shape{2, 4, 4, 3}, make([]float64, 96))
	if y, err := ops.ConvMaxPool(x, ops.Axis{Size: 2}, ops.Axis{Size: 2}); err != nil || y.Shape()[1] != 3 {
		t.Errorf("of what is no convolution: got %v, %v", y, err)
	}
	if _, err := ops.ConvMaxPool(nil, ops.Axis{Size: 2}); err == nil {
		t.Error("of nil: got no error")
	}
}

// TestWindowsCut: however many threads share the work, the bits are the same.
func TestWindowsCut(t *testing.T) {
	threads := parallel.Threads()
	t.Cleanup(func() { parallel.SetThreads(threads) })
	c := windowed{batch: 21, in: 6, out: 34, groups: 1, places: [2]int{13, 11}, axes: [2]ops.Axis{{Size: 3, Before: 1, After: 1}, {Size: 5, Stride: 2}}}
	all := c.fixtures(ops.ReLU)
	c.in = 16
	one := c.fixtures(ops.ReLU)[0]
	convolve := one.build
	one.name = "conv and max pool"
	one.build = func(n gorgonia.Nodes) (*gorgonia.Node, error) {
		return ops.ConvMaxPool(must(convolve(n)), ops.Axis{Size: 3, Stride: 2}, ops.Axis{Size: 2})
	}
	for _, f := range append(all, one) {
		values := make([][]float64, len(f.shapes))
		for i, s := range f.shapes {
			for j := range s.TotalSize() {
				values[i] = append(values[i], float64((j*37+i*11)%101-50)/128)
			}
		}
		for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
			var want *result
			for _, n := range []int{1, 2, 3, 7} {
				parallel.SetThreads(n)
				got, err := f.result(dt, values)
				if err != nil {
					t.Fatal(f.name, ": ", err)
				}
				if want == nil {
					want = got
				}
				if !slices.Equal(got.value, want.value) || !slices.EqualFunc(got.grads, want.grads, slices.Equal[[]float64]) {
					t.Errorf("%s in %v has other bits on %d threads than on 1", f.name, dt, n)
				}
			}
		}
	}
}

// TestMaxPoolTies: of equal elements the first has the gradient; NaN is the largest; zeros of both signs are equal.
func TestMaxPoolTies(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct{ x, value, grad []float64 }{
		{[]float64{1, 1, 1, 1}, []float64{1}, []float64{1, 0, 0, 0}},
		{[]float64{0, 2, 2, 1}, []float64{2}, []float64{0, 1, 0, 0}},
		{[]float64{0, math.Copysign(0, -1), 0, 0}, []float64{0}, []float64{1, 0, 0, 0}},
		{[]float64{5, nan, 7, nan}, []float64{nan}, []float64{0, 1, 0, 0}},
		{[]float64{math.Inf(-1), math.Inf(-1), math.Inf(-1), math.Inf(-1)}, []float64{math.Inf(-1)}, []float64{1, 0, 0, 0}},
	} {
		for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
			pool := func(in gorgonia.Nodes) (*gorgonia.Node, error) {
				return ops.MaxPool(in[0], ops.Axis{Size: 2}, ops.Axis{Size: 2})
			}
			x := dense(dt, tensor.Shape{1, 2, 2, 1}, c.x)
			if got := evaluate(t, pool, x); fmt.Sprint(got) != fmt.Sprint(c.value) {
				t.Errorf("%v: got %v, want %v", c.x, got, c.value)
			}
			if got := gradientOf(t, pool, x); !slices.Equal(got, c.grad) {
				t.Errorf("%v: got the gradient %v, want %v", c.x, got, c.grad)
			}
		}
	}
}

// TestConvKeepsNaN: what is not a number comes out of the windows that see it, and of no other.
func TestConvKeepsNaN(t *testing.T) {
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		for _, in := range []int{1, 8} {
			x := make([]float64, 6*6*in)
			x[(2*6+3)*in] = math.NaN()
			w, b := make([]float64, 9*in*16), make([]float64, 16)
			for _, f := range []ops.Func{ops.Identity, ops.ReLU} {
				y := evaluate(t, func(n gorgonia.Nodes) (*gorgonia.Node, error) {
					return ops.Conv(n[0], n[1], n[2], f, ops.Axis{}, ops.Axis{})
				}, dense(dt, tensor.Shape{1, 6, 6, in}, x), dense(dt, tensor.Shape{3, 3, in, 16}, w), dense(dt, tensor.Shape{16}, b))
				for i, v := range y {
					row, col := i/16/4, i/16%4
					if want := row <= 2 && col >= 1; math.IsNaN(v) != want {
						t.Fatalf("%v, %v, %d channels: got %v at row %d, column %d", dt, f, in, v, row, col)
					}
				}
			}
		}
	}
}

// TestWindowErrors has the refusals.
func TestWindowErrors(t *testing.T) {
	g := gorgonia.NewGraph()
	node := func(shape ...int) *gorgonia.Node {
		n, _ := input(g, fmt.Sprint(shape), tensor.Float32, shape, make([]float64, tensor.Shape(shape).TotalSize()))
		return n
	}
	x, w, b := node(2, 5, 7, 4), node(3, 3, 4, 6), node(6)
	two := []ops.Axis{{Size: 2}, {Size: 2}}
	for _, c := range []struct {
		want string
		give func() (*gorgonia.Node, error)
	}{
		{"conv: got nil as input 0", func() (*gorgonia.Node, error) { return ops.Conv(nil, w, b, 0, ops.Axis{}, ops.Axis{}) }},
		{"conv: got a kernel of shape (3, 3, 4, 6) and 1 axes", func() (*gorgonia.Node, error) { return ops.Conv(x, w, b, 0, ops.Axis{}) }},
		{"conv: got shape (2, 28, 4) and 2 axes", func() (*gorgonia.Node, error) { return ops.Conv(node(2, 28, 4), w, b, 0, ops.Axis{}, ops.Axis{}) }},
		{"conv: got size 2 for axis 1 of a kernel of shape (3, 3, 4, 6)", func() (*gorgonia.Node, error) { return ops.Conv(x, w, b, 0, ops.Axis{Size: 2}, ops.Axis{}) }},
		{"conv: axis 2 of (2, 5, 7, 4): got size 3, stride -1", func() (*gorgonia.Node, error) { return ops.Conv(x, w, b, 0, ops.Axis{}, ops.Axis{Stride: -1}) }},
		{"conv: axis 1 of (2, 5, 7, 4): got a window of 7 places on 5", func() (*gorgonia.Node, error) { return ops.Conv(x, w, b, 0, ops.Axis{Dilation: 3}, ops.Axis{}) }},
		{"want at most 1048576", func() (*gorgonia.Node, error) { return ops.Conv(x, w, b, 0, ops.Axis{Before: 1 << 40}, ops.Axis{}) }},
		{"conv: got x (2, 5, 7, 4) and a kernel (3, 3, 3, 6)", func() (*gorgonia.Node, error) { return ops.Conv(x, node(3, 3, 3, 6), b, 0, ops.Axis{}, ops.Axis{}) }},
		{"conv: got x (2, 5, 7, 4) and a kernel (3, 3, 1, 6)", func() (*gorgonia.Node, error) { return ops.Conv(x, node(3, 3, 1, 6), b, 0, ops.Axis{}, ops.Axis{}) }},
		{"conv: got a bias of shape (5), want [6]", func() (*gorgonia.Node, error) { return ops.Conv(x, w, node(5), 0, ops.Axis{}, ops.Axis{}) }},
		{"conv: got function number 99", func() (*gorgonia.Node, error) { return ops.Conv(x, w, b, 99, ops.Axis{}, ops.Axis{}) }},
		{"transposed conv: got x (2, 5, 7, 4), a kernel (3, 3, 5, 6) and 2 sizes", func() (*gorgonia.Node, error) {
			return ops.ConvTranspose(x, node(3, 3, 5, 6), b, 0, []int{7, 9}, ops.Axis{}, ops.Axis{})
		}},
		{"transposed conv: got x (2, 5, 7, 4) for an output of [7 8], whose convolution gives (2, 5, 6, 4)", func() (*gorgonia.Node, error) {
			return ops.ConvTranspose(x, w, b, 0, []int{7, 8}, ops.Axis{}, ops.Axis{})
		}},
		{"max pool: got nil", func() (*gorgonia.Node, error) { return ops.MaxPool(nil, two...) }},
		{"max pool: axis 1 of (2, 5, 7, 4): window 0 lies on padding alone", func() (*gorgonia.Node, error) { return ops.MaxPool(x, ops.Axis{Size: 2, Before: 2}, two[0]) }},
		{"average pool: axis 2 of (2, 5, 7, 4): window 4 lies on padding alone", func() (*gorgonia.Node, error) {
			return ops.AvgPool(x, two[0], ops.Axis{Size: 2, Stride: 2, Before: 1, After: 5})
		}},
		{"global max pool: got shape (6), want [batch,…,channels]", func() (*gorgonia.Node, error) { return ops.GlobalMaxPool(b) }},
		{"global average pool: got nil", func() (*gorgonia.Node, error) { return ops.GlobalAvgPool(nil) }},
		{"upsample: got shape (2, 5, 7, 4) and factors [2]", func() (*gorgonia.Node, error) { return ops.Upsample(x, 2) }},
		{"upsample: got shape (2, 5, 7, 4) and factors [2 0]", func() (*gorgonia.Node, error) { return ops.Upsample(x, 2, 0) }},
	} {
		n, err := c.give()
		if n != nil || err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, %v, want an error that says %s", n, err, c.want)
		}
	}
}
