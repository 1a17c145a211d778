package vec

import "fmt"

// What normalisation takes. The first functions are of rows of n columns, whose vectors, of n, say what becomes of a column; the others of a single row.

// Room is how many sums Moments and Cross want for n columns.
func Room(n int) int { return (n + 7) &^ 7 }

// Moments sets sum and squares to Σ(x − about) and Σ(x − about)² down the columns of x, rows of len(about), added in float64, row by row. Both have Room.
func Moments[T Float](sum, squares []float64, x, about []T) {
	n, rows := columns("Moments", sum, squares, x, about)
	if f := single(x); f != nil && asm.moments != nil {
		asm.moments(&sum[0], &squares[0], &f[0], &single(about)[0], n, rows)
		return
	}
	clear(sum[:n])
	clear(squares[:n])
	for ; len(x) > 0; x = x[n:] {
		for j, about := range about {
			d := float64(x[j] - about)
			sum[j] += d
			squares[j] += d * d
		}
	}
}

// Cross sets sum and dot to Σdy and Σdy·(x − about) down the columns, as Moments does.
func Cross[T Float](sum, dot []float64, dy, x, about []T) {
	n, rows := columns("Cross", sum, dot, x, about)
	sameLength("Cross", len(x), len(dy))
	if f := single(x); f != nil && asm.cross != nil {
		asm.cross(&sum[0], &dot[0], &f[0], &single(about)[0], &single(dy)[0], n, rows)
		return
	}
	clear(sum[:n])
	clear(dot[:n])
	for ; len(x) > 0; x, dy = x[n:], dy[n:] {
		for j, about := range about {
			sum[j] += float64(dy[j])
			dot[j] += float64(dy[j]) * float64(x[j]-about)
		}
	}
}

func columns[T Float](name string, sum, other []float64, x, about []T) (n, rows int) {
	n = len(about)
	if n == 0 || len(x) == 0 || len(x)%n != 0 || len(sum) < Room(n) || len(other) < Room(n) {
		panic(fmt.Sprintf("vec: %s: %d elements, and room for %d and %d sums, of %d columns, want whole rows and room for %d", name, len(x), len(sum), len(other), n, Room(n)))
	}
	return n, len(x) / n
}

// Standardize sets dst = (x − mean)·scale + shift.
func Standardize[T Float](dst, x, mean, scale, shift []T) {
	sameLength("Standardize", len(dst), len(x), len(mean), len(scale), len(shift))
	if d := single(dst); len(d) > 0 && asm.standardize != nil {
		asm.standardize(&d[0], &single(x)[0], &single(mean)[0], &single(scale)[0], &single(shift)[0], len(d))
		return
	}
	for i, x := range x {
		dst[i] = (x-mean[i])*scale[i] + shift[i]
	}
}

// StandardizeGrad sets dst = a·dy + b·(x − mean) + c.
func StandardizeGrad[T Float](dst, dy, x, mean, a, b, c []T) {
	sameLength("StandardizeGrad", len(dst), len(dy), len(x), len(mean), len(a), len(b), len(c))
	if d := single(dst); len(d) > 0 && asm.standardizeGrad != nil {
		asm.standardizeGrad(&d[0], &single(dy)[0], &single(x)[0], &single(mean)[0], &single(a)[0], &single(b)[0], &single(c)[0], len(d))
		return
	}
	for i, x := range x {
		dst[i] = a[i]*dy[i] + (b[i]*(x-mean[i]) + c[i])
	}
}

// SumSquaresAbout returns Σ(x − about)², added in float64.
func SumSquaresAbout[T Float](x []T, about T) float64 {
	if f := single(x); len(f) > 0 && asm.sumSquaresAbout != nil {
		return asm.sumSquaresAbout(&f[0], len(f), float32(about))
	}
	s := 0.0
	for _, v := range x {
		d := float64(v - about)
		s += d * d
	}
	return s
}

// Normalize sets dst = (x − mean)·rstd·scale + shift of a row.
func Normalize[T Float](dst, x, scale, shift []T, mean, rstd T) {
	sameLength("Normalize", len(dst), len(x), len(scale), len(shift))
	if d := single(dst); len(d) > 0 && asm.normalize != nil {
		asm.normalize(&d[0], &single(x)[0], &single(scale)[0], &single(shift)[0], len(d), float32(mean), float32(rstd))
		return
	}
	for i, x := range x {
		dst[i] = (x-mean)*rstd*scale[i] + shift[i]
	}
}

// NormalizeSums returns Σ dy·scale and Σ dy·scale·(x − mean) of a row, added in float64.
func NormalizeSums[T Float](dy, x, scale []T, mean T) (sum, dot float64) {
	sameLength("NormalizeSums", len(dy), len(x), len(scale))
	if d := single(dy); len(d) > 0 && asm.normalizeSums != nil {
		return asm.normalizeSums(&d[0], &single(x)[0], &single(scale)[0], len(d), float32(mean))
	}
	for i, dy := range dy {
		g := float64(dy * scale[i])
		sum += g
		dot += g * float64(x[i]-mean)
	}
	return sum, dot
}

// NormalizeGrad sets dst = rstd·scale·dy + b·(x − mean) + c of a row, and adds dy·(x − mean)·rstd to dscale and dy to dshift.
func NormalizeGrad[T Float](dst, dscale, dshift, dy, x, scale []T, mean, rstd, b, c T) {
	sameLength("NormalizeGrad", len(dst), len(dscale), len(dshift), len(dy), len(x), len(scale))
	if d := single(dst); len(d) > 0 && asm.normalizeGrad != nil {
		asm.normalizeGrad(&d[0], &single(dscale)[0], &single(dshift)[0], &single(dy)[0], &single(x)[0], &single(scale)[0], len(d), float32(mean), float32(rstd), float32(b), float32(c))
		return
	}
	for i, dy := range dy {
		d := x[i] - mean
		dshift[i] += dy
		g := dy * rstd
		dscale[i] += g * d
		dst[i] = g*scale[i] + (b*d + c)
	}
}
