package datasets

import "math"

// Stats describes the values and labels of a Dataset, with its transforms applied.
type Stats struct {
	Counts    []int   // samples of each class
	Min, Max  float32 // over all values
	Mean, Std float64 // over all values; Std is the population's (divided by the number of values)
}

// Stats reads every sample once, in float64. Mean and variance are gathered row by row and merged (Chan, Golub, LeVeque: Updating
// Formulae and a Pairwise Algorithm for Computing Sample Variances, 1979), which stays exact where a sum of squares would
// cancel.
func (d *Dataset) Stats() Stats {
	s := Stats{Counts: make([]int, len(d.Classes)), Min: float32(math.Inf(1)), Max: float32(math.Inf(-1))}
	row := make([]float32, d.features)
	n := float64(d.features)
	var squares float64 // sum of squared distances from the mean
	for i, label := range d.labels {
		s.Counts[label]++
		d.Row(row, i)
		var sum float64
		for _, v := range row {
			sum += float64(v)
			s.Min, s.Max = min(s.Min, v), max(s.Max, v)
		}
		mean := sum / n
		var sq float64
		for _, v := range row {
			sq += (float64(v) - mean) * (float64(v) - mean)
		}
		delta := mean - s.Mean
		s.Mean += delta / float64(i+1)
		squares += sq + delta*delta*n*float64(i)/float64(i+1)
	}
	s.Std = math.Sqrt(squares / (n * float64(d.Len())))
	return s
}
