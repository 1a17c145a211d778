package ops

import (
	"fmt"
	"math"

	"gorgonia.org/gorgonia"
)

// Huber is the mean over the last axis of ½·d² where |d| ≤ δ, else δ·(|d| − ½·δ), with d = y−t (Huber 1964). Its gradient is dy·clamp(d, −δ, δ)/n.
func Huber(y, target *gorgonia.Node, delta float64) (*gorgonia.Node, error) {
	if !(delta > 0 && delta <= math.MaxFloat64) {
		return nil, fmt.Errorf("huber: got delta %v, want a finite number above 0", delta)
	}
	return rowLoss("huber", y, target,
		func(y, t []float32) float64 { return huber(y, t, delta) },
		func(y, t []float64) float64 { return huber(y, t, delta) },
		func(dy, y, t []float32, scale float64) { huberGrad(dy, y, t, delta, scale) },
		func(dy, y, t []float64, scale float64) { huberGrad(dy, y, t, delta, scale) })
}

func huber[T float](y, t []T, delta float64) float64 {
	sum := 0.0
	for i, v := range y {
		d := math.Abs(float64(v) - float64(t[i]))
		if d <= delta {
			sum += d * d / 2
		} else {
			sum += delta * (d - delta/2)
		}
	}
	return sum / float64(len(y))
}

func huberGrad[T float](dy, y, t []T, delta, scale float64) {
	scale /= float64(len(y))
	for i, v := range y {
		dy[i] = T(scale * min(max(float64(v)-float64(t[i]), -delta), delta))
	}
}
