package conv

import (
	"math"

	"github.com/stheno-ml/stheno/graph/internal/cpu"
	"github.com/stheno-ml/stheno/graph/internal/parallel"
)

// A winograd makes a correlation of windows of three by three, without a stride, in patches of two by two outputs: F(2×2, 3×3) of Lavin and Gray 2016, Fast algorithms for convolutional neural networks. For each of
// the 16 points of a patch there is a product over the channels, which is 16 multiplications for 36:
//
//	Y = Aᵀ[Σ GgGᵀ ⊙ BᵀdB]A    Bᵀ = 1  0 −1  0    G = 1   0   0    Aᵀ = 1  1  1  0
//	                               0  1  1  0        ½   ½   ½         0  1 −1 −1
//	                               0 −1  1  0        ½  −½   ½
//	                               0  1  0 −1        0   0   1
//
// An infinite number makes all of its patches NaN, as a sum of infinite ones is.
type winograd[T Float] struct {
	transforms *transforms[T]
	panels     []panel
	packed     []T // GgGᵀ by point and panel
	point      int // elements of a point
	zero       []T
	least      T
	places     int // of a row of outputs
	cols       int // patches along it
	rows       int // of patches at once
}

type transforms[T Float] struct {
	in  func(n, vectors int, x *T, row, pixel uintptr, v *T, point uintptr)
	out func(n, vectors int, m *T, point uintptr, bias *T, low T, y *T, row, pixel uintptr)
	per int // elements of a vector
}

var (
	transforms32, transforms64 = narrowTransforms32, narrowTransforms64

	narrowTransforms32 = transforms[float32]{winogradIn, winogradOut, 8}
	narrowTransforms64 = transforms[float64]{winogradInDouble, winogradOutDouble, 4}
)

func init() {
	if cpu.AVX512 {
		transforms32 = transforms[float32]{winogradInAVX512, winogradOutAVX512, 16}
		transforms64 = transforms[float64]{winogradInAVX512Double, winogradOutAVX512Double, 8}
	}
}

func transformsOf[T Float]() *transforms[T] {
	if t, ok := any(&transforms32).(*transforms[T]); ok {
		return t
	}
	return any(&transforms64).(*transforms[T])
}

// atOnce are how many patches are in hand, so that their points stay in a near cache.
const atOnce = 48

// even is s with its outputs in whole patches.
func (s *Shape) even() *Shape {
	e := *s
	e.Rows.Out += e.Rows.Out & 1
	e.Cols.Out += e.Cols.Out & 1
	return &e
}

// patched says whether a winograd takes less than tiles of rows.
func patched[T Float](s *Shape) bool {
	three := func(a Axis) bool { return a.Size == 3 && a.Stride == 1 && a.Dilation == 1 }
	wide, e := 2*lane[T](), s.even()
	return three(s.Rows) && three(s.Cols) && s.Groups == 1 && s.In%wide == 0 && s.Out%wide == 0 && e.Rows.Out*e.Cols.Out*6 <= s.Rows.Out*s.Cols.Out*9
}

func newWinograd[T Float](s *Shape, kernels *tiles[T], pack func(to []T, group, tap, c, col int)) *winograd[T] {
	lane := lane[T]()
	g := &winograd[T]{transforms: transformsOf[T](), least: T(math.Inf(-1)), places: s.Cols.Out, cols: (s.Cols.Out + 1) / 2}
	g.rows = min((s.Rows.Out+1)/2, max(1, atOnce/g.cols))
	for at := 0; at < s.Out; {
		p := panel{col: at, vectors: 2, at: at * s.In}
		if s.Out-at >= 4*lane && len(kernels[4]) > 8 {
			p.vectors = 4
		}
		p.cols = lane * p.vectors
		at += p.cols
		g.panels = append(g.panels, p)
	}
	g.point = s.In * s.Out
	g.packed = sumsOf[T](16*g.point + 4*lane)
	g.zero = g.packed[16*g.point:]
	clear(g.zero)
	parallel.For(s.In, 1+grain/(9*s.Out), func(lo, hi int) {
		var taps [9][]T
		buf := make([]T, 9*4*lane)
		for c := lo; c < hi; c++ {
			for _, p := range g.panels {
				for tap := range taps {
					taps[tap] = buf[tap*p.cols:][:p.cols]
					pack(taps[tap], 0, tap, c, p.col)
				}
				g.kernel(p.at+c*p.cols, &taps)
			}
		}
	})
	return g
}

