package inspect

import (
	"math"
	"slices"
	"sync"

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
	if t == nil {
		return Stats{}
	}
	if t.IsMaterializable() {
		t = t.Materialize().(*tensor.Dense)
	}
	if t.Dtype() == tensor.Float64 {
		return summarize(t.Float64s())
	}
	if t.Dtype() != tensor.Float32 { // ids say nothing by their statistics
		return Stats{Count: t.Shape().TotalSize()}
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
	ranks := rankings.Get().(*ranking)
	defer rankings.Put(ranks)
	ranks.counts, ranks.sought, ranks.few = [1 << 16]int32{}, [1 << 16]bool{}, ranks.few[:0]
	sum, squares, zeros, negative := 0.0, 0.0, 0, 0
	low, high := finite[0], finite[0]
	for _, v := range finite {
		if v < low {
			low = v
		}
		if v > high {
			high = v
		}
		if v == 0 { // half of what a relu puts out is: there are too many of them to be ranked one by one
			zeros++
			continue
		}
		sum += float64(v)
		squares += float64(v) * float64(v)
		negative += int(math.Float64bits(float64(v)) >> 63)
		ranks.counts[prefix(v)]++
	}
	s.Zeros = float64(zeros) / float64(len(x))
	n := float64(len(finite))
	s.Mean, s.Norm = sum/n, math.Sqrt(squares)
	s.Min, s.Max = float64(low), float64(high)
	for i, p := range Levels {
		ranks.at[i] = ofZeros
		if rank := int(p*(n-1) + .5); rank < negative {
			ranks.at[i] = rank
		} else if rank >= negative+zeros {
			ranks.at[i] = rank - zeros
		}
	}
	ranks.seek()
	scale := Bins / (s.Max - s.Min)
	if math.IsInf(scale, 0) { // one value, or as good as one: all in the first bin
		scale = 0
	}
	deviations := float64(zeros) * s.Mean * s.Mean
	if zeros > 0 {
		s.Histogram[min(Bins-1, int(-s.Min*scale))] += zeros
	}
	for _, v := range finite {
		if v == 0 {
			continue
		}
		d := float64(v) - s.Mean
		deviations += d * d
		s.Histogram[min(Bins-1, int((float64(v)-s.Min)*scale))]++
		if ranks.sought[prefix(v)] {
			ranks.few = append(ranks.few, float64(v))
		}
	}
	s.Std = math.Sqrt(deviations / n)
	ranks.find(&s.Quantiles)
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

// A ranking finds the elements of certain ranks, zeros left out. It counts all by the first 16 bits of their order, and sorts only the few that share these with one that is
// sought: exact, in two passes that others share.
type ranking struct {
	counts [1 << 16]int32
	sought [1 << 16]bool
	at     [len(Levels)]int // the ranks, or ofZeros
	place  [len(Levels)]int // of each rank among the few
	few    []float64
}

var rankings = sync.Pool{New: func() any { return new(ranking) }}

// ofZeros is a rank that a zero has.
const ofZeros = -1

// seek says which prefixes are sought, once all elements are counted, by the ranks, in rising order.
func (r *ranking) seek() {
	below, before, at := 0, 0, 0
	for i, rank := range r.at {
		if rank == ofZeros {
			continue
		}
		for ; below+int(r.counts[at]) <= rank; at++ {
			below += int(r.counts[at])
			if r.sought[at] {
				before += int(r.counts[at])
			}
		}
		r.sought[at] = true
		r.place[i] = before + rank - below
	}
}

// find gives the element of each rank.
func (r *ranking) find(q *[len(Levels)]float64) {
	slices.Sort(r.few)
	for i, rank := range r.at {
		if rank != ofZeros {
			q[i] = r.few[r.place[i]]
		}
	}
}

// prefix are the first bits of a number that orders float32s as integers: all bits of a negative one are turned over, the sign
// of the others. Rounding a float64 does not change the order.
func prefix[T float](v T) uint16 {
	bits := int32(math.Float32bits(float32(v) + 0)) // −0 is 0
	return uint16(uint32(bits^(bits>>31|math.MinInt32)) >> 16)
}
