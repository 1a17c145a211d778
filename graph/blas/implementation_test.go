package blas

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

func gonumTrans(t bool) blas.Transpose {
	if t {
		return blas.Trans
	}
	return blas.NoTrans
}

// near reports whether two results agree but for the rounding of some hundred additions.
func near(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool { return math.Abs(float64(x-y)) <= 1e-5 })
}

// reach is the length of a slice that holds n elements inc apart.
func reach(n, inc int) int { return max(n-1, 0)*max(inc, -inc) + min(n, 1) }

// Gorgonia's own ops reach the chosen BLAS: their products are those of Gemm32, to the bit.
func TestGorgoniaUsesIt(t *testing.T) {
	eachBLAS(t, func(t *testing.T, name string) {
		r := newRandom(5)
		const m, n, k = 40, 633, 300
		a, b, want := r.slice(m*k), r.slice(k*n), make([]float32, m*n)
		Gemm32(false, false, m, n, k, 1, a, k, b, n, 0, want, n)
		g := gorgonia.NewGraph()
		x := gorgonia.NodeFromAny(g, tensor.New(tensor.WithShape(m, k), tensor.WithBacking(a)), gorgonia.WithName("x"))
		y := gorgonia.NodeFromAny(g, tensor.New(tensor.WithShape(k, n), tensor.WithBacking(b)), gorgonia.WithName("y"))
		z := gorgonia.Must(gorgonia.Mul(x, y))
		vm := gorgonia.NewTapeMachine(g)
		defer vm.Close()
		if err := vm.RunAll(); err != nil {
			t.Fatal(err)
		}
		if got := z.Value().Data().([]float32); !slices.Equal(got, want) {
			t.Error("gorgonia.Mul and Gemm32 differ")
		}
	})
}

// Whatever is not Stheno's own behaves as gonum's, on strides, empty sizes and wrong arguments as well.
func TestImplementationAgreesWithGonum(t *testing.T) {
	ours, theirs := implementation{}, gonum.Implementation{}
	r := newRandom(6)
	eachBLAS(t, func(t *testing.T, name string) {
		for _, s := range [][2]int{{13, 21}, {1, 21}, {21, 1}, {100, 70}, {0, 3}, {3, 0}} {
			m, n := s[0], s[1]
			for _, inc := range [][2]int{{1, 1}, {2, 1}, {1, 3}, {-1, 1}, {1, -2}} {
				a := r.slice(m * (n + 2))
				for _, trans := range []blas.Transpose{blas.NoTrans, blas.Trans, blas.ConjTrans} {
					in, out := n, m
					if trans != blas.NoTrans {
						in, out = m, n
					}
					x, y := r.slice(reach(in, inc[0])), r.slice(reach(out, inc[1]))
					for _, beta := range []float32{0, 1, -0.5} {
						got, want := slices.Clone(y), slices.Clone(y)
						ours.Sgemv(trans, m, n, 0.5, a, n+2, x, inc[0], beta, got, inc[1])
						theirs.Sgemv(trans, m, n, 0.5, a, n+2, x, inc[0], beta, want, inc[1])
						if !near(got, want) {
							t.Fatalf("Sgemv %c %dx%d inc=%v beta=%v: %v, want %v", trans, m, n, inc, beta, got, want)
						}
					}
				}
				if min(inc[0], inc[1]) < 0 {
					continue // gonum v0.17.0 reads outside x and y here
				}
				x, y := r.slice(reach(m, inc[0])), r.slice(reach(n, inc[1]))
				got, want := slices.Clone(a), slices.Clone(a)
				ours.Sger(m, n, 0.5, x, inc[0], y, inc[1], got, n+2)
				theirs.Sger(m, n, 0.5, x, inc[0], y, inc[1], want, n+2)
				if !near(got, want) {
					t.Fatalf("Sger %dx%d inc=%v: %v, want %v", m, n, inc, got, want)
				}
			}
		}
	})
}

func TestIllegalTranspose(t *testing.T) {
	one32, one64 := []float32{1}, []float64{1}
	for _, f := range []func(){
		func() { implementation{}.Sgemm('x', blas.NoTrans, 1, 1, 1, 1, one32, 1, one32, 1, 0, one32, 1) },
		func() { implementation{}.Dgemm(blas.NoTrans, 'x', 1, 1, 1, 1, one64, 1, one64, 1, 0, one64, 1) },
		func() { implementation{}.Sgemv('x', 1, 1, 1, one32, 1, one32, 1, 0, one32, 1) },
	} {
		if got := panicOf(f); got != "blas: illegal transpose" {
			t.Errorf("panics with %v", got)
		}
	}
}
