package ops

import (
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// MultiMargin is the hinge loss of several classes, Σ_{c≠t} max(0, 1 − y_t + y_c)/classes, of scores y, [batch,…,classes], and classes t, int32, [batch,…] (Weston and Watkins
// 1999, over the number of classes as PyTorch has it). Each class within the margin sends dy/classes back, and the right one minus their sum.
func MultiMargin(y, target *gorgonia.Node) (*gorgonia.Node, error) {
	if err := missing("multi-margin", y, target); err != nil {
		return nil, err
	}
	if target.Dtype() != tensor.Int32 {
		return nil, fmt.Errorf("multi-margin: got a target of %v, want classes, int32, such as graph.Ints gives", target.Dtype())
	}
	return classLoss("multi-margin", y, target, 0, margin[float32], margin[float64], marginGrad[float32], marginGrad[float64])
}

func margin[T float](y, t []T) float64 {
	right := slices.Index(t, 1)
	sum := 0 * float64(y[right]) // NaN stays NaN
	for c, v := range y {
		if c != right {
			sum += max(0, 1-float64(y[right])+float64(v))
		}
	}
	return sum / float64(len(y))
}

func marginGrad[T float](dy, y, t []T, scale float64) {
	scale /= float64(len(y))
	right := slices.Index(t, 1)
	total := 0.0
	for c, v := range y {
		dy[c] = 0
		switch d := 1 - float64(y[right]) + float64(v); {
		case c == right || d <= 0:
		case d > 0:
			dy[c] = T(scale)
			total += scale
		default: // NaN
			dy[c] = T(d)
			total += d
		}
	}
	dy[right] = T(-total)
}
