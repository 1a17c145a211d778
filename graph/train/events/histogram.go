package events

import (
	"slices"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/internal/vec"
)

// bins of a histogram, between the least and the largest value: two less than a power of two, by which count masks.
const bins = 30

// A histogram is the elements of a tensor that are finite, counted.
type histogram struct {
	min, max, sum, squares float64
	counts                 []float64
}

// of counts a tensor's elements in equal bins.
func of(t *tensor.Dense) histogram {
	if t.Dtype() == tensor.Float64 {
		return count(t.Float64s())
	}
	return count(t.Float32s())
}

func count[T float32 | float64](x []T) histogram {
	if squares := vec.SumSquares(x); squares-squares != 0 { // an element is not finite, or the squares of float64 are not
		x = slices.DeleteFunc(slices.Clone(x), func(v T) bool { return v-v != 0 })
	}
	h := histogram{sum: vec.Sum(x), squares: vec.SumSquares(x)}
	if len(x) == 0 {
		return h
	}
	low, high := x[0], x[0]
	for _, v := range x {
		if v < low {
			low = v
		} else if v > high {
			high = v
		}
	}
	h.min, h.max = float64(low), float64(high)
	scale := bins / (high - low)
	if high == low || scale-scale != 0 { // one value, or as good as one
		scale = 0
	}
	var counts [2][bins + 2]uint32 // two, since neighbours often fall into the same bin
	for len(x) >= 2 {
		counts[0][int32((x[0]-low)*scale)&(bins+1)]++
		counts[1][int32((x[1]-low)*scale)&(bins+1)]++
		x = x[2:]
	}
	for _, v := range x {
		counts[0][int32((v-low)*scale)]++
	}
	h.counts = make([]float64, bins)
	for at := range bins + 1 { // the largest lies at the end of the last
		h.counts[min(at, bins-1)] += float64(counts[0][at]) + float64(counts[1][at])
	}
	return h
}

// summarized is the histogram of what package inspect has counted.
func summarized(s inspect.Stats) histogram {
	n := float64(s.Count) * (1 - s.NonFinite)
	h := histogram{min: s.Min, max: s.Max, sum: s.Mean * n, squares: s.Norm * s.Norm}
	for _, c := range s.Histogram {
		h.counts = append(h.counts, float64(c))
	}
	return h
}

// encode makes a HistogramProto (histogram.proto).
func (h histogram) encode() message {
	total := 0.0
	limits := make([]float64, len(h.counts))
	for i, c := range h.counts {
		total += c
		limits[i] = h.min + (h.max-h.min)*float64(i+1)/float64(len(h.counts))
	}
	if len(limits) > 0 {
		limits[len(limits)-1] = h.max
	}
	// min, max, num, sum, sum_squares, bucket_limit, bucket
	return message(nil).Double(1, h.min).Double(2, h.max).Double(3, total).Double(4, h.sum).Double(5, h.squares).Doubles(6, limits).Doubles(7, h.counts)
}
