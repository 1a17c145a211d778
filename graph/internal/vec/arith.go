package vec

import "math"

// Exp sets dst = e^src.
func Exp[T Float](dst, src []T) {
	sameLength("Exp", len(dst), len(src))
	if d := single(dst); len(d) > 0 && asm.exp != nil {
		asm.exp(&d[0], &single(src)[0], len(d))
		return
	}
	for i, x := range src {
		dst[i] = T(math.Exp(float64(x)))
	}
}

// Add sets dst = a + b.
func Add[T Float](dst, a, b []T) {
	sameLength("Add", len(dst), len(a), len(b))
	if d := single(dst); len(d) > 0 && asm.add != nil {
		asm.add(&d[0], &single(a)[0], &single(b)[0], len(d))
		return
	}
	for i, x := range a {
		dst[i] = x + b[i]
	}
}

// SumAccumulate adds a row to the running column sums dst: dst += row.
func SumAccumulate[T Float](dst, row []T) { Add(dst, dst, row) }

// Mul sets dst = a·b, element by element.
func Mul[T Float](dst, a, b []T) {
	sameLength("Mul", len(dst), len(a), len(b))
	if d := single(dst); len(d) > 0 && asm.mul != nil {
		asm.mul(&d[0], &single(a)[0], &single(b)[0], len(d))
		return
	}
	for i, x := range a {
		dst[i] = x * b[i]
	}
}

// Axpy sets y = alpha·x + y.
func Axpy[T Float](alpha T, x, y []T) {
	sameLength("Axpy", len(y), len(x))
	if d := single(y); len(d) > 0 && asm.axpy != nil {
		asm.axpy(&d[0], &single(x)[0], len(d), float32(alpha))
		return
	}
	for i, x := range x {
		y[i] += alpha * x
	}
}

// Scale sets dst = alpha·src.
func Scale[T Float](dst, src []T, alpha T) {
	sameLength("Scale", len(dst), len(src))
	if d := single(dst); len(d) > 0 && asm.scale != nil {
		asm.scale(&d[0], &single(src)[0], len(d), float32(alpha))
		return
	}
	for i, x := range src {
		dst[i] = alpha * x
	}
}

// Clamp sets dst = min(max(src, −limit), limit); NaN stays.
func Clamp[T Float](dst, src []T, limit T) {
	sameLength("Clamp", len(dst), len(src))
	if d := single(dst); len(d) > 0 && asm.clamp != nil {
		asm.clamp(&d[0], &single(src)[0], len(d), float32(limit))
		return
	}
	for i, x := range src {
		dst[i] = min(max(x, -limit), limit)
	}
}

// Mix sets y = keep·y + rest·x.
func Mix[T Float](y, x []T, keep, rest T) {
	sameLength("Mix", len(y), len(x))
	if d := single(y); len(d) > 0 && asm.mix != nil {
		asm.mix(&d[0], &single(x)[0], len(d), float32(keep), float32(rest))
		return
	}
	for i, x := range x {
		y[i] = keep*y[i] + rest*x
	}
}
