package conv

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stheno-ml/stheno/graph/internal/cpu"
)

// TestSpread: dx is the same bit for bit, spread from the output's places or gathered from the input's by tiles.
func TestSpread(t *testing.T) {
	if !fast {
		t.Skip("this processor has no AVX2")
	}
	t.Run("float32", spreads[float32])
	t.Run("float64", spreads[float64])
}

func spreads[T Float](t *testing.T) {
	r := rand.New(rand.NewPCG(15, 4))
	draw := func(n int) []T {
		v := make([]T, n)
		for i := range v {
			v[i] = T(r.NormFloat64())
		}
		return v
	}
	alloc := guarded[T](t)
	both := 0
	for range 400 {
		s, _ := drawn(r)
		_, nw, ny := s.Sizes()
		w := draw(nw)
		d, c := newSpread(s, w), newTurned(s, w, nil, false)
		if d == nil || c == nil || c[0].winograd != nil { // which adds up in another order
			continue
		}
		both++
		nx := s.Rows.In * s.row()
		dy := alloc(ny / s.Batch)
		copy(dy, draw(len(dy)))
		one, other := alloc(nx), alloc(nx)
		buf := getScratch[T]()
		d.run(one, dy, buf)
		c.run(other, dy, 0, s.Rows.In, buf)
		putScratch(buf)
		if !slices.Equal(one, other) {
			t.Fatalf("%+v: got %v, want %v", *s, one, other)
		}
		d.free()
		c.free()
	}
	if both < 20 {
		t.Errorf("got %d shapes of 400 that are spread, want some", both)
	}
}

// TestMeanOfFour: means over windows of two by two, and their gradients, are plain Go's bit for bit.
func TestMeanOfFour(t *testing.T) {
	if !fast {
		t.Skip("this processor has no AVX2")
	}
	t.Run("float32", meansOfFour[float32])
	t.Run("float64", meansOfFour[float64])
}

func meansOfFour[T Float](t *testing.T) {
	r := rand.New(rand.NewPCG(15, 5))
	alloc := guarded[T](t)
	for range 200 {
		s := &Shape{Batch: 1 + r.IntN(3), In: 1 + r.IntN(40), Groups: 1}
		s.Out = s.In
		for _, a := range []*Axis{&s.Rows, &s.Cols} {
			*a = Axis{In: 2 + r.IntN(20), Size: 2, Stride: 2, Dilation: 1}
			a.Out = a.In / 2
		}
		nx, _, ny := s.Sizes()
		x, dy := alloc(nx), alloc(ny)
		for i := range x {
			x[i] = T(r.NormFloat64())
		}
		for i := range dy {
			dy[i] = T(r.NormFloat64()) * T(r.IntN(2)) // −0 among them
		}
		y, dx, wantY, wantX := alloc(ny), alloc(nx), alloc(ny), alloc(nx)
		Mean(s, y, x)
		MeanGrad(s, dx, dy)
		fast = false
		Mean(s, wantY, x)
		MeanGrad(s, wantX, dy)
		fast = true
		if !slices.EqualFunc(y, wantY, alike[T]) || !slices.EqualFunc(dx, wantX, alike[T]) {
			t.Fatalf("%+v: got %v and %v, want %v and %v", *s, y, dx, wantY, wantX)
		}
	}
}

// alike says whether numbers are the same, −0 not being 0.
func alike[T Float](a, b T) bool { return a == b && 1/a == 1/b }

// TestWidths: AVX-512 makes the same bits as AVX2.
func TestWidths(t *testing.T) {
	if !cpu.AVX512 {
		t.Skip("this processor has no AVX-512")
	}
	t.Run("float32", widths[float32])
	t.Run("float64", widths[float64])
}

// narrowed runs what it is given with the kernels of AVX2.
func narrowed(do func()) {
	t32, t64, w32, w64, r32, r64 := tiles32, tiles64, transforms32, transforms64, runs32, runs64
	tiles32, tiles64, transforms32, transforms64, runs32, runs64 = narrow32, narrow64, narrowTransforms32, narrowTransforms64, narrowRuns32, narrowRuns64
	do()
	tiles32, tiles64, transforms32, transforms64, runs32, runs64 = t32, t64, w32, w64, r32, r64
}

func widths[T Float](t *testing.T) {
	r := rand.New(rand.NewPCG(15, 6))
	draw := func(n int) []float64 {
		v := make([]float64, n)
		for i := range v {
			v[i] = r.NormFloat64()
		}
		return v
	}
	x, w, bias, dy := draw(1<<17), draw(1<<18), draw(1<<8), draw(1<<17)
	few := slices.Clone(dy)
	for j := range few {
		if j%8 > 0 {
			few[j] = 0
		}
	}
	for range 60 {
		s, p := drawn(r)
		dy, few = few, dy
		f := Func[T]{ReLU: r.IntN(2) == 0}
		got := results(s, p, x, w, bias, dy, f, guarded[T](t))
		var want [][]float64
		narrowed(func() { want = results(s, p, x, w, bias, dy, f, guarded[T](t)) })
		for k := range want {
			if !slices.EqualFunc(got[k], want[k], alike[float64]) {
				t.Fatalf("%+v, pool %+v: result %d differs", *s, p, k)
			}
		}
	}
}
