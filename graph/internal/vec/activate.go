package vec

import "math"

// AddLinear sets dst = src + bias. A nil bias counts as zero, here and below.
func AddLinear[T Float](dst, src, bias []T) {
	activate("AddLinear", asm.addLinear, dst, src, bias, 0, func(x T) T { return x })
}

// AddSigmoid sets dst = σ(src + bias), σ(x) = 1/(1 + e^−x).
func AddSigmoid[T Float](dst, src, bias []T) {
	activate("AddSigmoid", asm.addSigmoid, dst, src, bias, 0, func(x T) T {
		return T(1 / (1 + math.Exp(-float64(x))))
	})
}

// AddTanh sets dst = tanh(src + bias).
func AddTanh[T Float](dst, src, bias []T) {
	activate("AddTanh", asm.addTanh, dst, src, bias, 0, func(x T) T { return T(math.Tanh(float64(x))) })
}

// AddReLU sets dst = max(src + bias, 0). NaN stays NaN.
func AddReLU[T Float](dst, src, bias []T) {
	activate("AddReLU", asm.addReLU, dst, src, bias, 0, func(x T) T {
		if x < 0 {
			return 0
		}
		return x
	})
}

// AddLeakyReLU sets dst = x where x = src + bias is positive, else slope·x.
func AddLeakyReLU[T Float](dst, src, bias []T, slope T) {
	activate("AddLeakyReLU", asm.addLeakyReLU, dst, src, bias, slope, func(x T) T {
		if x > 0 {
			return x
		}
		return slope * x
	})
}

// AddSoftplus sets dst = ln(1 + e^x), x = src + bias.
func AddSoftplus[T Float](dst, src, bias []T) {
	activate("AddSoftplus", asm.addSoftplus, dst, src, bias, 0, func(x T) T {
		return T(math.Max(float64(x), 0) + math.Log1p(math.Exp(-math.Abs(float64(x)))))
	})
}

func activate[T Float](name string, kernel activation, dst, src, bias []T, slope T, f func(T) T) {
	sameLength(name, len(dst), len(src))
	if bias != nil {
		sameLength(name, len(dst), len(bias))
	}
	if len(dst) == 0 {
		return
	}
	if d := single(dst); d != nil && kernel != nil {
		var b *float32
		if bias != nil {
			b = &single(bias)[0]
		}
		kernel(&d[0], &single(src)[0], b, len(d), float32(slope))
		return
	}
	for i, x := range src {
		if bias != nil {
			x += bias[i]
		}
		dst[i] = f(x)
	}
}
