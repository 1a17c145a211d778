package train

import (
	"fmt"

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
func (Accuracy) Check(output graph.OutputInfo, target graph.Input) error {
	if len(output.Shape) == 0 || output.Shape[len(output.Shape)-1] < 2 {
		return fmt.Errorf("accuracy: got an output of shape %v, want one for each of two classes or more; for a single one take binary-accuracy", output.Shape)
	}
	return nil
}

// Add counts the rows that are right, and all.
func (Accuracy) Add(sums []float64, output graph.OutputInfo, values, target *tensor.Dense) []float64 {
	if sums == nil {
		sums = make([]float64, 2)
	}
	n := output.Shape[len(output.Shape)-1]
	said, are := Classes(values), classesOf(target, n)
	for i, class := range are {
		if class == ops.Ignored {
			continue
		}
		if said[i] == class {
			sums[0]++
		}
		sums[1]++
	}
	return sums
}

// Value is right over all.
func (Accuracy) Value(sums []float64) float64 { return ratio(sums) }
