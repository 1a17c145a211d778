package inspect_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/inspect"
)

// tags are samples of labels: label j holds for a share of them, where a sum of the features, and chance as far as blur says, is large. Without sense it is chance alone.
func tags(t *testing.T, n int, shares []float64, blur float64, sense bool, seed uint64, purpose string) datasets.Data {
	t.Helper()
	const features = 6
	weights, r := stream(seed, "weights"), stream(seed, purpose)
	x, y := make([]float32, n*features), make([]float32, n*len(shares))
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	for j, share := range shares {
		var w [features]float64
		size := 0.0
		for k := range w {
			w[k] = weights.NormFloat64()
			size += w[k] * w[k]
		}
		sums := make([]float64, n)
		for i := range sums {
			for k := range w {
				sums[i] += w[k] * float64(x[i*features+k])
			}
			if sums[i] += blur * size / features * 2.4 * r.NormFloat64(); !sense {
				sums[i] = r.NormFloat64()
			}
		}
		sorted := slices.Clone(sums)
		slices.Sort(sorted)
		least := sorted[min(n-1, int((1-share)*float64(n)))]
		for i, s := range sums {
			if s >= least {
				y[i*len(shares)+j] = 1
			}
		}
	}
	data, err := datasets.NewArrays("tags", []datasets.Array{{Name: "x", Shape: []int{features}, Floats: x}}, []datasets.Array{{Name: "y", Shape: []int{len(shares)}, Floats: y}})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestRareLabels: of several labels those that hold for few samples, and are not told of them, are named, also beside others that are told well; not labels that are told, that are frequent, of which
// nothing can be learnt, or where another cause is to blame.
func TestRareLabels(t *testing.T) {
	few := []float64{.04, .05, .04, .03, .05, .04, .06, .04}
	for name, c := range map[string]struct {
		shares    []float64
		blur      float64
		senseless bool
		optimizer string
		epochs    int
		first     inspect.Code // a cause; "" for any but the next
		never     inspect.Code
	}{
		"beside frequent ones":       {[]float64{.5, .5, .5, .04, .05, .04}, 1, false, "adam 0.003", 20, inspect.Imbalance, inspect.Healthy},
		"rare ones alone":            {few, 1, false, "adam 0.003", 20, inspect.Imbalance, inspect.Healthy},
		"one":                        {[]float64{.05}, 1, false, "adam 0.003", 20, inspect.Imbalance, inspect.Healthy},
		"that hold nearly always":    {[]float64{.96, .5, .95, .4}, 1, false, "adam 0.003", 20, inspect.Imbalance, inspect.Healthy},
		"frequent":                   {[]float64{.5, .4, .5, .6}, .05, false, "adam 0.005", 40, inspect.Healthy, inspect.Imbalance},
		"rare and told":              {[]float64{.5, .1, .4, .08}, 0, false, "adam 0.01", 60, inspect.Healthy, inspect.Imbalance},
		"of which there is no sense": {few, 1, true, "adam 0.003", 20, "", inspect.Imbalance},
		"a rate that is too low":     {few, 1, false, "sgd 1e-6", 20, inspect.RateTooLow, inspect.Imbalance},
	} {
		for _, seed := range []uint64{1, 2} {
			run := trial{line: name, kind: name, network: fmt.Sprintf("dense 32 tanh, dense %d sigmoid", len(c.shares)), loss: "binary-cross-entropy", optimizer: c.optimizer, batch: 20, epochs: c.epochs}
			r := run.recordOn(t, seed, tags(t, 1500, c.shares, c.blur, !c.senseless, seed, "train"), tags(t, 700, c.shares, c.blur, !c.senseless, seed, "test"))
			findings, err := inspect.Diagnose(context.Background(), r)
			if err != nil {
				t.Fatal(err)
			}
			first := inspect.Healthy
			for _, f := range slices.Backward(findings) {
				if !slices.Contains(noCause, f.Code) && f.Severity != inspect.Note {
					first = f.Code
				}
			}
			if c.first != "" && first != c.first || slices.ContainsFunc(findings, func(f inspect.Finding) bool { return f.Code == c.never }) {
				t.Errorf("%s, seed %d: got %s first, want %s and never %s:\n%s\n%s", name, seed, first, c.first, c.never, words(findings), inspect.Facts(r))
			}
			for _, why := range contradictions(findings, r) {
				t.Errorf("%s, seed %d: %s", name, seed, why)
			}
		}
	}
}
