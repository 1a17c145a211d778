package vec

import "math"

// The functions here are activations that bend: ELU and SELU, whose derivative their own value gives, and those whose derivative takes the input: their
// gradient's y is x.

// SELU's scale and α, with which activations keep mean 0 and variance 1 (Klambauer et al. 2017).
const (
	SELUScale = 1.0507009873554804934193349852946
	SELUAlpha = 1.6732632423543772848170429916717
)

// AddELU sets dst = x where x = src + bias is positive, else e^x − 1.
func AddELU[T Float](dst, src, bias []T) {
	activate("AddELU", asm.addELU, dst, src, bias, 0, func(x T) T {
		if x > 0 {
			return x
		}
		return T(math.Expm1(float64(x)))
	})
}

// ELUGrad sets dst = dy where y > 0, else dy·(y + 1).
func ELUGrad[T Float](dst, dy, y []T) {
	differentiate("ELUGrad", asm.eluGrad, dst, dy, y, 0, func(dy, y T) T {
		if y > 0 {
			return dy
		}
		return dy * (y + 1)
	})
}

// AddSELU sets dst = λ·x where x = src + bias is positive, else λ·α·(e^x − 1).
func AddSELU[T Float](dst, src, bias []T) {
	activate("AddSELU", asm.addSELU, dst, src, bias, 0, func(x T) T {
		if x > 0 {
			return SELUScale * x
		}
		return T(SELUScale * SELUAlpha * math.Expm1(float64(x)))
	})
}

// SELUGrad sets dst = λ·dy where y > 0, else dy·(y + λ·α).
func SELUGrad[T Float](dst, dy, y []T) {
	differentiate("SELUGrad", asm.seluGrad, dst, dy, y, 0, func(dy, y T) T {
		if y > 0 {
			return SELUScale * dy
		}
		return dy * (y + SELUScale*SELUAlpha)
	})
}

// AddGELU sets dst = x·Φ(x), x = src + bias. Of float32 Φ is right within 2e-7.
func AddGELU[T Float](dst, src, bias []T) {
	activate("AddGELU", asm.addGELU, dst, src, bias, 0, func(y T) T {
		x := max(float64(y), -40)
		return T(x * math.Erfc(-x/math.Sqrt2) / 2)
	})
}

// GELUGrad sets dst = dy·(Φ(x) + x·φ(x)), φ(x) = e^(−x²/2)/√(2π).
func GELUGrad[T Float](dst, dy, x []T) {
	differentiate("GELUGrad", asm.geluGrad, dst, dy, x, 0, func(dy, y T) T {
		x := within(y, 40)
		return T(float64(dy) * (math.Erfc(-x/math.Sqrt2)/2 + x*math.Exp(-x*x/2)/math.Sqrt(2*math.Pi)))
	})
}

// The inner function of GELUTanh is 2u/2 = √(2/π)·(x + geluCube·x³), and ½(1 + tanh u) is σ(2u).
const geluCube = 0.044715

var geluScale = math.Sqrt(2 / math.Pi)

// AddGELUTanh sets dst = x·½(1 + tanh u), u = √(2/π)·(x + 0.044715·x³), x = src + bias.
func AddGELUTanh[T Float](dst, src, bias []T) {
	activate("AddGELUTanh", asm.addGELUTanh, dst, src, bias, 0, func(y T) T {
		x := max(float64(y), -40)
		return T(x / (1 + math.Exp(-2*geluScale*(x+geluCube*x*x*x))))
	})
}

// GELUTanhGrad sets dst = dy·(s + x·s·(1 − s)·2u′), s = ½(1 + tanh u).
func GELUTanhGrad[T Float](dst, dy, x []T) {
	differentiate("GELUTanhGrad", asm.geluTanhGrad, dst, dy, x, 0, func(dy, y T) T {
		x := within(y, 40)
		s := 1 / (1 + math.Exp(-2*geluScale*(x+geluCube*x*x*x)))
		return T(float64(dy) * (s + x*s*(1-s)*2*geluScale*(1+3*geluCube*x*x)))
	})
}

// AddSiLU sets dst = x·σ(x), x = src + bias.
func AddSiLU[T Float](dst, src, bias []T) {
	activate("AddSiLU", asm.addSiLU, dst, src, bias, 0, func(y T) T {
		x := max(float64(y), -750)
		return T(x / (1 + math.Exp(-x)))
	})
}

// SiLUGrad sets dst = dy·(s + x·s·(1 − s)), s = σ(x).
func SiLUGrad[T Float](dst, dy, x []T) {
	differentiate("SiLUGrad", asm.siluGrad, dst, dy, x, 0, func(dy, y T) T {
		x := within(y, 750)
		s := 1 / (1 + math.Exp(-x))
		return T(float64(dy) * (s + x*s*(1-s)))
	})
}

// AddMish sets dst = x·tanh(ln(1 + e^x)), x = src + bias.
func AddMish[T Float](dst, src, bias []T) {
	activate("AddMish", asm.addMish, dst, src, bias, 0, func(y T) T {
		x := max(float64(y), -750)
		return T(x * tanhSoftplus(x))
	})
}

// MishGrad sets dst = dy·(t + x·(1 − t²)·σ(x)), t = tanh(ln(1 + e^x)).
func MishGrad[T Float](dst, dy, x []T) {
	differentiate("MishGrad", asm.mishGrad, dst, dy, x, 0, func(dy, y T) T {
		x := within(y, 750)
		t := tanhSoftplus(x)
		return T(float64(dy) * (t + x*(1-t*t)/(1+math.Exp(-x))))
	})
}

// tanhSoftplus is tanh(ln(1 + e^x)) = n/(n + 2) with n = e^x·(e^x + 2).
func tanhSoftplus(x float64) float64 {
	if x > 20 {
		return 1
	}
	e := math.Exp(x)
	n := e * (e + 2)
	return n / (n + 2)
}

// within holds x within bounds beyond which e^−|x| is 0, so that an infinite x times it is 0, too.
func within[T Float](x T, bound float64) float64 { return min(max(float64(x), -bound), bound) }
