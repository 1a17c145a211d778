package train

import (
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
)

// Accuracy is the share of rows, [batch,…,classes], whose largest output is that of their class; of equal ones the first counts, and NaN is below all numbers. A
// target of distributions has the class that is largest there; a class of −1 is left out.
type Accuracy struct{}

// Name is "accuracy".
func (Accuracy) Name() string { return "accuracy" }

// Check wants an output for each class.
func (m Accuracy) Check(output graph.OutputInfo, target graph.Input) error {
	return checkClasses(m.Name(), output, target)
}

// Add counts the rows that are right, and all.
func (Accuracy) Add(sums []float64, _ graph.OutputInfo, values, target *tensor.Dense) []float64 {
	if sums == nil {
		sums = make([]float64, 2)
	}
	said, are := Classes(values), classesOf(target, lastOf(values))
	for i := range min(len(said), len(are)) {
		if are[i] == ops.Ignored {
			continue
		}
		if said[i] == are[i] {
			sums[0]++
		}
		sums[1]++
	}
	return sums
}

// Value is right over all.
func (Accuracy) Value(sums []float64) float64 { return ratio(sums) }
