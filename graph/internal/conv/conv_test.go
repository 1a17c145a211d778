package conv

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// drawn is a shape of a size at which the kernels have several tiles, and a pooling of its outputs, or nil.
func drawn(r *rand.Rand) (*Shape, *Shape) {
	axis := func(in, size int) Axis {
		a := Axis{In: in, Size: size, Stride: 1 + r.IntN(3), Dilation: 1, Before: r.IntN(3)}
		if r.IntN(4) == 0 {
			a.Dilation = 2 + r.IntN(3)
		}
		if r.IntN(2) == 0 {
			a.Stride, a.Before = 1, 0
		}
		a.Out = (a.In+a.Before+r.IntN(3)-(a.Size-1)*a.Dilation-1)/a.Stride + 1
		return a
	}
	channels := []int{1, 2, 3, 5, 8, 16, 24, 31, 32, 40}
	for {
		s := &Shape{Batch: 1 + r.IntN(4), Rows: axis(1+r.IntN(13), 1+r.IntN(4)), Cols: axis(1+r.IntN(17), 1+r.IntN(5)), Groups: 1}
		s.In, s.Out = channels[r.IntN(len(channels))], channels[r.IntN(len(channels))]+8*r.IntN(4)
		if r.IntN(5) == 0 {
			s.Groups = 2 + r.IntN(2)
			s.In, s.Out = s.In*s.Groups, s.Out*s.Groups
		}
		if s.Rows.Out < 1 || s.Cols.Out < 1 {
			continue
		}
		if r.IntN(2) == 0 || s.Rows.Out < 3 || s.Cols.Out < 3 {
			return s, nil
		}
		p := &Shape{Batch: s.Batch, In: s.Out, Out: s.Out, Groups: 1}
		for i, a := range []*Axis{&p.Rows, &p.Cols} {
			n := []int{s.Rows.Out, s.Cols.Out}[i]
			*a = Axis{In: n, Size: 2 + r.IntN(2), Stride: 1 + r.IntN(2), Dilation: 1, Before: r.IntN(2)}
			a.Out = (n+a.Before-a.Size)/a.Stride + 1
		}
		return s, p
	}
}

// results are what a convolution makes in an element type.
func results[T Float](s, p *Shape, x, w, bias, dy []float64, f Func[T], alloc func(n int) []T) (all [][]float64) {
	of := func(v []float64) []T {
		to := alloc(len(v))
		for i, v := range v {
			to[i] = T(v)
		}
		return to
	}
	wide := func(v []T) {
		var to []float64
		for _, v := range v {
			to = append(to, float64(v))
		}
		all = append(all, to)
	}
	nx, nw, ny := s.Sizes()
	var pool *Pool
	if p != nil {
		_, _, ny = p.Sizes()
		pool = &Pool{p, make([]int32, ny)}
	}
	X, W, B, DY := of(x[:nx]), of(w[:nw]), of(bias[:s.Out]), of(dy[:ny])
	y, dx, dw, db := alloc(ny), alloc(nx), alloc(nw), alloc(s.Out)
	Forward(s, y, X, W, B, f, pool)
	Backward(s, Grads[T]{dx, dw, db}, X, W, y, DY, f, pool)
	for _, v := range [][]T{y, dx, dw, db} {
		wide(v)
	}
	for _, to := range []Grads[T]{{X: alloc(nx)}, {W: alloc(nw)}, {B: alloc(s.Out)}} { // alone they are the same
		Backward(s, to, X, W, y, DY, f, pool)
		for i, v := range [][]T{to.X, to.W, to.B} {
			for j := range v {
				if v[j] != [][]T{dx, dw, db}[i][j] {
					panic(fmt.Sprintf("gradient %d alone is another", i))
				}
			}
		}
	}
	if pool == nil {
		Input(s, dx, DY, W, alloc(s.In), Func[T]{})
		wide(dx)
	}
	return all
}

// TestKernels holds the kernels of both types against plain Go in float64: shapes drawn at random, with gradients of which many are zero, in slices that end where no memory is.
func TestKernels(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 2))
	draw := func(n int, scale float64) []float64 {
		v := make([]float64, n)
		for i := range v {
			v[i] = float64(float32(scale * r.NormFloat64()))
		}
		return v
	}
	x, w, bias := draw(1<<16, 1), draw(1<<18, .1), draw(1<<8, 1)
	for i := range 150 {
		s, p := drawn(r)
		dy := draw(1<<17, 1)
		some := float64(i%3) / 2 // the share that is zero
		for j := range dy {
			if r.Float64() < some*.95 {
				dy[j] = 0
			}
		}
		for _, relu := range []bool{false, true} {
			f32, f64 := Func[float32]{ReLU: relu}, Func[float64]{ReLU: relu}
			if relu {
				f32.Slope, f64.Slope = slopeOfReLU[float32], slopeOfReLU[float64]
			}
			single := results(s, p, x, w, bias, dy, f32, guarded[float32](t))
			double := results(s, p, x, w, bias, dy, f64, guarded[float64](t))
			kernels := fast
			fast = false
			want := results(s, p, x, w, bias, dy, f64, func(n int) []float64 { return make([]float64, n) })
			fast = kernels
			for k := range want {
				scale := 1.0
				for _, v := range want[k] {
					scale = max(scale, math.Abs(v))
				}
				for j, v := range want[k] {
					if !(math.Abs(single[k][j]-v) <= 3e-6*scale && math.Abs(double[k][j]-v) <= 1e-14*scale) {
						t.Fatalf("shape %d, %+v, pool %+v, relu %v: result %d is %v in float32 and %v in float64 at %d, want %v", i, *s, p, relu, k, single[k][j], double[k][j], j, v)
					}
				}
			}
		}
	}
}

func slopeOfReLU[T Float](dz, dy, y []T) {
	for i, d := range dy {
		if y[i] > 0 {
			dz[i] = d
		} else {
			dz[i] = 0
		}
	}
}
