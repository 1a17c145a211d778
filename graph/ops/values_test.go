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

// functions are the definitions of the elementwise functions, on one number.
var functions = map[ops.Func]func(float64) float64{
	ops.Identity:  func(x float64) float64 { return x },
	ops.Sigmoid:   func(x float64) float64 { return 1 / (1 + math.Exp(-x)) },
	ops.Tanh:      math.Tanh,
	ops.ReLU:      func(x float64) float64 { return max(0, x) },
	ops.LeakyReLU: func(x float64) float64 { return max(x, 0.01*x) },
	ops.Softplus:  func(x float64) float64 { return math.Log1p(math.Exp(x)) },
	ops.ELU:       func(x float64) float64 { return max(x, 0) + min(0, math.Exp(x)-1) },
	ops.SELU:      func(x float64) float64 { return ops.SELUScale * (max(x, 0) + min(0, ops.SELUAlpha*(math.Exp(x)-1))) },
	ops.GELU:      func(x float64) float64 { return x * (1 + math.Erf(x/math.Sqrt2)) / 2 },
	ops.GELUTanh:  func(x float64) float64 { return x / 2 * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(x+.044715*x*x*x))) },
	ops.SiLU:      func(x float64) float64 { return x / (1 + math.Exp(-x)) },
	ops.Mish:      func(x float64) float64 { return x * math.Tanh(math.Log1p(math.Exp(x))) },
}

func TestActivate(t *testing.T) {
	shapes := append(slices.Clone(matrices), tensor.Shape{1}, tensor.Shape{7}, tensor.Shape{2, 1, 3})
	for f, define := range functions {
		for _, s := range shapes {
			fixture{
				name:   fmt.Sprintf("%v of %v", f, s),
				shapes: []tensor.Shape{s},
				build:  func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.Activate(in[0], f) },
				want:   func(in [][]float64) []float64 { return each(in[0], define) },
			}.check(t)
		}
		fixture{
			name:   fmt.Sprintf("%v of a scalar", f),
			shapes: []tensor.Shape{{1}},
			build: func(in gorgonia.Nodes) (*gorgonia.Node, error) {
				return ops.Activate(gorgonia.Must(ops.Reshape(in[0])), f)
			},
			want: func(in [][]float64) []float64 { return each(in[0], define) },
		}.check(t)
	}
}

func TestDense(t *testing.T) {
	for f, define := range functions {
		for _, s := range [][3]int{{1, 1, 1}, {1, 1, 4}, {1, 3, 1}, {2, 1, 1}, {1, 3, 4}, {5, 1, 4}, {5, 3, 1}, {5, 3, 4}, {67, 40, 71}} {
			b, m, n := s[0], s[1], s[2]
			fixture{
				name:   fmt.Sprintf("dense %v of %v", f, s),
				shapes: []tensor.Shape{{b, m}, {m, n}, {n}},
				draw:   offKink(b, m, n),
				build:  func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.Dense(in[0], in[1], in[2], f) },
				want: func(in [][]float64) []float64 {
					z := product(in[0], in[1], b, m, n)
					for i := range z {
						z[i] += in[2][i%n]
					}
					return each(z, define)
				},
			}.check(t)
		}
	}
}

// offKink draws factors of x·w + b such that no sum of a column comes near 0: positive x, w of one sign a column.
func offKink(b, m, n int) func(r *rand.Rand, input int) float64 {
	at := 0
	return func(r *rand.Rand, input int) float64 {
		v := 0.1 + r.Float64()/math.Sqrt(float64(m))
		column := at % n
		if at++; input == 0 {
			at = 0
			return v
		}
		if column%2 == 1 {
			return -v
		}
		return v
	}
}

func TestMatMul(t *testing.T) {
	for _, s := range [][3]int{{1, 1, 1}, {1, 1, 3}, {1, 4, 1}, {2, 1, 1}, {1, 4, 3}, {2, 1, 3}, {2, 4, 1}, {2, 4, 3}, {70, 33, 41}} {
		for _, trans := range [][2]bool{{false, false}, {false, true}, {true, false}, {true, true}} {
			m, k, n := s[0], s[1], s[2]
			a, b := tensor.Shape{m, k}, tensor.Shape{k, n}
			if trans[0] {
				a = tensor.Shape{k, m}
			}
			if trans[1] {
				b = tensor.Shape{n, k}
			}
			f := fixture{
				name:   fmt.Sprintf("matmul of %v, transposed %v", s, trans),
				shapes: []tensor.Shape{a, b},
				build:  func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.MatMul(in[0], in[1], trans[0], trans[1]) },
				want: func(in [][]float64) []float64 {
					x, y := in[0], in[1]
					if trans[0] {
						x = transposed(x, k, m)
					}
					if trans[1] {
						y = transposed(y, n, k)
					}
					return product(x, y, m, k, n)
				},
			}
			f.check(t)

			// The gradient of the gradients: both are products again, differentiated with regard to the operands and to what
			// came in from above.
			for which := range 2 {
				fixture{
					name:   fmt.Sprintf("gradient %d of %s", which, f.name),
					shapes: []tensor.Shape{a, b, {m, n}},
					build: func(in gorgonia.Nodes) (*gorgonia.Node, error) {
						y, err := ops.MatMul(in[0], in[1], trans[0], trans[1])
						if err != nil {
							return nil, err
						}
						grads, err := y.Op().(gorgonia.SDOp).SymDiff(in[:2], y, in[2])
						if err != nil {
							return nil, err
						}
						// The operand that this product leaves out gets a gradient too, so that all three have one.
						return ops.Add(flat(grads[which]), flat(in[which]))
					},
				}.check(t)
			}
		}
	}
}

