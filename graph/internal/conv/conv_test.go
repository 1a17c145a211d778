package conv

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
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
			if r.IntN(2) == 0 {
				s.Groups = s.In
				s.Out = s.In
			}
		}
		if r.IntN(4) == 0 { // what is made in patches of two by two
			for _, a := range []*Axis{&s.Rows, &s.Cols} {
				a.Size, a.Stride, a.Dilation = 3, 1, 1
				a.Out = a.In + a.Before + r.IntN(3) - 2
			}
			s.In, s.Out, s.Groups = 16*(1+r.IntN(3)), 16*(1+r.IntN(4)), 1
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
			if r.IntN(2) == 0 {
				*a = Axis{In: n, Size: 2, Stride: 2, Dilation: 1}
			}
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
	Backward(s, Grads[T]{dx, dw, db}, X, W, y, DY, f, pool, nil)
	for _, v := range [][]T{y, dx, dw, db} {
		wide(v)
	}
	for _, to := range []Grads[T]{{X: alloc(nx)}, {W: alloc(nw)}, {B: alloc(s.Out)}} { // alone they are the same
		Backward(s, to, X, W, y, DY, f, pool, nil)
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
	x, w, bias := draw(1<<17, 1), draw(1<<18, .1), draw(1<<8, 1)
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

// TestParts: a sample by itself, which is cut along its rows, comes out as in a batch that is not cut, bit for bit.
func TestParts(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 3))
	draw := func(n int) []float32 {
		v := make([]float32, n)
		for i := range v {
			v[i] = float32(r.NormFloat64())
		}
		return v
	}
	rows, cols := Axis{In: 37, Out: 19, Size: 3, Stride: 2, Dilation: 1, Before: 1}, Axis{In: 31, Out: 29, Size: 3, Stride: 1, Dilation: 1}
	over := Shape{Rows: Axis{In: 19, Out: 9, Size: 3, Stride: 2, Dilation: 1}, Cols: Axis{In: 29, Out: 14, Size: 2, Stride: 2, Dilation: 1}, In: 24, Out: 24, Groups: 1}
	tanh := Func[float32]{Apply: func(y []float32) {
		for i, v := range y {
			y[i] = float32(math.Tanh(float64(v)))
		}
	}}
	for _, groups := range []int{1, 8, 24} { // the last is depthwise
		for _, pooled := range []bool{false, true} {
			s := Shape{Batch: pieces, Rows: rows, Cols: cols, In: 24, Out: 24, Groups: groups}
			nx, nw, ny := s.Sizes()
			out := ny
			pool := func(batch int) *Pool {
				if !pooled {
					return nil
				}
				p := over
				p.Batch = batch
				_, _, out = p.Sizes()
				return &Pool{Shape: &p, Arg: make([]int32, out)}
			}
			x, w, b := draw(nx), draw(nw), draw(24)
			whole := pool(pieces)
			y, dx := make([]float32, out), make([]float32, nx)
			Forward(&s, y, x, w, b, tanh, whole)
			dy := draw(ny)
			Input(&s, dx, dy, w, b, tanh)
			for i := range pieces {
				one := s
				one.Batch = 1
				p := pool(1)
				y1, dx1 := make([]float32, len(y)/pieces), make([]float32, nx/pieces)
				Forward(&one, y1, x[i*len(dx1):][:len(dx1)], w, b, tanh, p)
				Input(&one, dx1, dy[i*ny/pieces:][:ny/pieces], w, b, tanh)
				if !slices.Equal(y1, y[i*len(y1):][:len(y1)]) || !slices.Equal(dx1, dx[i*len(dx1):][:len(dx1)]) {
					t.Fatalf("%d groups, pooled %v: sample %d alone is another", groups, pooled, i)
				}
				if pooled && !slices.Equal(p.Arg, whole.Arg[i*len(y1):][:len(y1)]) {
					t.Fatalf("%d groups: the places of sample %d's maxima alone are others", groups, i)
				}
			}
		}
	}
}
