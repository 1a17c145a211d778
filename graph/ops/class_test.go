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

func classesOf(s tensor.Shape, ids ...int32) *tensor.Dense {
	return tensor.New(tensor.WithShape(s...), tensor.WithBacking(slices.Clone(ids)))
}

// TestClasses compares losses of classes with those of the rows that the classes stand for, ignored ones among them.
func TestClasses(t *testing.T) {
	for _, s := range []tensor.Shape{{1, 1}, {1, 5}, {4, 1}, {3, 5}, {600, 9}, {2, 3, 5}, {3, 1, 2, 4}} {
		n := lastOf(s)
		r := rand.New(rand.NewPCG(3, 4))
		ids := make([]int32, s.TotalSize()/n)
		for i := range ids {
			ids[i] = int32(r.IntN(n+1)) - 1
		}
		for _, c := range []struct {
			loss      string
			smoothing float64
		}{{"cross-entropy", 0}, {"cross-entropy", .1}, {"clipped cross-entropy", 0}} {
			loss := losses[c.loss]
			build := func(in gorgonia.Nodes) (*gorgonia.Node, error) {
				if c.loss == "cross-entropy" {
					return ops.CrossEntropy(in[0], in[1], c.smoothing)
				}
				return ops.ClippedCrossEntropy(in[0], in[1])
			}
			fixture{
				name:   fmt.Sprintf("%s, smoothing %v, of classes of %v", c.loss, c.smoothing, s),
				shapes: []tensor.Shape{s},
				ids:    []*tensor.Dense{classesOf(s[:len(s)-1], ids...)},
				draw:   func(r *rand.Rand, _ int) float64 { return loss.draw(r) },
				build:  build,
				want: func(in [][]float64) []float64 {
					var values []float64
					for i, class := range ids {
						target := make([]float64, n)
						if class == ops.Ignored {
							values = append(values, 0)
							continue
						}
						for j := range target {
							target[j] = c.smoothing / float64(n)
						}
						target[class] += 1 - c.smoothing
						values = append(values, loss.define(in[0][i*n:(i+1)*n], target))
					}
					return values
				},
			}.check(t)
		}
		fixture{
			name:   fmt.Sprintf("smoothed distributions of %v", s),
			shapes: []tensor.Shape{s, s},
			fixed:  1,
			build:  func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.CrossEntropy(in[0], in[1], .2) },
			want: func(in [][]float64) []float64 {
				soft := each(in[1], func(t float64) float64 { return .8*t + .2/float64(n) })
				return eachRow(losses["cross-entropy"].define, in[0], soft, n)
			},
		}.check(t)
	}
}

// TestIgnoredRowMayBeAnything: no NaN of a row that is not learnt from reaches its loss or its gradient.
func TestIgnoredRowMayBeAnything(t *testing.T) {
	x := dense(tensor.Float32, tensor.Shape{2, 2}, []float64{nan, inf, 1, 1})
	for name, build := range map[string]func(x, y *gorgonia.Node) (*gorgonia.Node, error){"cross-entropy": crossEntropy, "clipped": ops.ClippedCrossEntropy} {
		of := func(in gorgonia.Nodes) (*gorgonia.Node, error) {
			y := gorgonia.NewVector(in[0].Graph(), tensor.Int32, gorgonia.WithShape(2), gorgonia.WithName("classes"), gorgonia.WithValue(classesOf(tensor.Shape{2}, -1, 0)))
			return build(in[0], y)
		}
		if v := evaluate(t, of, x); v[0] != 0 {
			t.Errorf("%s: got %v, want 0 first", name, v)
		}
		if v := gradientOf(t, of, x); v[0] != 0 || v[1] != 0 {
			t.Errorf("%s: got gradient %v, want 0 first", name, v)
		}
	}
}

// TestClassThatThereIsNot is an error of the run, on one thread and on several, forward and backward, and the machine goes on after it.
func TestClassThatThereIsNot(t *testing.T) {
	threads := parallel.Threads()
	t.Cleanup(func() { parallel.SetThreads(threads) })
	for _, n := range []int{1, 3} {
		parallel.SetThreads(n)
		for _, bad := range []int32{9, -2, math.MinInt32, math.MaxInt32} {
			const rows = 3000
			g := gorgonia.NewGraph()
			x, _ := input(g, "x", tensor.Float32, tensor.Shape{rows, 9}, make([]float64, rows*9))
			ids := make([]int32, rows)
			v := tensor.New(tensor.WithShape(rows), tensor.WithBacking(ids))
			y := gorgonia.NewVector(g, tensor.Int32, gorgonia.WithShape(rows), gorgonia.WithName("y"), gorgonia.WithValue(v))
			cost := must(ops.Total(must(crossEntropy(x, y))))
			if _, err := gorgonia.Grad(cost, x); err != nil {
				t.Fatal(err)
			}
			machine := gorgonia.NewTapeMachine(g)
			ids[2500] = bad
			want := fmt.Sprintf("cross-entropy: got class %d at position 2500, want 0 to 8, or -1 to ignore the position", bad)
			if err := machine.RunAll(); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%d threads: got %v, want %s", n, err, want)
			}
			ids[2500] = 8
			machine.Reset()
			if err := machine.RunAll(); err != nil {
				t.Errorf("after the error: %v", err)
			}
			near(t, "cost", floats(cost.Value()), []float64{rows * math.Log(9)}, 1e-6)
		}
	}
}