// kernel packs GgGᵀ of a channel and a panel.
func (g *winograd[T]) kernel(at int, taps *[9][]T) {
	n := len(taps[0])
	for i := range 4 {
		u0, u1, u2, u3 := g.packed[4*i*g.point+at:][:n], g.packed[(4*i+1)*g.point+at:][:n], g.packed[(4*i+2)*g.point+at:][:n], g.packed[(4*i+3)*g.point+at:][:n]
		var upper, lower, sign T = 1, 0, 0 // of rows
		switch i {
		case 1:
			upper, lower, sign = .5, .5, .5
		case 2:
			upper, lower, sign = .5, .5, -.5
		case 3:
			upper, lower = 0, 1
		}
		for j := range n {
			a := upper*taps[0][j] + sign*taps[3][j] + lower*taps[6][j]
			b := upper*taps[1][j] + sign*taps[4][j] + lower*taps[7][j]
			c := upper*taps[2][j] + sign*taps[5][j] + lower*taps[8][j]
			half := (a + c) * .5
			u0[j], u1[j], u2[j], u3[j] = a, half+b*.5, half-b*.5, c
		}
	}
}

// run makes rows from o0 up to o1.
func (g *winograd[T]) run(c *correlation[T], y, x []T, o0, o1 int, buf *scratch[T]) {
	s, size, t := c.s, sizeOf[T](), g.transforms
	patches := g.rows * g.cols
	ofV, ofM, row := patches*s.In+2*t.per, patches*s.Out+2*t.per, 2*g.cols*s.Out // not a power of two apart
	v := grown(&buf.points, 16*(ofV+ofM)+2*row)
	m, edge := v[16*ofV:], v[16*(ofV+ofM):]
	img := c.of(x, &buf.image)
	for first := o0 / 2; 2*first < o1; first += g.rows {
		last := min(first+g.rows, (o1+1)/2)
		for r := first; r < last; r++ {
			t.in(g.cols, s.In/t.per, &img[2*r*c.row], size*uintptr(c.row), size*uintptr(s.In), &v[(r-first)*g.cols*s.In], size*uintptr(ofV))
		}
		n := (last - first) * g.cols
		for p := range 16 {
			for _, panel := range g.panels {
				kernels := c.kernels[panel.vectors]
				most := len(kernels) - 1
				for at, left := 0, (n+most-1)/most; left > 0; left-- {
					rows := (n - at + left - 1) / left
					kernels[rows](1, &none, s.In, &v[p*ofV+at*s.In], size*uintptr(s.In), size, &g.packed[p*g.point+panel.at], 32*uintptr(panel.vectors), &g.zero[0], g.least, &m[p*ofM+at*s.Out+panel.col], size*uintptr(s.Out), nil)
					at += rows
				}
			}
		}
		for r := first; r < last; r++ {
			from := &m[(r-first)*g.cols*s.Out]
			if o0 <= 2*r && 2*r+1 < o1 && g.places == 2*g.cols {
				t.out(g.cols, s.Out/t.per, from, size*uintptr(ofM), &c.bias[0], c.low, &y[c.to+2*r*c.out[0]], size*uintptr(c.out[0]), size*uintptr(c.out[1]))
				continue
			}
			t.out(g.cols, s.Out/t.per, from, size*uintptr(ofM), &c.bias[0], c.low, &edge[0], size*uintptr(row), size*uintptr(s.Out))
			for o := max(o0, 2*r); o < min(o1, 2*r+2); o++ {
				for q := range g.places {
					copy(y[c.to+o*c.out[0]+q*c.out[1]:][:s.Out], edge[(o-2*r)*row+q*s.Out:])
				}
			}
		}
	}
}
