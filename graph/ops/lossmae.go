package ops

import (
	"math"

	"gorgonia.org/gorgonia"
)

// MeanAbsoluteError is the mean of |y−t| over the last axis. Its gradient is dy·sign(y−t)/n, 0 where y is t.
func MeanAbsoluteError(y, target *gorgonia.Node) (*gorgonia.Node, error) {
	return rowLoss("mean absolute error", y, target, meanAbsolute[float32], meanAbsolute[float64], meanAbsoluteGrad[float32], meanAbsoluteGrad[float64])
}

func meanAbsolute[T float](y, t []T) float64 {
	sum := 0.0
	for i, v := range y {
		sum += math.Abs(float64(v) - float64(t[i]))
	}
	return sum / float64(len(y))
}

func meanAbsoluteGrad[T float](dy, y, t []T, scale float64) {
	scale /= float64(len(y))
	for i, v := range y {
		switch d := float64(v) - float64(t[i]); {
		case d > 0:
			dy[i] = T(scale)
		case d < 0:
			dy[i] = T(-scale)
		default:
			dy[i] = T(scale * d) // 0, or NaN
		}
	}
}
