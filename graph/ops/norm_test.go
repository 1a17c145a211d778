package ops_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/ops"
)

const normEpsilon = 1e-3

// normalized is (x − μ)/√(σ² + ε)·scale + shift, with μ and σ² of the elements of which set says the same; with a μ of 0 where they are not centred. in[1] and in[2] are scale and
// shift of the n channels, where they are there.
func normalized(in [][]float64, n int, centred bool, set func(at int) int) []float64 {
	x := in[0]
	sum, squares, count := map[int]float64{}, map[int]float64{}, map[int]float64{}
	for i, v := range x {
		sum[set(i)] += v
		count[set(i)]++
	}
	mean := func(i int) float64 {
		if !centred {
			return 0
		}
		return sum[set(i)] / count[set(i)]
	}
	for i, v := range x {
		squares[set(i)] += (v - mean(i)) * (v - mean(i))
	}
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = (v - mean(i)) / math.Sqrt(squares[set(i)]/count[set(i)]+normEpsilon)
		if len(in) > 1 {
			y[i] *= in[1][i%n]
		}
		if len(in) > 2 {
			y[i] += in[2][i%n]
		}
	}
	return y
}

// normalizations are the family, each with what belongs together.
var normalizations = []struct {
	name    string
	vectors int // scale, and shift
	make    func(x *gorgonia.Node, affine ...*gorgonia.Node) (*gorgonia.Node, error)
	centred bool
	set     func(s tensor.Shape) func(at int) int
	fits    func(s tensor.Shape) bool
}{
	{"batch norm", 2, func(x *gorgonia.Node, affine ...*gorgonia.Node) (*gorgonia.Node, error) {
		y, _, _, err := ops.BatchNorm(x, normEpsilon, affine...)
		return y, err
	}, true, func(s tensor.Shape) func(int) int { return func(at int) int { return at % s[len(s)-1] } },
		func(s tensor.Shape) bool { return s.TotalSize() > s[len(s)-1] }},
	{"layer norm", 2, func(x *gorgonia.Node, affine ...*gorgonia.Node) (*gorgonia.Node, error) {
		return ops.LayerNorm(x, normEpsilon, affine...)
	}, true, func(s tensor.Shape) func(int) int { return func(at int) int { return at / s[len(s)-1] } }, nil},
	{"rms norm", 1, func(x *gorgonia.Node, affine ...*gorgonia.Node) (*gorgonia.Node, error) {
		return ops.RMSNorm(x, normEpsilon, affine...)
	}, false, func(s tensor.Shape) func(int) int { return func(at int) int { return at / s[len(s)-1] } }, nil},
	{"group norm", 2, func(x *gorgonia.Node, affine ...*gorgonia.Node) (*gorgonia.Node, error) {
		return ops.GroupNorm(x, groupsOf(x.Shape()), normEpsilon, affine...)
	}, true, func(s tensor.Shape) func(int) int {
		n := s[len(s)-1]
		return func(at int) int { return at/(s.TotalSize()/s[0])*n + at%n/(n/groupsOf(s)) }
	}, nil},
}

// groupsOf is how many groups the tests make of a shape's channels.
func groupsOf(s tensor.Shape) int {
	n := s[len(s)-1]
	for _, k := range []int{3, 2} {
		if n%k == 0 {
			return k
		}
	}
	return 1
}

// TestNorms: values and gradients by the definition, of primes, one channel, one position, one sample, and what is cut into many stretches.
func TestNorms(t *testing.T) {
	shapes := []tensor.Shape{{1, 5}, {2, 1}, {4, 1}, {3, 5}, {7, 13}, {2, 3, 6}, {1, 7, 4}, {3, 1, 1, 11}, {2, 3, 5, 7}, {131, 70}, {700, 9}, {3, 11, 13, 17}, {5, 290}}
	for _, f := range normalizations {
		for _, s := range shapes {
			if f.fits != nil && !f.fits(s) {
				continue
			}
			n := s[len(s)-1]
			for _, vectors := range []int{0, f.vectors} {
				all := append([]tensor.Shape{s}, slices.Repeat([]tensor.Shape{{n}}, vectors)...)
				fixture{
					name:   fmt.Sprintf("%s of %v, %d vectors", f.name, s, vectors),
					shapes: all,
					build:  func(in gorgonia.Nodes) (*gorgonia.Node, error) { return f.make(in[0], in[1:]...) },
					want:   func(in [][]float64) []float64 { return normalized(in, n, f.centred, f.set(s)) },
				}.check(t)
			}
		}
	}
}

