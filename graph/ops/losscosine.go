package ops

import (
	"math"

	"gorgonia.org/gorgonia"
)

// Cosine is 1 − cos of the angle between y and the target along the last axis, 1 − y·t / (‖y‖·‖t‖): 0 for one direction, 2 for opposite ones. A row of zeros has no
// direction: its loss is 1, and no gradient comes of it. Else the gradient is −dy·(t̂ − cos·ŷ)/‖y‖, with ŷ and t̂ of length 1.
func Cosine(y, target *gorgonia.Node) (*gorgonia.Node, error) {
	return rowLoss("cosine", y, target, cosine[float32], cosine[float64], cosineGrad[float32], cosineGrad[float64])
}

func cosine[T float](y, t []T) float64 {
	cos, _, _ := cosineOf(y, t)
	return 1 - cos
}

// cosineOf is the cosine and the two lengths.
func cosineOf[T float](y, t []T) (cos, ofY, ofT float64) {
	if ofY, ofT = length(y), length(t); ofY == 0 || ofT == 0 {
		return 0 * (ofY + ofT), ofY, ofT // NaN stays NaN
	}
	for i := range y {
		cos += float64(y[i]) / ofY * (float64(t[i]) / ofT)
	}
	return cos, ofY, ofT
}

func cosineGrad[T float](dy, y, t []T, scale float64) {
	cos, ofY, ofT := cosineOf(y, t)
	if ofY == 0 || ofT == 0 {
		for i := range dy {
			dy[i] = T(cos)
		}
		return
	}
	for i := range y {
		dy[i] = T(-scale / ofY * (float64(t[i])/ofT - cos*float64(y[i])/ofY))
	}
}

// length is ‖x‖, of numbers whose squares are beyond float64 too.
func length[T float](x []T) float64 {
	top := 0.0
	for _, v := range x {
		top = max(top, math.Abs(float64(v)))
	}
	if top == 0 {
		return 0
	}
	sum := 0.0
	for _, v := range x {
		r := float64(v) / top
		sum += r * r
	}
	return top * math.Sqrt(sum)
}
