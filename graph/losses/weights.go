package losses

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/ops"
)

// checkWeights refuses class weights that do not fit the output.
func checkWeights(weights []float64, output tensor.Shape, distributions bool) error {
	if weights == nil {
		return nil
	}
	if distributions {
		return errors.New("got class weights and distributions, want one of them: a distribution has no class to weigh")
	}
	if len(output) == 0 {
		return nil // refused for that
	}
	if classes := output[len(output)-1]; len(weights) != classes {
		return fmt.Errorf("got %d class weights for %d classes, want one for each", len(weights), classes)
	}
	if slices.Max(weights) == 0 {
		return errors.New("got class weights that are all 0, so that nothing would be learnt, want one above 0")
	}
	for class, w := range weights {
		if !(w >= 0 && w <= math.MaxFloat64) {
			return fmt.Errorf("got weight %v for class %d, want a finite number of at least 0", w, class)
		}
	}
	return nil
}

// weighClasses writes each position's weight: its class's, 1 where classes have none, 0 where it is ignored. A class that there is not counts 1: the op refuses it.
func weighClasses(target *tensor.Dense, ofClass, weights []float64) {
	for i := range weights {
		weights[i] = 1
	}
	if target == nil || target.Dtype() != tensor.Int32 {
		return
	}
	for i, class := range target.Int32s()[:min(len(weights), target.DataSize())] {
		switch {
		case class == ops.Ignored:
			weights[i] = 0
		case class >= 0 && int(class) < len(ofClass):
			weights[i] = ofClass[class]
		}
	}
}
