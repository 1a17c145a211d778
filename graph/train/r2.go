package train

import (
	"math"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
)

// R2 is the coefficient of determination, 1 − Σ(t−p)²/Σ(t−t̄)²: 1 is right everywhere, 0 no better than the targets' mean t̄, and there is no bound below. It is taken of
// each of the n outputs, [batch,…,n], by itself, and the mean over them is R2 (scikit-learn's r2_score). A target that never changes counts 1 where it was met exactly, else 0; of fewer
// than two samples there is none.
type R2 struct{}

// Name is "r2".
func (R2) Name() string { return "r2" }

// Check wants floats of the output's shape.
func (m R2) Check(output graph.OutputInfo, target graph.Input) error {
	return checkNumbers(m.Name(), output, target)
}

// Add keeps how many rows there were, and of each output the first target, how far the mean of the targets is from it, their squared distances from the mean, and the squared
// errors. The mean moves with each row (Welford 1962), so that targets far from 0 lose nothing, and batches, however cut, come to the same.
func (R2) Add(sums []float64, _ graph.OutputInfo, values, target *tensor.Dense) []float64 {
	x, t, n := numbers(values), numbers(target), lastOf(values)
	if sums == nil {
		sums = make([]float64, 1+4*n)
	}
	if len(sums) != 1+4*n {
		return sums
	}
	for ; len(x) >= n && len(t) >= n; x, t = x[n:], t[n:] {
		sums[0]++
		for j := range n {
			of := sums[1+4*j:][:4]
			if sums[0] == 1 {
				of[0] = t[j]
			}
			from := t[j] - of[0]
			d := from - of[1]
			of[1] += d / sums[0]
			of[2] += d * (from - of[1])
			of[3] += (t[j] - x[j]) * (t[j] - x[j])
		}
	}
	return sums
}

// Value is the mean over the outputs.
func (R2) Value(sums []float64) float64 {
	if len(sums) == 0 || sums[0] < 2 {
		return math.NaN()
	}
	sum, n := 0.0, 0.0
	for of := sums[1:]; len(of) >= 4; of = of[4:] {
		n++
		switch around, wrong := of[2], of[3]; {
		case around != 0:
			sum += 1 - wrong/around
		case wrong == 0:
			sum++
		case wrong != wrong:
			sum = wrong
		}
	}
	return sum / n
}
