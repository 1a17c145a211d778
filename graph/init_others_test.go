package graph_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/text"
)

// TestInitializersOfOthers: the deviation and the largest element of a matrix of 300 inputs and 400 outputs, against those that PyTorch 2.15 and Keras 3.15 drew (testdata/init.py). Keras
// truncates its scaled normal ones at two deviations, and widens them to the same deviation; PyTorch and we do not.
func TestInitializersOfOthers(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for name, want := range map[string]struct {
		torch, keras float64 // deviations; 0: it has none
		bound        float64 // 0: none
	}{
		"glorot-uniform": {.05337, .05341, .09258}, "glorot-normal": {.05347, .05341, 0},
		"he-uniform": {.08149, .08158, .14142}, "he-normal": {.08177, .08158, 0},
		"lecun-uniform": {.05765, .05769, .10000}, "lecun-normal": {.05789, .05769, 0},
		"orthogonal": {.05000, .05000, 0}, "truncated-normal": {.04388, .04394, .10000},
		"normal": {0, .04998, 0}, "uniform": {0, .02884, .05000}, "identity": {.04994, .04994, 1},
	} {
		init, err := text.Parse[graph.Initializer](name)
		if err != nil {
			t.Fatal(err)
		}
		w := make([]float64, 300*400)
		init.Fill(r, w, []int{300, 400})
		sum, squares, largest := 0.0, 0.0, 0.0
		for _, v := range w {
			sum, squares, largest = sum+v, squares+v*v, max(largest, math.Abs(v))
		}
		n := float64(len(w))
		got := math.Sqrt(squares/n - sum/n*sum/n)
		for _, want := range []float64{want.torch, want.keras} {
			if want > 0 && math.Abs(got/want-1) > .01 {
				t.Errorf("%s: deviation %.5f, want %.5f", name, got, want)
			}
		}
		if b := want.bound; b > 0 && (largest > b*1.0001 || largest < .99*b) {
			t.Errorf("%s: largest %.5f, want %.5f", name, largest, b)
		}
		if b := want.bound; b == 0 && name != "orthogonal" && largest < 3.5*got {
			t.Errorf("%s: largest %.5f, want it not truncated", name, largest)
		}
	}
}

// TestOrthogonal: rows, or columns where there are more rows, are of the gain's length and at right angles, of a kernel and a vector too.
func TestOrthogonal(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, shape := range [][]int{{1, 1}, {3, 7}, {7, 3}, {64, 64}, {3, 3, 2, 5}, {9}} {
		columns := shape[len(shape)-1]
		if len(shape) == 1 {
			columns = 1
		}
		size := 1
		for _, d := range shape {
			size *= d
		}
		w, rows := make([]float64, size), size/columns
		graph.Orthogonal(1.5).Fill(r, w, shape)
		at := func(i, k int) float64 { return w[i*columns+k] }
		short, long := rows, columns
		if rows > columns {
			short, long = columns, rows
			at = func(i, k int) float64 { return w[k*columns+i] }
		}
		for i := range short {
			for j := range i + 1 {
				dot, want := 0.0, 0.0
				for k := range long {
					dot += at(i, k) * at(j, k)
				}
				if i == j {
					want = 1.5 * 1.5
				}
				if math.Abs(dot-want) > 1e-12 {
					t.Fatalf("%v: vectors %d and %d have the product %v, want %v", shape, i, j, dot, want)
				}
			}
		}
	}
}
