package ops

import (
	"fmt"
	"math"
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// BatchNorm is x̂·scale + shift with x̂ = (x − μ)/√(σ² + ε), μ and σ² being the mean and the variance of each channel of x, [batch,…,n], over all rows (Ioffe and Szegedy 2015);
// scale and shift are vectors of n, or both left out. mean and variance are μ and σ² = Σ(x − μ)²/rows, vectors of n without a gradient. The gradients are, with the sums
// over the rows,
//
//	dshift = Σ dy    dscale = Σ dy∘x̂    dx = scale/√(σ² + ε)·(dy − dshift/rows − x̂·dscale/rows)
//
// A single row, whose variance is 0, is an error.
func BatchNorm(x *gorgonia.Node, epsilon float64, affine ...*gorgonia.Node) (y, mean, variance *gorgonia.Node, err error) {
	if err := checkNorm("batch norm", x, epsilon, affine); err != nil {
		return nil, nil, nil, err
	}
	n := features(x)
	s := &batchStats{columns: newColumns(n), rows: x.Shape().TotalSize() / n, epsilon: epsilon, affine: len(affine) > 0}
	if s.rows < 2 {
		return nil, nil, nil, fmt.Errorf("batch norm: got one value a channel, in shape %v, want at least two: their variance is what is divided by", x.Shape())
	}
	for _, v := range []*[]float64{&s.mean, &s.variance, &s.a, &s.b, &s.c} {
		*v = make([]float64, n)
	}
	y, err = apply(&op{
		name:   "batch norm",
		shape:  x.Shape().Clone(),
		run32:  func(y []float32, in [][]float32) { batchNorm(s, &s.f32, y, in) },
		run64:  func(y []float64, in [][]float64) { batchNorm(s, &s.f64, y, in) },
		differ: s.differentiate,
	}, append(gorgonia.Nodes{x}, affine...)...)
	if err != nil {
		return nil, nil, nil, err
	}
	if mean, err = s.vector("mean of batch norm", s.mean, y); err != nil {
		return nil, nil, nil, err
	}
	variance, err = s.vector("variance of batch norm", s.variance, y)
	return y, mean, variance, err
}

// checkNorm is an error unless x is rows of channels, and scale and shift are vectors of as many, or none.
func checkNorm(name string, x *gorgonia.Node, epsilon float64, vectors []*gorgonia.Node) error {
	if err := missing(name, append(gorgonia.Nodes{x}, vectors...)...); err != nil {
		return err
	}
	if x.Dims() < 2 {
		return fmt.Errorf("%s: got shape %v, want [batch,…,channels]", name, x.Shape())
	}
	if !(epsilon >= 0) || math.IsInf(epsilon, 0) {
		return fmt.Errorf("%s: got ε %v, want a number of at least 0", name, epsilon)
	}
	if len(vectors) != 0 && len(vectors) != 2 && name == "batch norm" {
		return fmt.Errorf("%s: got %d vectors, want a scale and a shift, or none", name, len(vectors))
	}
	for _, v := range vectors {
		if !slices.Equal(v.Shape(), tensor.Shape{features(x)}) {
			return fmt.Errorf("%s: got a vector of shape %v for x of shape %v, want (%d), one for each channel", name, v.Shape(), x.Shape(), features(x))
		}
	}
	return nil
}

// batchStats are what a run of BatchNorm leaves for its gradients.
type batchStats struct {
	columns
	rows           int
	epsilon        float64
	affine         bool
	mean, variance []float64 // of each channel
	sum, dot       []float64 // Σ dy and Σ dy·(x − mean), within columns
	a, b, c        []float64 // room
	f32            vectors[float32]
	f64            vectors[float64]
}

// vector is one of a channel's statistics as a node, which is computed after y.
func (s *batchStats) vector(name string, v []float64, y *gorgonia.Node) (*gorgonia.Node, error) {
	return apply(&op{
		name:  name,
		shape: tensor.Shape{s.n},
		run32: func(out []float32, _ [][]float32) { rounded(out, v) },
		run64: func(out []float64, _ [][]float64) { rounded(out, v) },
	}, y)
}

func rounded[T float](out []T, v []float64) {
	for i := range out {
		out[i] = T(v[i])
	}
}

// differentiate makes one op of the sums that all gradients need, and one of each gradient, so that what nobody reads is not computed.
func (s *batchStats) differentiate(in gorgonia.Nodes, y, dy *gorgonia.Node) (gorgonia.Nodes, error) {
	x := in[0]
	sums, err := apply(&op{ // y comes first: it leaves the mean
		name:  "sums of batch norm",
		shape: tensor.Shape{2 * s.n},
		run32: func(out []float32, in [][]float32) { batchNormSums(s, &s.f32, out, in[0], in[1]) },
		run64: func(out []float64, in [][]float64) { batchNormSums(s, &s.f64, out, in[0], in[1]) },
	}, dy, x, y)
	if err != nil {
		return nil, err
	}
	dx, err := apply(&op{
		name:  "∂batch norm",
		shape: x.Shape().Clone(),
		run32: func(dx []float32, in [][]float32) { batchNormGrad(s, &s.f32, dx, in) },
		run64: func(dx []float64, in [][]float64) { batchNormGrad(s, &s.f64, dx, in) },
	}, append(gorgonia.Nodes{dy, x, sums}, in[1:]...)...)
	if err != nil || !s.affine {
		return gorgonia.Nodes{dx}, err
	}
	dscale, err := part(sums, s.n, tensor.Shape{s.n})
	if err != nil {
		return nil, err
	}
	dshift, err := part(sums, 0, tensor.Shape{s.n})
	return gorgonia.Nodes{dx, dscale, dshift}, err
}

func batchNorm[T float](s *batchStats, v *vectors[T], y []T, in [][]T) {
	x, scale, shift := in[0], s.a, s.b
	moments(&s.columns, s.mean, s.variance, x)
	for j := range scale {
		scale[j], shift[j] = 1/math.Sqrt(s.variance[j]+s.epsilon), 0
		if s.affine {
			scale[j] *= float64(in[1][j])
			shift[j] = float64(in[2][j])
		}
	}
	standardized(&s.columns, v, y, x, s.mean, scale, shift)
}

// batchNormSums are Σ dy, and Σ dy·x̂.
func batchNormSums[T float](s *batchStats, v *vectors[T], out, dy, x []T) {
	s.sum, s.dot = cross(&s.columns, dy, x, v.mean[:s.n], s.mean)
	for j := range s.n {
		out[j], out[s.n+j] = T(s.sum[j]), T(s.dot[j]/math.Sqrt(s.variance[j]+s.epsilon))
	}
}

func batchNormGrad[T float](s *batchStats, v *vectors[T], dx []T, in [][]T) {
	rows := float64(s.rows)
	for j := range s.n {
		inverse := 1 / (s.variance[j] + s.epsilon)
		a := math.Sqrt(inverse)
		if s.affine {
			a *= float64(in[3][j])
		}
		s.a[j], s.b[j], s.c[j] = a, -a*inverse*s.dot[j]/rows, -a*s.sum[j]/rows
	}
	standardizedGrad(&s.columns, v, dx, in[0], in[1], s.mean, s.a, s.b, s.c)
}
