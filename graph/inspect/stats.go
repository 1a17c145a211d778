package inspect

import (
	"math"
	"slices"

	"gorgonia.org/tensor"
)

// Levels are the probabilities of Stats.Quantiles; the middle one is the median.
var Levels = [7]float64{.01, .05, .25, .5, .75, .95, .99}

// Bins is the number of bins of Stats.Histogram.
const Bins = 20

// Stats describe the elements of a tensor. Elements that are not finite are counted in NonFinite and left out of everything
// else, so every figure of a float32 tensor is a finite number.
type Stats struct {
	Count     int        `json:"count"` // elements
	Norm      float64    `json:"norm"`  // √Σx²
	Mean      float64    `json:"mean"`
	Std       float64    `json:"std"` // of the population: divided by the number of elements
	Min       float64    `json:"min"`
	Max       float64    `json:"max"`
	Zeros     float64    `json:"zeros"`      // share of elements that are exactly 0
	NonFinite float64    `json:"non_finite"` // share of elements that are NaN or ±Inf
	Quantiles [7]float64 `json:"quantiles"`  // at Levels: of n elements in order, number ⌊p·(n−1)+½⌋
	Histogram [Bins]int  `json:"histogram"`  // elements in each of Bins equal parts of [Min, Max]
}

// Summarize describes a tensor of any shape, of float32 or float64. The figures are computed in float64.
func Summarize(t *tensor.Dense) Stats {
	if t.IsMaterializable() {
		t = t.Materialize().(*tensor.Dense)
	}
	if t.Dtype() == tensor.Float64 {
		return summarize(t.Float64s())
	}
	return summarize(t.Float32s())
}

type float interface{ float32 | float64 }

func summarize[T float](x []T) Stats {
	s := Stats{Count: len(x)}
	finite := finiteOf(x)
	if len(x) > 0 {
		s.NonFinite = float64(len(x)-len(finite)) / float64(len(x))
	}
	if len(finite) == 0 {
		return s
	}
	sum, zeros := 0.0, 0
	low, high := finite[0], finite[0]
	for _, v := range finite {
		if v == 0 {
			zeros++
		}
		sum += float64(v)
		low, high = min(low, v), max(high, v)
	}
	s.Zeros = float64(zeros) / float64(len(x))
	n := float64(len(finite))
	s.Mean = sum / n
	var deviations, squares float64
	for _, v := range finite {
		d := float64(v) - s.Mean
		deviations += d * d
		squares += float64(v) * float64(v)
	}
	s.Min, s.Max = float64(low), float64(high)
	s.Std, s.Norm = math.Sqrt(deviations/n), math.Sqrt(squares)
	if scale := Bins / (s.Max - s.Min); !math.IsInf(scale, 0) {
		for _, v := range finite {
			s.Histogram[min(Bins-1, int((float64(v)-s.Min)*scale))]++
		}
	} else { // one value, or as good as one
		s.Histogram[0] = len(finite)
	}
	for i, p := range Levels {
		s.Quantiles[i] = p*(n-1) + .5
	}
	quantiles(finite, &s.Quantiles)
	return s
}

// finiteOf are the finite elements of x: x itself where all are.
func finiteOf[T float](x []T) []T {
	for i, v := range x {
		if v-v != 0 { // NaN for NaN and ±Inf
			finite := slices.Clone(x[:i])
			for _, v := range x[i:] {
				if v-v == 0 {
					finite = append(finite, v)
				}
			}
			return finite
		}
	}
	return x
}

// quantiles replaces each rank in q, in rising order, by the element of x of that rank. It counts the elements by the first 16 bits of
// their order, and sorts only the few that share them with one of the ranks: two passes, exact.
func quantiles[T float](x []T, q *[len(Levels)]float64) {
	if len(x) <= 1<<12 {
		x = slices.Clone(x)
		slices.Sort(x)
		for i, rank := range q {
			q[i] = float64(x[int(rank)])
		}
		return
	}
	counts := make([]int32, 1<<16)
	for _, v := range x {
		counts[prefix(v)]++
	}
	var sought [1 << 16]bool
	var place [len(Levels)]int // of the rank among the elements that share a sought prefix
	below, before, at := 0, 0, 0
	for i, rank := range q {
		for ; below+int(counts[at]) <= int(rank); at++ {
			below += int(counts[at])
			if sought[at] {
				before += int(counts[at])
			}
		}
		sought[at] = true
		place[i] = before + int(rank) - below
	}
	var few []T
	for _, v := range x {
		if sought[prefix(v)] {
			few = append(few, v)
		}
	}
	slices.Sort(few)
	for i, p := range place {
		q[i] = float64(few[p])
	}
}

// prefix are the first bits of a number that orders float32s as integers: all bits of a negative one are turned over, the sign
// of the others. Rounding a float64 does not change the order.
func prefix[T float](v T) uint16 {
	bits := math.Float32bits(float32(v) + 0) // −0 is 0
	if bits>>31 == 1 {
		return uint16(^bits >> 16)
	}
	return uint16(bits>>16) | 1<<15
}
