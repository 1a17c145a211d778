package events

import (
	"math"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/inspect"
)

// bins of a histogram, between the least and the largest value.
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
	low, high := T(math.Inf(1)), T(math.Inf(-1))
	var h histogram
	for _, v := range x {
		if v-v == 0 {
			low, high = min(low, v), max(high, v)
			h.sum += float64(v)
			h.squares += float64(v) * float64(v)
		}
	}
	if low > high { // nothing finite
		return h
	}
	h.min, h.max, h.counts = float64(low), float64(high), make([]float64, bins)
	scale := bins / (h.max - h.min)
	for _, v := range x {
		if v-v == 0 {
			at := 0
			if high > low {
				at = min(int((float64(v)-h.min)*scale), bins-1)
			}
			h.counts[at]++
		}
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
