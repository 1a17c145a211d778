package ops_test

import (
	"math"
	"slices"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/ops"
)

// drawn are the numbers of Normal, or of the mask of Dropout with a rate of .4, at a place.
func drawn(t *testing.T, mask bool, dt tensor.Dtype, s tensor.Shape, seed uint64, at ops.Place) []float64 {
	t.Helper()
	return evaluate(t, func(in gorgonia.Nodes) (*gorgonia.Node, error) {
		stream := ops.Stream{Seed: seed, At: &at}
		if mask {
			return ops.Dropout(in[0], .4, stream)
		}
		return ops.Normal(in[0], stream)
	}, dense(dt, s, slices.Repeat([]float64{1}, s.TotalSize())))
}

func TestNormal(t *testing.T) {
	const n = 200_000
	for seed := range uint64(3) {
		x := drawn(t, false, tensor.Float64, tensor.Shape{100, n / 100}, seed, ops.Place{Step: 5})
		narrow := drawn(t, false, tensor.Float32, tensor.Shape{100, n / 100}, seed, ops.Place{Step: 5})
		var sum, squares, beside, below float64
		for i, v := range x {
			sum += v
			squares += v * v
			if i > 0 {
				beside += v * x[i-1]
			}
			if i >= n/100 {
				below += v * x[i-n/100]
			}
			if narrow[i] != float64(float32(v)) {
				t.Fatalf("element %d is %v in float32 and %v in float64", i, narrow[i], v)
			}
		}
		for what, z := range map[string]float64{"mean": sum / math.Sqrt(n), "variance": (squares - n) / math.Sqrt(2*n), "neighbours": beside / math.Sqrt(n), "rows": below / math.Sqrt(n)} {
			if math.Abs(z) > 4 {
				t.Errorf("seed %d: %s off by %v standard deviations", seed, what, z)
			}
		}
		slices.Sort(x)
		distance := 0.0
		for i, v := range x {
			f := math.Erfc(-v/math.Sqrt2) / 2
			distance = max(distance, f-float64(i)/n, float64(i+1)/n-f)
		}
		if limit := 1.9 / math.Sqrt(n); distance > limit {
			t.Errorf("seed %d: Kolmogorov–Smirnov distance %v, want at most %v", seed, distance, limit)
		}
	}
}

// TestPlaces: what is random is a function of seed, step and place, so that parts of a batch have together what the whole has.
func TestPlaces(t *testing.T) {
	for _, mask := range []bool{true, false} {
		for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
			for _, inner := range []tensor.Shape{{1}, {7}, {50}, {3, 5}, {64, 3}} {
				size := inner.TotalSize()
				of := func(rows, from int, step uint64) []float64 {
					return drawn(t, mask, dt, append(tensor.Shape{rows}, inner...), 3, ops.Place{Step: step, Row: from})
				}
				whole := of(90, 0, 4)
				if !slices.Equal(whole, slices.Concat(of(31, 0, 4), of(58, 31, 4), of(1, 89, 4))) {
					t.Errorf("mask %v, %v: parts of a batch of %v have other numbers than the whole", mask, dt, inner)
				}
				if slices.Equal(whole[:45*size], of(45, 45, 4)) || slices.Equal(whole, of(90, 0, 5)) {
					t.Errorf("mask %v, %v: another place or step has the same numbers", mask, dt)
				}
			}
			for _, other := range []uint64{2, 4, 3 + 1<<40} {
				if slices.Equal(drawn(t, mask, dt, tensor.Shape{40, 5}, 3, ops.Place{}), drawn(t, mask, dt, tensor.Shape{40, 5}, other, ops.Place{})) {
					t.Errorf("seeds 3 and %d have the same numbers", other)
				}
			}
		}
	}
	vector := drawn(t, false, tensor.Float32, tensor.Shape{9}, 3, ops.Place{}) // [batch] alone
	if !slices.Equal(vector[4:], drawn(t, false, tensor.Float32, tensor.Shape{5}, 3, ops.Place{Row: 4})) {
		t.Error("a batch of single numbers has other ones in parts")
	}
}

// TestNormalGivesNoGradient: what it is shaped like is not learnt from.
func TestNormalGivesNoGradient(t *testing.T) {
	fixture{
		name:   "x + noise",
		shapes: []tensor.Shape{{30, 40}},
		build: func(in gorgonia.Nodes) (*gorgonia.Node, error) {
			return ops.Add(in[0], must(ops.Normal(in[0], ops.Stream{Seed: 1, At: &ops.Place{}})))
		},
	}.check(t)
	g := gorgonia.NewGraph()
	x, _ := input(g, "x", tensor.Float32, tensor.Shape{2}, []float64{1, 2})
	if wrt := must(ops.Normal(x, ops.Stream{At: &ops.Place{}})).Op().(gorgonia.SDOp).DiffWRT(1); wrt[0] {
		t.Error("it is said to be differentiable")
	}
}
