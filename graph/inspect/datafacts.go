package inspect

import (
	"context"
	"hash/fnv"
	"math"
)

// values describe the inputs of some samples.
type values struct {
	features             int
	min, max, mean, std  float64
	means                []float64 // of each feature
	largest              float64   // root mean square of the feature that has the largest
	constant, duplicated []int     // features that are the same in each sample; those that are another feature once more
	twin                 int       // which one the first of these is
}

// valuesOf looks at all features; nil where the inputs are no numbers.
func valuesOf(ctx context.Context, s *samples) (*values, error) {
	if s.x == nil || s.len() == 0 {
		return nil, nil
	}
	v := &values{features: s.features, min: math.Inf(1), max: math.Inf(-1), means: make([]float64, s.features)}
	n := float64(s.len())
	lows, highs, squares := make([]float32, s.features), make([]float32, s.features), make([]float64, s.features)
	copy(lows, s.row(0))
	copy(highs, s.row(0))
	for i := range s.len() {
		for j, x := range s.row(i) {
			lows[j], highs[j] = min(lows[j], x), max(highs[j], x)
			v.means[j] += float64(x) / n
			squares[j] += float64(x) * float64(x) / n
		}
	}
	for j, m := range v.means {
		v.min, v.max = min(v.min, float64(lows[j])), max(v.max, float64(highs[j]))
		v.mean += m / float64(s.features)
		v.largest = max(v.largest, math.Sqrt(squares[j]))
		if lows[j] == highs[j] {
			v.constant = append(v.constant, j)
		}
	}
	if err := stopped(ctx); err != nil {
		return nil, err
	}
	var deviations float64 // a second look, since squares of large numbers cancel
	for i := range s.len() {
		for _, x := range s.row(i) {
			deviations += (float64(x) - v.mean) * (float64(x) - v.mean)
		}
	}
	v.std = math.Sqrt(deviations / n / float64(s.features))
	first := map[uint64]int{}
	for j := range s.features {
		if lows[j] == highs[j] {
			continue
		}
		if err := stopped(ctx); err != nil {
			return nil, err
		}
		h := fnv.New64a()
		for i := range s.len() {
			bits := math.Float32bits(s.x[i*s.features+j])
			h.Write([]byte{byte(bits), byte(bits >> 8), byte(bits >> 16), byte(bits >> 24)})
		}
		of, there := first[h.Sum64()]
		if !there {
			first[h.Sum64()] = j
			continue
		}
		if v.duplicated = append(v.duplicated, j); len(v.duplicated) == 1 {
			v.twin = of
		}
	}
	return v, nil
}

// rms is the root mean square of all values.
func (v *values) rms() float64 { return math.Hypot(v.mean, v.std) }

// A shift is how far a data set lies from the training set.
type shift struct {
	distance float64 // root mean square over the features of the difference of means, in the training set's standard deviations
	chance   float64 // the distance that chance alone makes of so many samples
	spread   float64 // ratio of the standard deviations over all values; 0 where that is not known
	values   *values
}

func shiftOf(fit, test *samples, reference, v *values) shift {
	if v == nil || reference == nil || len(reference.constant) == reference.features || v.features != reference.features {
		return shift{values: v}
	}
	s := shift{values: v, spread: v.std / reference.std}
	sum := 0.0
	for j, m := range reference.means {
		sum += (v.means[j] - m) * (v.means[j] - m)
	}
	// What chance alone does to the means of so many samples is taken off.
	chance := reference.std * reference.std * (1/float64(test.len()) + 1/float64(fit.len()))
	s.distance, s.chance = math.Sqrt(max(0, sum/float64(v.features)-chance))/reference.std, math.Sqrt(chance)/reference.std
	return s
}

// far says whether that is more than chance makes of it.
func (s shift) far() bool {
	return s.spread != 0 && (s.distance >= math.Sqrt(shiftDistance*shiftDistance+2*s.chance*s.chance) || s.spread <= .75 || s.spread >= 1.33)
}

// scaled says whether the values are in another unit altogether.
func (s shift) scaled() bool { return s.spread != 0 && (s.spread > 4 || s.spread < .25) }
