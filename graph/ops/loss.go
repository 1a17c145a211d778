package ops

import (
	"fmt"
	"math"
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/internal/parallel"
	"github.com/stheno-ml/stheno/graph/internal/vec"
)

// The losses take a [batch,classes] prediction and a target of the same shape, whose rows are one-hot or any other
// distribution, and give a scalar: the mean over the batch. They are summed in float64. NaN anywhere gives NaN. No
// gradient goes to the target, even where it depends on parameters.

// CrossEntropy is categorical cross-entropy from logits x, −Σ_c t·log softmax(x), by way of log-sum-exp: it is finite wherever
// x is. A logit of −∞ is a class of probability 0: no loss where t is 0, else +∞; +∞ gives NaN. Its gradient is
// (softmax(x)·Σt − t)/batch.
func CrossEntropy(x, target *gorgonia.Node) (*gorgonia.Node, error) {
	return loss("cross-entropy", x, target, crossEntropy[float32], crossEntropy[float64], crossEntropyGrad[float32], crossEntropyGrad[float64])
}

// ClippedCrossEntropy is Keras 2's categorical cross-entropy, from probabilities p clipped to [1e-7, 1−1e-7]: −Σ_c t·log clip(p).
// Where the clip holds, the gradient is zero: a network that is sure and wrong learns nothing more.
func ClippedCrossEntropy(p, target *gorgonia.Node) (*gorgonia.Node, error) {
	return loss("clipped cross-entropy", p, target, clipped[float32], clipped[float64], clippedGrad[float32], clippedGrad[float64])
}

// MeanSquaredError is Keras': the mean of (y−t)² over the batch and over the outputs, so its gradient 2(y−t)/(batch·classes) is
// a tenth of the sum's at ten classes.
func MeanSquaredError(y, target *gorgonia.Node) (*gorgonia.Node, error) {
	return loss("mean squared error", y, target, meanSquared[float32], meanSquared[float64], meanSquaredGrad[float32], meanSquaredGrad[float64])
}

// A perRow gives the loss of one row; a gradRow writes scale times its gradient.
type (
	perRow[T float]  func(y, t []T) float64
	gradRow[T float] func(dy, y, t []T, scale float64)
)

func loss(name string, y, target *gorgonia.Node, f32 perRow[float32], f64 perRow[float64], g32 gradRow[float32], g64 gradRow[float64]) (*gorgonia.Node, error) {
	if y.Dims() != 2 || !slices.Equal(y.Shape(), target.Shape()) {
		return nil, fmt.Errorf("%s: got a prediction of shape %v and a target of shape %v, want two [batch,classes] matrices of one shape", name, y.Shape(), target.Shape())
	}
	n := y.Shape()[1]
	return apply(&op{
		name:  name,
		shape: tensor.ScalarShape(),
		run32: func(out []float32, in [][]float32) { out[0] = float32(meanLoss(in[0], in[1], n, f32)) },
		run64: func(out []float64, in [][]float64) { out[0] = meanLoss(in[0], in[1], n, f64) },
		wrt:   []bool{true, false},
		differ: func(in gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
			dy, err := apply(&op{
				name:  "∂" + name,
				shape: in[0].Shape(),
				run32: func(dy []float32, in [][]float32) { lossGrad(dy, in, n, g32) },
				run64: func(dy []float64, in [][]float64) { lossGrad(dy, in, n, g64) },
			}, in[0], in[1], grad)
			return gorgonia.Nodes{dy, in[1]}, err // the target's is never used
		},
	}, y, target)
}

// meanLoss adds up stretches of rows, then the stretches in order, so that its bits do not depend on the number of threads.
func meanLoss[T float](y, t []T, n int, f perRow[T]) float64 {
	const stretch = 256
	batch := len(y) / n
	sums := make([]float64, (batch+stretch-1)/stretch)
	parallel.For(len(sums), max(1, grain/(stretch*n)), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			for at := i * stretch * n; at < min((i+1)*stretch, batch)*n; at += n {
				sums[i] += f(y[at:at+n], t[at:at+n])
			}
		}
	})
	total := 0.0
	for _, sum := range sums {
		total += sum
	}
	return total / float64(batch)
}

func lossGrad[T float](dy []T, in [][]T, n int, g gradRow[T]) {
	y, t, batch := in[0], in[1], len(dy)/n
	scale := float64(in[2][0]) / float64(batch)
	parallel.For(batch, max(1, grain/n), func(lo, hi int) {
		for at := lo * n; at < hi*n; at += n {
			g(dy[at:at+n], y[at:at+n], t[at:at+n], scale)
		}
	})
}

func crossEntropy[T float](x, t []T) float64 {
	top := vec.Max(x)
	log := math.Log(vec.SumExp(nil, x, top))
	dot, total := 0.0, 0.0
	for i, v := range t {
		total += float64(v)
		if v != 0 { // 0·−∞ is 0 here
			dot += float64(v) * (float64(x[i]) - float64(top))
		}
	}
	return total*log - dot
}

func crossEntropyGrad[T float](dx, x, t []T, scale float64) {
	total := 0.0
	for _, v := range t {
		total += float64(v)
	}
	share := total / vec.SumExp(dx, x, vec.Max(x))
	for i, v := range t {
		dx[i] = T((float64(dx[i])*share - float64(v)) * scale)
	}
}

// clip is Keras' epsilon.
const clip = 1e-7

func clipped[T float](p, t []T) float64 {
	sum := 0.0
	for i, v := range p {
		if t[i] != 0 || v != v { // NaN shows even where nothing is wanted
			sum -= float64(t[i]) * math.Log(min(max(float64(v), clip), 1-clip))
		}
	}
	return sum
}

func clippedGrad[T float](dp, p, t []T, scale float64) {
	for i, v := range p {
		if v := float64(v); v < clip || v > 1-clip {
			dp[i] = 0
		} else {
			dp[i] = T(-scale * float64(t[i]) / v)
		}
	}
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
