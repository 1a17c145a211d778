package vec

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// A cellStep is a function of cell.go: parts says how many n elements each slice has.
type cellStep struct {
	name   string
	parts  []int
	run32  func(s [][]float32)
	run64  func(s [][]float64)
	writes []int // slices
}

var cellSteps = []cellStep{
	{"LSTM", []int{4, 1, 1, 1}, func(s [][]float32) { LSTM(s[0], s[1], s[2], s[3]) }, func(s [][]float64) { LSTM(s[0], s[1], s[2], s[3]) }, []int{0, 2, 3}},
	{"LSTMGrad", []int{4, 4, 1, 1, 1, 1}, func(s [][]float32) { LSTMGrad(s[0], s[1], s[2], s[3], s[4], s[5]) }, func(s [][]float64) { LSTMGrad(s[0], s[1], s[2], s[3], s[4], s[5]) }, []int{0, 5}},
	{"LSTMGrad in place", []int{4, 1, 1, 1, 1}, func(s [][]float32) { LSTMGrad(s[0], s[0], s[1], s[2], s[3], s[4]) }, func(s [][]float64) { LSTMGrad(s[0], slices.Clone(s[0]), s[1], s[2], s[3], s[4]) }, []int{0, 4}},
	{"GRU", []int{3, 3, 1, 1, 1}, func(s [][]float32) { GRU(s[0], s[1], s[2], s[3], s[4]) }, func(s [][]float64) { GRU(s[0], s[1], s[2], s[3], s[4]) }, []int{0, 3, 4}},
	{"GRUGrad", []int{3, 3, 3, 1, 1, 1}, func(s [][]float32) { GRUGrad(s[0], s[1], s[2], s[3], s[4], s[5]) }, func(s [][]float64) { GRUGrad(s[0], s[1], s[2], s[3], s[4], s[5]) }, []int{0, 1, 5}},
	{"GRUGrad in place", []int{3, 3, 1, 1, 1}, func(s [][]float32) { GRUGrad(s[0], s[1], s[0], s[2], s[3], s[4]) }, func(s [][]float64) { GRUGrad(s[0], s[1], slices.Clone(s[0]), s[2], s[3], s[4]) }, []int{0, 1, 4}},
}

// TestCells: float32, by either way, gives what float64 does, of any number of units, and writes nowhere else.
func TestCells(t *testing.T) {
	const margin, canary = 9, 12345.5
	eachPath(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		for _, c := range cellSteps {
			for n := 1; n < 45; n++ {
				narrow, wide, whole := make([][]float32, len(c.parts)), make([][]float64, len(c.parts)), make([][]float32, len(c.parts))
				for i, parts := range c.parts {
					whole[i] = filled(canary, margin+parts*n+margin)
					narrow[i] = whole[i][margin : margin+parts*n]
					for k := range narrow[i] {
						narrow[i][k] = float32(r.NormFloat64())
						wide[i] = append(wide[i], float64(narrow[i][k]))
					}
				}
				before := clone(narrow)
				c.run32(narrow)
				c.run64(wide)
				written := map[int]bool{}
				for _, i := range c.writes {
					written[i] = true
					for k, want := range wide[i] {
						if d := math.Abs(float64(narrow[i][k]) - want); !(d <= 2e-6*max(1, math.Abs(want))) {
							t.Fatalf("%s of %d: slice %d, element %d is %v, want %v", c.name, n, i, k, narrow[i][k], want)
						}
					}
				}
				for i := range narrow {
					for k := range narrow[i] {
						if !written[i] && narrow[i][k] != before[i][k] {
							t.Fatalf("%s of %d: slice %d was written", c.name, n, i)
						}
					}
					for k := range margin {
						if whole[i][k] != canary || whole[i][len(whole[i])-1-k] != canary {
							t.Fatalf("%s of %d: written beside slice %d", c.name, n, i)
						}
					}
				}
			}
		}
	})
}
