package ops

import (
	"fmt"
	"math"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/internal/parallel"
	"github.com/stheno-ml/stheno/graph/internal/vec"
)

// LayerNorm is x̂·scale + shift with x̂ = (x − μ)/√(σ² + ε), μ and σ² being the mean and the variance of each row of x, [batch,…,n] (Ba, Kiros and Hinton 2016); scale and shift are
// vectors of n, or both left out. Its gradients are, with means over the row,
//
//	g = dy∘scale    dx = (g − mean g − x̂·mean(g∘x̂))/√(σ² + ε)    dscale = Σ_rows dy∘x̂    dshift = Σ_rows dy
func LayerNorm(x *gorgonia.Node, epsilon float64, affine ...*gorgonia.Node) (*gorgonia.Node, error) {
	if len(affine) != 0 && len(affine) != 2 {
		return nil, fmt.Errorf("layer norm: got %d vectors, want a scale and a shift, or none", len(affine))
	}
	return rowNorm("layer norm", x, epsilon, true, affine)
}

// RMSNorm is x/√(mean x² + ε)·scale of each row of x, [batch,…,n] (Zhang and Sennrich 2019); scale is a vector of n, or left out. Its gradients are LayerNorm's, with μ and mean g left
// out.
func RMSNorm(x *gorgonia.Node, epsilon float64, scale ...*gorgonia.Node) (*gorgonia.Node, error) {
	if len(scale) > 1 {
		return nil, fmt.Errorf("rms norm: got %d vectors, want a scale, or none", len(scale))
	}
	return rowNorm("rms norm", x, epsilon, false, scale)
}

func rowNorm(name string, x *gorgonia.Node, epsilon float64, centred bool, affine []*gorgonia.Node) (*gorgonia.Node, error) {
	if err := checkNorm(name, x, epsilon, affine); err != nil {
		return nil, err
	}
	n := features(x)
	s := &rowStats{n: n, rows: x.Shape().TotalSize() / n, epsilon: epsilon, centred: centred, affine: len(affine)}
	s.mean, s.rstd = make([]float64, s.rows), make([]float64, s.rows)
	return apply(&op{
		name:  name,
		shape: x.Shape().Clone(),
		run32: func(y []float32, in [][]float32) { normalizeRows(s, &s.f32, y, in) },
		run64: func(y []float64, in [][]float64) { normalizeRows(s, &s.f64, y, in) },
		differ: func(in gorgonia.Nodes, y, dy *gorgonia.Node) (gorgonia.Nodes, error) {
			// One pass over the rows makes all gradients; those of scale and shift are read from what it leaves. y comes first: it leaves the statistics.
			dx, err := apply(&op{
				name:  "∂" + name,
				shape: x.Shape().Clone(),
				run32: func(dx []float32, in [][]float32) { normalizeRowsGrad(s, &s.f32, dx, in[0], in[1]) },
				run64: func(dx []float64, in [][]float64) { normalizeRowsGrad(s, &s.f64, dx, in[0], in[1]) },
			}, dy, in[0], y)
			if err != nil {
				return nil, err
			}
			grads := gorgonia.Nodes{dx}
			for i := range affine {
				d, err := apply(&op{
					name:  []string{"∂scale of " + name, "∂shift of " + name}[i],
					shape: tensor.Shape{n},
					run32: func(out []float32, _ [][]float32) { addUpParts(out, s.f32.parts[i]) },
					run64: func(out []float64, _ [][]float64) { addUpParts(out, s.f64.parts[i]) },
				}, dx)
				if err != nil {
					return nil, err
				}
				grads = append(grads, d)
			}
			return grads, nil
		},
	}, append(gorgonia.Nodes{x}, affine...)...)
}

// rowStats are what a run of LayerNorm or RMSNorm leaves for its gradients.
type rowStats struct {
	n, rows    int
	epsilon    float64
	centred    bool
	affine     int       // how many of scale and shift there are
	mean, rstd []float64 // of each row; the mean is as the element type has it
	f32        rowAffine[float32]
	f64        rowAffine[float64]
}

// rowAffine are the scale and shift of a run, and the gradients of both, by stretches of rows.
type rowAffine[T float] struct {
	scale, shift []T
	parts        [2][]T
}

// normStretch is how many rows' gradients of scale and shift are added up by themselves, so that the number of threads does not show.
const normStretch = 32

func normalizeRows[T float](s *rowStats, a *rowAffine[T], y []T, in [][]T) {
	if a.scale == nil {
		a.scale, a.shift = make([]T, s.n), make([]T, s.n)
		for i := range a.scale {
			a.scale[i] = 1
		}
	}
	if s.affine > 0 {
		copy(a.scale, in[1])
	}
	if s.affine > 1 {
		copy(a.shift, in[2])
	}
	n, x := s.n, in[0]
	parallel.For(s.rows, max(1, grain/n), func(lo, hi int) {
		for r := lo; r < hi; r++ {
			row, mean, square := x[r*n:(r+1)*n], T(0), 0.0
			if s.centred {
				exact := vec.Sum(row) / float64(n)
				mean = T(exact)
				off := exact - float64(mean)
				square = max(0, vec.SumSquaresAbout(row, mean)/float64(n)-off*off)
			} else {
				square = vec.SumSquares(row) / float64(n)
			}
			s.mean[r], s.rstd[r] = float64(mean), 1/math.Sqrt(square+s.epsilon)
			vec.Normalize(y[r*n:(r+1)*n], row, a.scale, a.shift, mean, T(s.rstd[r]))
		}
	})
}

func normalizeRowsGrad[T float](s *rowStats, a *rowAffine[T], dx, dy, x []T) {
	n := s.n
	stretches := (s.rows + normStretch - 1) / normStretch
	for i := range a.parts {
		a.parts[i] = resized(a.parts[i], stretches*n)
		clear(a.parts[i])
	}
	parallel.For(stretches, max(1, grain/n/normStretch), func(lo, hi int) {
		for ; lo < hi; lo++ {
			dscale, dshift := a.parts[0][lo*n:(lo+1)*n], a.parts[1][lo*n:(lo+1)*n]
			for r := lo * normStretch; r < min((lo+1)*normStretch, s.rows); r++ {
				dy, x, mean, rstd := dy[r*n:(r+1)*n], x[r*n:(r+1)*n], T(s.mean[r]), s.rstd[r]
				sum, dot := vec.NormalizeSums(dy, x, a.scale, mean)
				if !s.centred {
					sum = 0
				}
				vec.NormalizeGrad(dx[r*n:(r+1)*n], dscale, dshift, dy, x, a.scale, mean, T(rstd), T(-dot*rstd*rstd*rstd/float64(n)), T(-sum*rstd/float64(n)))
			}
		}
	})
}

// addUpParts adds vectors that lie one after another.
func addUpParts[T float](out, parts []T) {
	clear(out)
	for ; len(parts) > 0; parts = parts[len(out):] {
		vec.SumAccumulate(out, parts[:len(out)])
	}
}
