package train

import (
	"math"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
)

// Perplexity is e to the mean cross-entropy of the rows, [batch,…,classes]: among how many equally likely classes the model might as well have chosen. An output without
// activation is taken for logits, another for probabilities; a probability of 0 where the class is makes it +∞. A class of −1 is left out. Neither class weights nor
// label smoothing count.
type Perplexity struct{}

// Name is "perplexity".
func (Perplexity) Name() string { return "perplexity" }

// LessIsBetter is true.
func (Perplexity) LessIsBetter() bool { return true }

// Check wants an output for each class.
func (m Perplexity) Check(output graph.OutputInfo, target graph.Input) error {
	return checkClasses(m.Name(), output, target)
}

// Add adds up cross-entropies, and counts.
func (Perplexity) Add(sums []float64, output graph.OutputInfo, values, target *tensor.Dense) []float64 {
	if sums == nil {
		sums = make([]float64, 2)
	}
	x, n := numbers(values), lastOf(values)
	log := make([]float64, n)
	row := func(i int) bool {
		if (i+1)*n > len(x) {
			return false
		}
		logProbabilities(log, x[i*n:(i+1)*n], output.Linear)
		return true
	}
	if target != nil && target.Dtype() == tensor.Int32 {
		for i, class := range target.Int32s() {
			if class == ops.Ignored || !row(i) {
				continue
			}
			sums[1]++
			if class < 0 || int(class) >= n {
				sums[0] = math.NaN()
			} else {
				sums[0] -= log[class]
			}
		}
		return sums
	}
	t := numbers(target)
	for i := 0; (i+1)*n <= len(t) && row(i); i++ {
		sums[1]++
		for c, share := range t[i*n : (i+1)*n] {
			if share != 0 { // 0·ln 0 is 0 here
				sums[0] -= share * log[c]
			}
		}
	}
	return sums
}

// Value is e to the mean.
func (Perplexity) Value(sums []float64) float64 { return math.Exp(ratio(sums)) }

// logProbabilities are those of a row of probabilities, or of logits; NaN anywhere in a row of logits gives NaN.
func logProbabilities(log, row []float64, logits bool) {
	if !logits {
		for c, p := range row {
			log[c] = math.Log(p)
		}
		return
	}
	top := math.Inf(-1)
	for _, z := range row {
		top = max(top, z)
	}
	sum := 0.0
	for _, z := range row {
		sum += math.Exp(z - top)
	}
	for c, z := range row {
		log[c] = z - top - math.Log(sum)
	}
}
