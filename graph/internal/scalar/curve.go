package scalar

import "math"

// Phi is the normal distribution function.
func Phi(a *Value) *Value {
	return &Value{X: math.Erfc(-a.X/math.Sqrt2) / 2, from: []edge{{a, math.Exp(-a.X*a.X/2) / math.Sqrt(2*math.Pi)}}}
}

// GELU is x·Φ(x).
func GELU(x *Value) *Value { return Mul(x, Phi(x)) }

// GELUTanh is x·½(1 + tanh(√(2/π)·(x + 0.044715·x³))).
func GELUTanh(x *Value) *Value {
	inner := Scale(math.Sqrt(2/math.Pi), Add(x, Scale(.044715, Mul(x, Mul(x, x)))))
	return Scale(.5, Mul(x, Add(Of(1), Tanh(inner))))
}

// SiLU is x·σ(x).
func SiLU(x *Value) *Value { return Mul(x, Sigmoid(x)) }

// Mish is x·tanh(ln(1+e^x)).
func Mish(x *Value) *Value { return Mul(x, Tanh(Softplus(x))) }

// ELU is scale·x, and scale·alpha·(e^x − 1) below zero.
func ELU(scale, alpha float64) func(*Value) *Value {
	return func(x *Value) *Value {
		if x.X > 0 {
			return Scale(scale, x)
		}
		return Scale(scale*alpha, Add(Exp(x), Of(-1)))
	}
}

// LogSoftmax is the logarithm of the softmax of each row.
func LogSoftmax(x Rows) Rows { return Each(Softmax(x), Log) }
