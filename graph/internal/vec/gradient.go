package vec

import "math"

// The functions here turn dy, the gradient with respect to an activation's output y, into the gradient with respect
// to its input, from y alone: the input need not be kept.

// SigmoidGrad sets dst = dy·y·(1 − y).
func SigmoidGrad[T Float](dst, dy, y []T) {
	differentiate("SigmoidGrad", asm.sigmoidGrad, dst, dy, y, 0, func(dy, y T) T { return dy * (y * (1 - y)) })
}

// TanhGrad sets dst = dy·(1 − y²).
func TanhGrad[T Float](dst, dy, y []T) {
	differentiate("TanhGrad", asm.tanhGrad, dst, dy, y, 0, func(dy, y T) T { return dy * (1 - y*y) })
}

// ReLUGrad sets dst = dy where y > 0, else 0.
func ReLUGrad[T Float](dst, dy, y []T) {
	differentiate("ReLUGrad", asm.reluGrad, dst, dy, y, 0, func(dy, y T) T {
		if y > 0 {
			return dy
		}
		return 0
	})
}

// LeakyReLUGrad sets dst = dy where y > 0, else slope·dy. The slope must not be negative, or y would not tell on
// which side the input was.
func LeakyReLUGrad[T Float](dst, dy, y []T, slope T) {
	differentiate("LeakyReLUGrad", asm.leakyReLUGrad, dst, dy, y, slope, func(dy, y T) T {
		if y > 0 {
			return dy
		}
		return slope * dy
	})
}

// SoftplusGrad sets dst = dy·(1 − e^−y), for y ≥ 0.
func SoftplusGrad[T Float](dst, dy, y []T) {
	differentiate("SoftplusGrad", asm.softplusGrad, dst, dy, y, 0, func(dy, y T) T {
		return T(float64(dy) * -math.Expm1(-float64(y)))
	})
}

func differentiate[T Float](name string, kernel gradient, dst, dy, y []T, slope T, f func(dy, y T) T) {
	sameLength(name, len(dst), len(dy), len(y))
	if len(dst) == 0 {
		return
	}
	if d := single(dst); d != nil && kernel != nil {
		kernel(&d[0], &single(dy)[0], &single(y)[0], len(d), float32(slope))
		return
	}
	for i, dy := range dy {
		dst[i] = f(dy, y[i])
	}
}
