package train

import (
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/graph"
)

// checkClasses wants an output for each class, and classes or distributions as a target.
func checkClasses(metric string, output graph.OutputInfo, target graph.Input) error {
	last := len(output.Shape) - 1
	if last < 0 || output.Shape[last] < 2 {
		return fmt.Errorf("%s: got an output of shape %v, want one for each of two classes or more; for a single one take binary-accuracy", metric, output.Shape)
	}
	want := output.Shape
	if target.IDs {
		want = want[:last]
	}
	if !slices.Equal(target.Shape, want) {
		return fmt.Errorf("%s: got a target %v for an output of shape %v, want a class for each row, %v, or a distribution, %v", metric, target, output.Shape, graph.Ints(output.Shape[:last]...), graph.Floats(output.Shape...))
	}
	return nil
}

// checkNumbers wants floats of the output's shape as a target.
func checkNumbers(metric string, output graph.OutputInfo, target graph.Input) error {
	switch {
	case target.IDs:
		return fmt.Errorf("%s: got classes as a target, want numbers, %v; for classes take accuracy", metric, graph.Floats(output.Shape...))
	case !slices.Equal(target.Shape, output.Shape):
		return fmt.Errorf("%s: got a target %v for an output of shape %v, want numbers of the output's shape", metric, target, output.Shape)
	}
	return nil
}
