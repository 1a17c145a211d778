package inspect

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
)

var campaign = flag.Bool("gradcheck-campaign", false, "run the long form of the campaigns of the gradient check, a quarter of an hour")

var activated = []layers.Activation{layers.Linear, layers.Sigmoid, layers.Tanh, layers.ReLU, layers.LeakyReLU, layers.Softplus, layers.Softmax}

// scaled is a network of that many layers, with weights that many times Glorot's.
func scaled(t testing.TB, a layers.Activation, depth int, scale float64, seed uint64) *graph.Model {
	t.Helper()
	weights := graph.InitFunc("scaled", func(r *rand.Rand, fanIn, fanOut int) float64 {
		return scale * r.NormFloat64() * math.Sqrt(2/float64(fanIn+fanOut))
	})
	var all []graph.Layer
	for range depth - 1 {
		all = append(all, layers.Dense{Units: 6, Activation: a, Weights: weights})
	}
	return network(t, seed, append(all, layers.Dense{Units: 3, Activation: layers.Softmax, Weights: weights})...)
}

// No right network is called wrong, or not checked, however deep, and however large or small its weights.
func TestNoFalseAlarm(t *testing.T) {
	depths, seeds := func(uint64) []int { return []int{1, 2, 9} }, uint64(1)
	if *campaign {
		depths, seeds = func(seed uint64) []int { return []int{1 + int(seed)%5, 6 + int(seed), 60 - 2*(int(seed)%18)} }, 20
	}
	for _, a := range activated {
		t.Run(a.String(), func(t *testing.T) {
			checks, alarms := 0, 0
			notes := map[string]int{}
			for _, scale := range []float64{.01, .1, 1, 3, 10} {
				for seed := range seeds {
					for _, depth := range depths(seed) {
						var loss graph.Loss = losses.CrossEntropy{}
						if (seed+uint64(depth))%3 == 2 {
							loss = losses.MSE{}
						}
						check, err := CheckGradients(scaled(t, a, depth, scale, seed), loss, suited(loss, randomBatch(5, 4, 3, seed)))
						if err != nil {
							t.Errorf("%d layers, scale %v, seed %d: %v", depth, scale, seed, err)
							continue
						}
						checks++
						if !check.OK() {
							alarms++
							t.Errorf("%d layers, scale %v, %s, seed %d, loss %g:\n%s", depth, scale, loss.Name(), seed, check.Loss, faults(check))
						}
						for _, p := range check.Params {
							notes["parameters"]++
							for _, note := range []string{"compared at", "all 0", "overflows", "underflows", "too coarse"} {
								if strings.Contains(p.Note, note) {
									notes[note]++
								}
							}
						}
					}
				}
			}
			t.Logf("%d networks, %d false alarms, notes by parameter %v", checks, alarms, notes)
		})
	}
}

// faults are the lines of the table that are not ok.
func faults(c *GradCheck) string {
	var s strings.Builder
	for i, line := range strings.Split(c.String(), "\n") {
		if i == 0 || i <= len(c.Params) && c.Params[i-1].Fault != "" {
			fmt.Fprintln(&s, line)
		}
	}
	return s.String()
}
