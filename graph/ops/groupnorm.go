package ops

import (
	"fmt"
	"math"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/internal/parallel"
	"github.com/stheno-ml/stheno/graph/internal/vec"
)

// GroupNorm is x̂·scale + shift with x̂ = (x − μ)/√(σ² + ε), μ and σ² being the mean and the variance of one sample's group of channels at all its positions, of x, [batch,…,n] (Wu and
// He 2018); groups are runs of n/groups channels; scale and shift are vectors of n, or both left out. Its gradients are, with means over a sample's group,
//
//	g = dy∘scale    dx = (g − mean g − x̂·mean(g∘x̂))/√(σ² + ε)    dscale = Σ dy∘x̂    dshift = Σ dy
func GroupNorm(x *gorgonia.Node, groups int, epsilon float64, affine ...*gorgonia.Node) (*gorgonia.Node, error) {
	const name = "group norm"
	if err := checkNorm(name, x, epsilon, affine); err != nil {
		return nil, err
	}
	n := features(x)
	switch {
	case len(affine) != 0 && len(affine) != 2:
		return nil, fmt.Errorf("%s: got %d vectors, want a scale and a shift, or none", name, len(affine))
	case groups < 1 || n%groups != 0:
		return nil, fmt.Errorf("%s: got %d groups of %d channels, want a number that divides them", name, groups, n)
	}
	batch := x.Shape()[0]
	s := &groupStats{n: n, groups: groups, batch: batch, positions: x.Shape().TotalSize() / n / batch, epsilon: epsilon, affine: len(affine) > 0}
	s.mean, s.rstd, s.room = make([]float64, batch*groups), make([]float64, batch*groups), make([]float64, batch*2*vec.Room(n))
	return apply(&op{
		name:  name,
		shape: x.Shape().Clone(),
		run32: func(y []float32, in [][]float32) { normalizeGroups(s, &s.f32, y, in) },
		run64: func(y []float64, in [][]float64) { normalizeGroups(s, &s.f64, y, in) },
		differ: func(in gorgonia.Nodes, y, dy *gorgonia.Node) (gorgonia.Nodes, error) {
			// One pass over the samples makes all gradients; those of scale and shift are read from what it leaves. y comes first: it leaves the statistics.
			dx, err := apply(&op{
				name:  "∂" + name,
				shape: x.Shape().Clone(),
				run32: func(dx []float32, in [][]float32) { normalizeGroupsGrad(s, &s.f32, dx, in[0], in[1]) },
				run64: func(dx []float64, in [][]float64) { normalizeGroupsGrad(s, &s.f64, dx, in[0], in[1]) },
			}, dy, in[0], y)
			if err != nil {
				return nil, err
			}
			grads := gorgonia.Nodes{dx}
			for i := range affine {
				d, err := apply(&op{
					name:  []string{"∂scale of ", "∂shift of "}[i] + name,
					shape: tensor.Shape{n},
					run32: func(out []float32, _ [][]float32) { addUpSamples(out, s.sums(1-i), s.batch) },
					run64: func(out []float64, _ [][]float64) { addUpSamples(out, s.sums(1-i), s.batch) },
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

// groupStats are what a run of GroupNorm leaves for its gradients.
type groupStats struct {
	n, groups, batch, positions int
	epsilon                     float64
	affine                      bool
	mean, rstd                  []float64 // of each sample's groups; the mean is as the element type has it
	room                        []float64 // of each sample, two sums for each channel: in the end Σ dy and Σ dy∘x̂ over the positions
	f32                         groupVectors[float32]
	f64                         groupVectors[float64]
}

// groupVectors are the scale and shift of a run, and a sample's vectors of one element a channel.
type groupVectors[T float] struct {
	scale, shift []T
	kept         [][4][]T // of each sample: what multiplies dy, x − μ, μ and what is added
}

// sums are a sample's two after another, each with Room.
func (s *groupStats) sums(which int) func(sample int) []float64 {
	room := vec.Room(s.n)
	return func(sample int) []float64 { return s.room[(2*sample+which)*room:][:room] }
}

// each calls f for every sample, over the cores.
func (s *groupStats) each(f func(sample int)) {
	parallel.For(s.batch, max(1, grain/(s.n*s.positions)), func(lo, hi int) {
		for ; lo < hi; lo++ {
			f(lo)
		}
	})
}

func normalizeGroups[T float](s *groupStats, v *groupVectors[T], y []T, in [][]T) {
	if v.kept == nil {
		v.scale, v.shift, v.kept = make([]T, s.n), make([]T, s.n), make([][4][]T, s.batch)
		for i := range v.scale {
			v.scale[i] = 1
		}
		for i := range v.kept {
			for k := range v.kept[i] {
				v.kept[i][k] = make([]T, s.n)
			}
		}
	}
	if s.affine {
		copy(v.scale, in[1])
		copy(v.shift, in[2])
	}
	size, each := s.n*s.positions, s.n/s.groups
	count := float64(s.positions * each)
	s.each(func(sample int) {
		x, y := in[0][sample*size:(sample+1)*size], y[sample*size:(sample+1)*size]
		sum, squares, about := s.sums(0)(sample), s.sums(1)(sample), x[:s.n]
		vec.Moments(sum, squares, x, about)
		a, mean, shift := v.kept[sample][0], v.kept[sample][2], v.shift
		for g := range s.groups {
			lo, hi := g*each, (g+1)*each
			total := 0.0
			for j := lo; j < hi; j++ {
				total += float64(about[j])*float64(s.positions) + sum[j]
			}
			exact := total / count
			spread := 0.0 // of the channels' own, and of their means
			for j := lo; j < hi; j++ {
				d := sum[j] / float64(s.positions)
				off := float64(about[j]) + d - exact
				spread += max(0, squares[j]-d*sum[j]) + off*off*float64(s.positions)
			}
			at := sample*s.groups + g
			s.mean[at], s.rstd[at] = float64(T(exact)), 1/math.Sqrt(spread/count+s.epsilon)
			for j := lo; j < hi; j++ {
				mean[j], a[j] = T(exact), T(s.rstd[at]*float64(v.scale[j]))
			}
		}
		for at := 0; at < size; at += s.n {
			vec.Standardize(y[at:at+s.n], x[at:at+s.n], mean, a, shift)
		}
	})
}

func normalizeGroupsGrad[T float](s *groupStats, v *groupVectors[T], dx, dy, x []T) {
	size, each := s.n*s.positions, s.n/s.groups
	count := float64(s.positions * each)
	s.each(func(sample int) {
		x, dy, dx := x[sample*size:(sample+1)*size], dy[sample*size:(sample+1)*size], dx[sample*size:(sample+1)*size]
		sum, dot := s.sums(0)(sample), s.sums(1)(sample)
		a, b, mean, c := v.kept[sample][0], v.kept[sample][1], v.kept[sample][2], v.kept[sample][3]
		vec.Cross(sum, dot, dy, x, mean)
		for g := range s.groups {
			lo, hi := g*each, (g+1)*each
			rstd := s.rstd[sample*s.groups+g]
			all, along := 0.0, 0.0
			for j := lo; j < hi; j++ {
				dot[j] *= rstd
				all += float64(v.scale[j]) * sum[j]
				along += float64(v.scale[j]) * dot[j]
			}
			for j := lo; j < hi; j++ {
				b[j], c[j] = T(-rstd*rstd*along/count), T(-rstd*all/count)
			}
		}
		for at := 0; at < size; at += s.n {
			vec.StandardizeGrad(dx[at:at+s.n], dy[at:at+s.n], x[at:at+s.n], mean, a, b, c)
		}
	})
}

func addUpSamples[T float](out []T, of func(sample int) []float64, batch int) {
	for j := range out {
		sum := 0.0
		for sample := range batch {
			sum += of(sample)[j]
		}
		out[j] = T(sum)
	}
}
