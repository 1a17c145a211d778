package graph_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stheno-ml/stheno/graph"
)

// TestOrthogonal: the shorter side's vectors are orthonormal, and every sign is drawn as often as its opposite.
func TestOrthogonal(t *testing.T) {
	for _, shape := range [][]int{{7, 7}, {5, 20}, {20, 5}, {2, 3, 4}, {3}, {1, 1}} {
		cols := shape[len(shape)-1]
		rows := 1
		for _, n := range shape[:len(shape)-1] {
			rows *= n
		}
		w := make([]float64, rows*cols)
		r := rand.New(rand.NewPCG(1, 2))
		positive := 0
		const draws = 400
		for range draws {
			graph.Orthogonal.Fill(r, w, shape)
			for a := range min(rows, cols) {
				for b := range a + 1 {
					dot := 0.0
					for l := range max(rows, cols) {
						if rows < cols {
							dot += w[a*cols+l] * w[b*cols+l]
						} else {
							dot += w[l*cols+a] * w[l*cols+b]
						}
					}
					want := 0.0
					if a == b {
						want = 1
					}
					if math.Abs(dot-want) > 1e-12 {
						t.Fatalf("%v: vectors %d and %d: product %v, want %v", shape, a, b, dot, want)
					}
				}
			}
			if w[0] > 0 {
				positive++
			}
		}
		if math.Abs(float64(positive)-draws/2) > 4*math.Sqrt(draws)/2 {
			t.Errorf("%v: the first element is above 0 in %d of %d draws", shape, positive, draws)
		}
	}
}
