package vec

import "math"

// Sum returns Σx, added in float64; 0 for an empty slice.
func Sum[T Float](x []T) float64 {
	if f := single(x); len(f) > 0 && asm.sum != nil {
		return asm.sum(&f[0], len(f))
	}
	var s float64
	for _, v := range x {
		s += float64(v)
	}
	return s
}

// SumSquares returns Σx², added in float64. Squares of float32 cannot overflow there, so the result is finite exactly
// when every x is.
func SumSquares[T Float](x []T) float64 {
	if f := single(x); len(f) > 0 && asm.sumSquares != nil {
		return asm.sumSquares(&f[0], len(f))
	}
	var s float64
	for _, v := range x {
		s += float64(v) * float64(v)
	}
	return s
}

// Dot returns Σ a·b, multiplied and added in float64.
func Dot[T Float](a, b []T) float64 {
	sameLength("Dot", len(a), len(b))
	if f := single(a); len(f) > 0 && asm.dot != nil {
		return asm.dot(&f[0], &single(b)[0], len(f))
	}
	var s float64
	for i, v := range a {
		s += float64(v) * float64(b[i])
	}
	return s
}

// Max returns the largest element, NaN if any is NaN, and −Inf for an empty slice.
func Max[T Float](x []T) T {
	if f := single(x); len(f) > 0 && asm.max != nil {
		return T(asm.max(&f[0], len(f)))
	}
	m := T(math.Inf(-1))
	for _, v := range x {
		m = max(m, v)
	}
	return m
}

// MaxAbs returns the largest |x|, NaN if any is NaN, and −Inf for an empty slice.
func MaxAbs[T Float](x []T) T {
	if f := single(x); len(f) > 0 && asm.maxAbs != nil {
		return T(asm.maxAbs(&f[0], len(f)))
	}
	m := T(math.Inf(-1))
	for _, v := range x {
		m = max(m, T(math.Abs(float64(v))))
	}
	return m
}

// SumExp sets dst = e^(src − shift), unless dst is nil, and returns the sum, added in float64. The difference is rounded to T.
func SumExp[T Float](dst, src []T, shift T) float64 {
	if dst != nil {
		sameLength("SumExp", len(dst), len(src))
	}
	if f := single(src); len(f) > 0 && asm.sumExp != nil {
		var d *float32
		if dst != nil {
			d = &single(dst)[0]
		}
		return asm.sumExp(d, &f[0], len(f), float32(shift))
	}
	var s float64
	for i, x := range src {
		e := math.Exp(float64(x - shift))
		s += e
		if dst != nil {
			dst[i] = T(e)
		}
	}
	return s
}
