// Package vec holds the elementwise passes and reductions of a training step: activations and their
// gradients, dropout masks, and optimizer updates, each one pass over memory.
//
// A function works on the calling goroutine. Callers that want more cores cut their slices with
// graph/internal/parallel; an elementwise function gives every element the same bits wherever it is cut, so the number of
// threads never shows in a result. Reductions (Sum, Dot, SumSquares, SumExp) add in an order that depends on the length alone.
//
// Float32 runs in AVX-512 or AVX2 and FMA assembly where the processor has it (written by the generator in gen), with the same bits by either, and else,
// like float64 always, in plain Go. Functions with an exponential are right within 3e-7 of a normal float32 result.
//
// Unless a comment says otherwise dst may be the same slice as a source, but must not overlap one in part. Slices of
// unequal length are a bug of the caller: the functions panic.
package vec

import "fmt"

// Float is what the functions work on.
type Float interface{ float32 | float64 }

// runnable is the assembly that this processor can run, the best first.
var runnable []kernels

// asm is the first of runnable; its zero value is none. Every n is at least 1.
var asm kernels

type kernels struct {
	name string

	addLinear, addSigmoid, addTanh, addReLU, addLeakyReLU, addSoftplus activation
	addELU, addSELU, addGELU, addGELUTanh, addSiLU, addMish            activation
	sigmoidGrad, tanhGrad, reluGrad, leakyReLUGrad, softplusGrad       gradient
	eluGrad, seluGrad                                                  gradient
	geluGrad, geluTanhGrad, siluGrad, mishGrad                         gradient // from the input in y's place

	add, mul func(dst, a, b *float32, n int)
	exp      func(dst, src *float32, n int)
	axpy     func(y, x *float32, n int, alpha float32)
	scale    func(dst, src *float32, n int, alpha float32)
	clamp    func(dst, src *float32, n int, limit float32)
	mix      func(y, x *float32, n int, keep, rest float32)

	sum, sumSquares func(x *float32, n int) float64
	dot             func(a, b *float32, n int) float64
	max, maxAbs     func(x *float32, n int) float32
	sumExp          func(dst, src *float32, n int, shift float32) float64

	moments         func(sum, squares *float64, x, about *float32, n, rows int)
	cross           func(sum, dot *float64, x, about, dy *float32, n, rows int)
	standardize     func(dst, x, mean, scale, shift *float32, n int)
	standardizeGrad func(dst, dy, x, mean, a, b, c *float32, n int)
	sumSquaresAbout func(x *float32, n int, about float32) float64
	normalize       func(dst, x, scale, shift *float32, n int, mean, rstd float32)
	normalizeSums   func(dy, x, scale *float32, n int, mean float32) (sum, dot float64)
	normalizeGrad   func(dst, dscale, dshift, dy, x, scale *float32, n int, mean, rstd, b, c float32)

	mask func(dst, src *float32, n int, counter, key0, key1, threshold uint32, scale float32)

	sgd                func(w, g *float32, n int, lr float32)
	momentum, nesterov func(w, g, v *float32, n int, lr, mu float32)
	adam               func(w, g, m, v *float32, n int, beta1, rest1, beta2, rest2, rate, root, epsilon float32)
	amsGrad            func(w, g, m, v, top *float32, n int, beta1, rest1, beta2, rest2, rate, root, epsilon float32)
	nadam              func(w, g, m, v *float32, n int, beta1, rest1, beta2, rest2, rate, direct, root, epsilon float32)
	lion               func(w, g, m *float32, n int, lr, beta1, rest1, beta2, rest2 float32)
	rmsProp            func(w, g, v *float32, n int, lr, rho, rest, epsilon float32)
	adaGrad            func(w, g, v *float32, n int, lr, epsilon float32)

	softmaxGrad func(g, w *float32, n int, mean, scale float32)

	lstm     func(gates, c0, c, h *float32, n int)
	lstmGrad func(dz, gates, c0, c, dh, dc *float32, n int)
	gru      func(gates, inner, h0, h, kept *float32, n int)
	gruGrad  func(dz, inner, gates, kept, h0, dh *float32, n int)
}

// activation sets dst = f(src + bias), where bias may be nil and most f ignore the slope.
type activation = func(dst, src, bias *float32, n int, slope float32)

// gradient sets dst = dy · f′, f′ from the output y.
type gradient = func(dst, dy, y *float32, n int, slope float32)

// single returns x where it is a slice of float32, else nil.
func single[T Float](x []T) []float32 {
	f, _ := any(x).([]float32)
	return f
}

// sameLength panics where a slice has not want elements.
func sameLength(name string, want int, got ...int) {
	for _, n := range got {
		if n != want {
			panic(fmt.Sprintf("vec: %s: slices of length %d and %d, want equal lengths", name, want, n))
		}
	}
}