// flat is x as one row.
func flat(x *gorgonia.Node) *gorgonia.Node {
	return gorgonia.Must(ops.Reshape(x, 1, x.Shape().TotalSize()))
}

func TestSoftmax(t *testing.T) {
	for _, s := range matrices {
		fixture{
			name:   fmt.Sprint("softmax of ", s),
			shapes: []tensor.Shape{s},
			build:  func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.Softmax(in[0]) },
			want:   func(in [][]float64) []float64 { return softmax(in[0], s[1]) },
		}.check(t)
	}
}

func TestAdd(t *testing.T) {
	for _, s := range append(slices.Clone(matrices), tensor.Shape{1}, tensor.Shape{6}, tensor.Shape{2, 1, 3}) {
		fixture{
			name:   fmt.Sprint("add of ", s),
			shapes: []tensor.Shape{s, s},
			build:  func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.Add(in[0], in[1]) },
			want:   func(in [][]float64) []float64 { return zip(in[0], in[1], func(a, b float64) float64 { return a + b }) },
		}.check(t)
		fixture{
			name:   fmt.Sprint("x + x of ", s),
			shapes: []tensor.Shape{s},
			build:  func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.Add(in[0], in[0]) },
			want:   func(in [][]float64) []float64 { return each(in[0], func(x float64) float64 { return 2 * x }) },
		}.check(t)
	}
}

func TestConcat(t *testing.T) {
	for _, widths := range [][]int{{1}, {3}, {1, 1}, {2, 1, 3}, {1, 4}, {40, 31}} {
		for _, batch := range []int{1, 2, 130} {
			f := fixture{
				name:  fmt.Sprintf("concat of %v in %d rows", widths, batch),
				build: func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.Concat(in...) },
				want: func(in [][]float64) (y []float64) {
					for row := range batch {
						for i, w := range widths {
							y = append(y, in[i][row*w:(row+1)*w]...)
						}
					}
					return y
				},
			}
			for _, w := range widths {
				f.shapes = append(f.shapes, tensor.Shape{batch, w})
			}
			f.check(t)
		}
	}
	fixture{
		name:   "concat of one node three times",
		shapes: []tensor.Shape{{2, 3}},
		build:  func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.Concat(in[0], in[0], in[0]) },
	}.check(t)
}

func TestColumns(t *testing.T) {
	for _, c := range [][4]int{{1, 1, 0, 1}, {1, 4, 0, 4}, {1, 4, 1, 2}, {3, 1, 0, 1}, {3, 5, 0, 2}, {3, 5, 4, 5}, {3, 5, 1, 4}, {90, 80, 7, 66}} {
		batch, width, lo, hi := c[0], c[1], c[2], c[3]
		fixture{
			name:   fmt.Sprintf("columns %d to %d of [%d,%d]", lo, hi, batch, width),
			shapes: []tensor.Shape{{batch, width}},
			build:  func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.Columns(in[0], lo, hi) },
			want: func(in [][]float64) (y []float64) {
				for row := range batch {
					y = append(y, in[0][row*width+lo:row*width+hi]...)
				}
				return y
			},
		}.check(t)
	}
	// Two cuts of one node: their gradients are added up by Gorgonia, which may do so in the buffer of either.
	fixture{
		name:   "two overlapping cuts",
		shapes: []tensor.Shape{{3, 5}},
		build: func(in gorgonia.Nodes) (*gorgonia.Node, error) {
			a, err := ops.Columns(in[0], 0, 3)
			if err != nil {
				return nil, err
			}
			b, err := ops.Columns(in[0], 2, 5)
			if err != nil {
				return nil, err
			}
			return ops.Add(a, b)
		},
	}.check(t)
}

func TestReshapeAndCopy(t *testing.T) {
	for _, c := range [][2]tensor.Shape{{{1, 1}, {1}}, {{1}, {1, 1, 1}}, {{6}, {1, 6}}, {{1, 6}, {6, 1}}, {{2, 3}, {6}}, {{2, 3}, {3, 2}}, {{2, 3, 4}, {4, 6}}, {{60, 80}, {80, 60}}} {
		fixture{
			name:   fmt.Sprintf("reshape of %v to %v", c[0], c[1]),
			shapes: []tensor.Shape{c[0]},
			build:  func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.Reshape(in[0], c[1]...) },
			want:   func(in [][]float64) []float64 { return in[0] },
		}.check(t)
		fixture{
			name:   fmt.Sprintf("copy of %v", c[0]),
			shapes: []tensor.Shape{c[0]},
			build:  func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.Copy(in[0]) },
			want:   func(in [][]float64) []float64 { return in[0] },
		}.check(t)
	}
}

// The definitions below are written for clarity, in float64.

func each(x []float64, f func(float64) float64) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = f(v)
	}
	return y
}

func zip(a, b []float64, f func(a, b float64) float64) []float64 {
	y := make([]float64, len(a))
	for i := range a {
		y[i] = f(a[i], b[i])
	}
	return y
}

func product(a, b []float64, m, k, n int) []float64 {
	c := make([]float64, m*n)
	for i := range m {
		for j := range n {
			for l := range k {
				c[i*n+j] += a[i*k+l] * b[l*n+j]
			}
		}
	}
	return c
}

func transposed(a []float64, rows, cols int) []float64 {
	y := make([]float64, len(a))
	for i := range rows {
		for j := range cols {
			y[j*rows+i] = a[i*cols+j]
		}
	}
	return y
}

func softmax(x []float64, n int) []float64 {
	y := each(x, math.Exp)
	for row := range slices.Chunk(y, n) {
		sum := 0.0
		for _, v := range row {
			sum += v
		}
		for i := range row {
			row[i] /= sum
		}
	}
	return y
}
