package ops

import (
	"math"

	"gorgonia.org/gorgonia"
)

// ClippedCrossEntropy is Keras 2's categorical cross-entropy, from probabilities p clipped to [1e-7, 1−1e-7]: −Σ_c t·log clip(p).
// Where the clip holds, the gradient is zero: a network that is sure and wrong learns nothing more. The target is classes, or a distribution a row.
func ClippedCrossEntropy(p, target *gorgonia.Node) (*gorgonia.Node, error) {
	return classLoss("clipped cross-entropy", p, target, 0, clipped[float32], clipped[float64], clippedGrad[float32], clippedGrad[float64])
}

// clip is Keras' epsilon.
const clip = 1e-7

func clipped[T float](p, t []T) float64 {
	sum := 0.0
	for i, v := range p {
		if t[i] != 0 || v != v { // NaN shows even where nothing is wanted
			sum -= float64(t[i]) * math.Log(min(max(float64(v), clip), 1-clip))
		}
	}
	return sum
}

func clippedGrad[T float](dp, p, t []T, scale float64) {
	for i, v := range p {
		if v := float64(v); v < clip || v > 1-clip {
			dp[i] = 0
		} else {
			dp[i] = T(-scale * float64(t[i]) / v)
		}
	}
}