// TestBatchMoments: the mean and the variance that go with a batch, and a mean far from 0 that costs no digits.
func TestBatchMoments(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, s := range []tensor.Shape{{2, 1}, {7, 5}, {900, 3}, {2, 3, 4, 5}} {
		n := s[len(s)-1]
		rows := float64(s.TotalSize() / n)
		x := make([]float64, s.TotalSize())
		for i := range x {
			x[i] = float64(float32(4096 + float64(i%n) + r.NormFloat64()/16))
		}
		mean, variance := make([]float64, n), make([]float64, n)
		for i, v := range x {
			mean[i%n] += v / rows
		}
		for i, v := range x {
			variance[i%n] += (v - mean[i%n]) * (v - mean[i%n]) / rows
		}
		for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
			for which, want := range [][]float64{mean, variance} {
				got := evaluate(t, func(in gorgonia.Nodes) (*gorgonia.Node, error) {
					_, mean, variance, err := ops.BatchNorm(in[0], normEpsilon)
					return []*gorgonia.Node{mean, variance}[which], err
				}, dense(dt, s, x))
				for j, w := range want {
					tolerance := 1e-9
					if dt == tensor.Float32 {
						tolerance = 1e-7
					}
					if !(math.Abs(got[j]-w) <= tolerance*math.Abs(w)) {
						t.Errorf("%v in %v: statistic %d of channel %d is %v, want %v", s, dt, which, j, got[j], w)
					}
				}
			}
			y := evaluate(t, func(in gorgonia.Nodes) (*gorgonia.Node, error) {
				y, _, _, err := ops.BatchNorm(in[0], normEpsilon)
				return y, err
			}, dense(dt, s, x))
			near(t, fmt.Sprintf("%v in %v, far from 0", s, dt), y, normalized([][]float64{x}, n, true, func(at int) int { return at % n }), 3e-6)
		}
	}
}

// TestStandardize: by the definition, with gradients of all but mean and variance.
func TestStandardize(t *testing.T) {
	for _, s := range []tensor.Shape{{1, 1}, {1, 5}, {3, 2, 7}, {400, 11}} {
		n := s[len(s)-1]
		mean, variance := make([]float64, n), make([]float64, n)
		for j := range mean {
			mean[j], variance[j] = float64(j%3)/4-.25, .5+float64(j%5)
		}
		for _, affine := range []bool{false, true} {
			f := fixture{
				name:   fmt.Sprintf("standardize %v, affine %v", s, affine),
				shapes: []tensor.Shape{s},
				build: func(in gorgonia.Nodes) (*gorgonia.Node, error) {
					m, _ := input(in[0].Graph(), "mean", in[0].Dtype(), tensor.Shape{n}, mean)
					v, _ := input(in[0].Graph(), "variance", in[0].Dtype(), tensor.Shape{n}, variance)
					return ops.Standardize(in[0], m, v, normEpsilon, in[1:]...)
				},
				want: func(in [][]float64) []float64 {
					y := make([]float64, len(in[0]))
					for i, x := range in[0] {
						y[i] = (x - mean[i%n]) / math.Sqrt(variance[i%n]+normEpsilon)
						if affine {
							y[i] = y[i]*in[1][i%n] + in[2][i%n]
						}
					}
					return y
				},
			}
			if affine {
				f.shapes = append(f.shapes, tensor.Shape{n}, tensor.Shape{n})
			}
			f.check(t)
		}
	}
}

// TestNormErrors: what is not rows of channels, or fits no vector.
func TestNormErrors(t *testing.T) {
	g := gorgonia.NewGraph()
	node := func(shape ...int) *gorgonia.Node {
		n, _ := input(g, fmt.Sprint("n", shape), tensor.Float32, shape, make([]float64, tensor.Shape(shape).TotalSize()))
		return n
	}
	batch := func(x *gorgonia.Node, epsilon float64, affine ...*gorgonia.Node) error {
		_, _, _, err := ops.BatchNorm(x, epsilon, affine...)
		return err
	}
	second := func(_ *gorgonia.Node, err error) error { return err }
	for want, err := range map[string]error{
		"batch norm: got one value a channel, in shape (1, 3), want at least two: their variance is what is divided by": batch(node(1, 3), 1),
		"batch norm: got shape (3), want [batch,…,channels]":                                                            batch(node(3), 1),
		"batch norm: got ε -1, want a number of at least 0":                                                             batch(node(2, 3), -1),
		"batch norm: got 1 vectors, want a scale and a shift, or none":                                                  batch(node(2, 3), 1, node(3)),
		"batch norm: got a vector of shape (2) for x of shape (2, 3), want (3), one for each channel":                   batch(node(2, 3), 1, node(3), node(2)),
		"batch norm: got nil as input 2, want a node: look at the error of the function that made it":                   batch(node(2, 3), 1, node(3), nil),
		"batch norm: got nil as input 0, want a node: look at the error of the function that made it":                   batch(nil, 1),
		"layer norm: got 1 vectors, want a scale and a shift, or none":                                                  second(ops.LayerNorm(node(2, 3), 1, node(3))),
		"rms norm: got 2 vectors, want a scale, or none":                                                                second(ops.RMSNorm(node(2, 3), 1, node(3), node(3))),
		"group norm: got 2 groups of 3 channels, want a number that divides them":                                       second(ops.GroupNorm(node(2, 3), 2, 1)),
		"group norm: got 0 groups of 3 channels, want a number that divides them":                                       second(ops.GroupNorm(node(2, 3), 0, 1)),
		"standardize: got nil as input 1, want a node: look at the error of the function that made it":                  second(ops.Standardize(node(2, 3), nil, node(3), 1)),
		"standardize: got 1 vectors beside mean and variance, want a scale and a shift, or none":                        second(ops.Standardize(node(2, 3), node(3), node(3), 1, node(3))),
	} {
		if err == nil || err.Error() != want {
			t.Errorf("got %v\nwant %s", err, want)
		}
	}
}
