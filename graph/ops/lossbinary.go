package ops

import (
	"fmt"
	"math"

	"gorgonia.org/gorgonia"
)

// BinaryCrossEntropy is the mean of −t·ln σ(z) − (1−t)·ln(1−σ(z)) over the last axis, from logits z and targets from 0 to 1, both [batch,…,n]. It is computed as
// max(z, 0) − t·z + ln(1+e^−|z|), which is finite wherever z is. Its gradient is dy·(σ(z)−t)/n. A target beyond 0 and 1 is an error of the run.
func BinaryCrossEntropy(z, target *gorgonia.Node) (*gorgonia.Node, error) {
	return rowLoss("binary cross-entropy", z, target, binary[float32], binary[float64], binaryGrad[float32], binaryGrad[float64])
}

// Hinge is the mean of max(0, 1 − t·y) over the last axis, of scores y, [batch,…,n], and targets of that shape: t is 1 where the target is 1, and −1 where it is 0 or
// −1; another target is an error of the run. Its gradient is −dy·t/n where t·y < 1, else 0.
func Hinge(y, target *gorgonia.Node) (*gorgonia.Node, error) {
	return rowLoss("hinge", y, target, hinge[float32], hinge[float64], hingeGrad[float32], hingeGrad[float64])
}

func binary[T float](z, t []T) float64 {
	sum := 0.0
	for i := range z {
		z, t := float64(z[i]), float64(t[i])
		if t < 0 || t > 1 {
			panic(fmt.Sprintf("got a target of %v, want from 0 to 1: the probability that the label holds", t))
		}
		sum += math.Log1p(math.Exp(-math.Abs(z)))
		switch { // 0·∞ is 0 here
		case z > 0 && t != 1:
			sum += (1 - t) * z
		case z <= 0 && t != 0:
			sum -= t * z
		}
	}
	return sum / float64(len(z))
}

func binaryGrad[T float](dz, z, t []T, scale float64) {
	scale /= float64(len(z))
	for i := range z {
		dz[i] = T(scale * (sigmoid(float64(z[i])) - float64(t[i])))
	}
}

func sigmoid(z float64) float64 {
	e := math.Exp(-math.Abs(z))
	if z < 0 {
		return e / (1 + e)
	}
	return 1 / (1 + e)
}

func hinge[T float](y, t []T) float64 {
	sum := 0.0
	for i := range y {
		sum += max(0, 1-side(t[i])*float64(y[i]))
	}
	return sum / float64(len(y))
}

func hingeGrad[T float](dy, y, t []T, scale float64) {
	scale /= float64(len(y))
	for i := range y {
		s := side(t[i])
		switch v := s * float64(y[i]); {
		case v >= 1:
			dy[i] = 0
		case v < 1:
			dy[i] = T(-scale * s)
		default:
			dy[i] = y[i] // NaN
		}
	}
}

// side is 1 of a label that holds, −1 of one that does not.
func side[T float](t T) float64 {
	switch t {
	case 1:
		return 1
	case 0, -1:
		return -1
	}
	panic(fmt.Sprintf("got a target of %v, want 1 where the label holds, else 0 or -1", t))
}
