package ops

import (
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/internal/parallel"
)

// The losses compare a prediction, [batch,…,n], with a target, and give one value a row: [batch,…]. A target has the shape of the prediction, or,
// where classes are predicted, is of int32, [batch,…]: the class of each row, from 0 to n−1, or Ignored. They are computed in float64 from the
// elements as they are. NaN anywhere in a row gives NaN. No gradient goes to the target, even where it depends on parameters.

// Ignored is the class of a row that is not to be learnt from: its loss and its gradient are 0.
const Ignored = -1

// MeanSquaredError is Keras': the mean of (y−t)² over the last axis, so its gradient dy·2(y−t)/n is a tenth of the sum's at ten outputs.
func MeanSquaredError(y, target *gorgonia.Node) (*gorgonia.Node, error) {
	return rowLoss("mean squared error", y, target, meanSquared[float32], meanSquared[float64], meanSquaredGrad[float32], meanSquaredGrad[float64])
}

// A perRow gives the loss of one row; a gradRow writes scale times its gradient.
type (
	perRow[T float]  func(y, t []T) float64
	gradRow[T float] func(dy, y, t []T, scale float64)
)

// rowLoss makes a loss whose target has the shape of the prediction.
func rowLoss(name string, y, target *gorgonia.Node, f32 perRow[float32], f64 perRow[float64], g32 gradRow[float32], g64 gradRow[float64]) (*gorgonia.Node, error) {
	if err := missing(name, y, target); err != nil {
		return nil, err
	}
	if y.Dims() < 2 || !slices.Equal(y.Shape(), target.Shape()) { // Shape.Eq takes (3) for (3, 1)
		return nil, fmt.Errorf("%s: got a prediction of shape %v and a target of shape %v, want two [batch,…,n] of one shape", name, y.Shape(), target.Shape())
	}
	n := features(y)
	return apply(&op{
		name:  name,
		shape: y.Shape()[:y.Dims()-1].Clone(),
		run32: func(out []float32, in [][]float32) { lossRows(out, in[0], in[1], n, f32) },
		run64: func(out []float64, in [][]float64) { lossRows(out, in[0], in[1], n, f64) },
		wrt:   []bool{true, false},
		differ: func(in gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
			dy, err := apply(&op{
				name:  "∂" + name,
				shape: in[0].Shape().Clone(),
				run32: func(dy []float32, in [][]float32) { lossGrads(dy, in[0], in[1], in[2], n, g32) },
				run64: func(dy []float64, in [][]float64) { lossGrads(dy, in[0], in[1], in[2], n, g64) },
			}, in[0], in[1], grad)
			return gorgonia.Nodes{dy, in[1]}, err // the target's is never used
		},
	}, y, target)
}

func lossRows[T float](out, y, t []T, n int, f perRow[T]) {
	parallel.For(len(out), max(1, grain/n), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			out[i] = T(f(y[i*n:(i+1)*n], t[i*n:(i+1)*n]))
		}
	})
}

func lossGrads[T float](dy, y, t, grad []T, n int, g gradRow[T]) {
	parallel.For(len(grad), max(1, grain/n), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			g(dy[i*n:(i+1)*n], y[i*n:(i+1)*n], t[i*n:(i+1)*n], float64(grad[i]))
		}
	})
}

// classLoss makes a loss of class probabilities whose target is classes, or a distribution of the prediction's shape.
func classLoss(name string, y, target *gorgonia.Node, smoothing float64, f32 perRow[float32], f64 perRow[float64], g32 gradRow[float32], g64 gradRow[float64]) (*gorgonia.Node, error) {
	if err := missing(name, y, target); err != nil {
		return nil, err
	}
	if target.Dtype() != tensor.Int32 {
		if smoothing == 0 {
			return rowLoss(name, y, target, f32, f64, g32, g64)
		}
		var err error
		if target, err = smoothed(name, target, smoothing); err != nil {
			return nil, err
		}
		return rowLoss(name, y, target, f32, f64, g32, g64)
	}
	if y.Dims() < 2 || !slices.Equal(y.Shape()[:y.Dims()-1], target.Shape()) {
		return nil, fmt.Errorf("%s: got a prediction of shape %v and classes of shape %v, want [batch,…,classes] and [batch,…]", name, y.Shape(), target.Shape())
	}
	n := features(y)
	o := &op{name: name, shape: target.Shape().Clone(), ids: [][]int32{nil, noIDs}}
	o.run32 = func(out []float32, in [][]float32) { classRows(out, in[0], o.ids[1], n, smoothing, f32) }
	o.run64 = func(out []float64, in [][]float64) { classRows(out, in[0], o.ids[1], n, smoothing, f64) }
	o.differ = func(in gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
		o := &op{name: "∂" + name, shape: in[0].Shape().Clone(), ids: [][]int32{nil, noIDs, nil}}
		o.run32 = func(dy []float32, in [][]float32) { classGrads(dy, in[0], in[2], o.ids[1], n, smoothing, g32) }
		o.run64 = func(dy []float64, in [][]float64) { classGrads(dy, in[0], in[2], o.ids[1], n, smoothing, g64) }
		dy, err := apply(o, in[0], in[1], grad)
		return gorgonia.Nodes{dy, in[1]}, err
	}
	return apply(o, y, target)
}

func classRows[T float](out, y []T, classes []int32, n int, smoothing float64, f perRow[T]) {
	parallel.For(len(out), max(1, grain/n), func(lo, hi int) {
		target := newOneHot[T](n, smoothing)
		for i := lo; i < hi; i++ {
			out[i] = 0
			if t := target.of(classes[i], i); t != nil {
				out[i] = T(f(y[i*n:(i+1)*n], t))
			}
		}
	})
}

func classGrads[T float](dy, y, grad []T, classes []int32, n int, smoothing float64, g gradRow[T]) {
	parallel.For(len(grad), max(1, grain/n), func(lo, hi int) {
		target := newOneHot[T](n, smoothing)
		for i := lo; i < hi; i++ {
			if t := target.of(classes[i], i); t != nil {
				g(dy[i*n:(i+1)*n], y[i*n:(i+1)*n], t, float64(grad[i]))
			} else {
				clear(dy[i*n : (i+1)*n])
			}
		}
	})
}

// oneHot is a target row of one class after the other.
type oneHot[T float] struct {
	row       []T
	class     int32 // that row is of
	low, high T
}

func newOneHot[T float](n int, smoothing float64) *oneHot[T] {
	h := &oneHot[T]{row: make([]T, n), low: T(smoothing / float64(n)), high: T(1 - smoothing + smoothing/float64(n))}
	for i := range h.row {
		h.row[i] = h.low
	}
	return h
}

// of is the row of a class, good until the next; nil where it is Ignored. A class that there is not panics, which op.Do makes an error of.
func (h *oneHot[T]) of(class int32, position int) []T {
	if class == Ignored {
		return nil
	}
	if class < 0 || int(class) >= len(h.row) {
		panic(fmt.Sprintf("got class %d at position %d, want 0 to %d, or %d to ignore the position", class, position, len(h.row)-1, Ignored))
	}
	h.row[h.class] = h.low
	h.row[class], h.class = h.high, class
	return h.row
}

func meanSquared[T float](y, t []T) float64 {
	sum := 0.0
	for i, v := range y {
		d := float64(v) - float64(t[i])
		sum += d * d
	}
	return sum / float64(len(y))
}

func meanSquaredGrad[T float](dy, y, t []T, scale float64) {
	scale *= 2 / float64(len(y))
	for i, v := range y {
		dy[i] = T(scale * (float64(v) - float64(t[i])))
	}
}
