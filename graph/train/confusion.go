package train

import (
	"fmt"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
)

// Confusion counts rows by what they are and what was said of them, [actual class][predicted class]. The zero value is empty.
type Confusion [][]int

// Add counts a batch: values are [batch,…,classes], the target classes, int32, of which −1 is left out, or distributions; or one output, [batch,…,1], with a label, 0 or 1,
// which count as two classes, told apart at a probability of ½. An error is a target that does not fit the output, or a class that there is not; then nothing is counted.
func (c *Confusion) Add(output graph.OutputInfo, values, target *tensor.Dense) error {
	if c == nil || values == nil || target == nil {
		return fmt.Errorf("confusion: got nil, want a Confusion, a model's output and its target")
	}
	classes := lastOf(values)
	said, are := Classes(values), classesOf(target, classes)
	if classes == 1 {
		classes, said, are = 2, nil, nil
		eachLabel(0, output, values, target, func(s, is bool) { said, are = append(said, classOf(s)), append(are, classOf(is)) })
	}
	if len(said) != len(are) || len(said) == 0 {
		return fmt.Errorf("confusion: got an output of shape %v and a target of shape %v, want a class or a distribution for each row", values.Shape(), target.Shape())
	}
	if *c != nil && len(*c) != classes {
		return fmt.Errorf("confusion: got an output of %d classes, want %d as before: begin with an empty Confusion", classes, len(*c))
	}
	for i, is := range are {
		if is != ops.Ignored && (is < 0 || is >= classes) {
			return fmt.Errorf("confusion: got class %d at position %d, want 0 to %d, or %d to ignore the position", is, i, classes-1, ops.Ignored)
		}
	}
	if *c == nil {
		*c = make(Confusion, classes)
		for i := range *c {
			(*c)[i] = make([]int, classes)
		}
	}
	for i, is := range are {
		if is != ops.Ignored {
			(*c)[is][said[i]]++
		}
	}
	return nil
}

// classOf is the class of a label among two.
func classOf(holds bool) int {
	if holds {
		return 1
	}
	return 0
}
