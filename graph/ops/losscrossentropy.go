package ops

import (
	"fmt"
	"math"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph/internal/vec"
)

// CrossEntropy is categorical cross-entropy from logits x, −Σ_c t·log softmax(x), by way of log-sum-exp: it is finite wherever
// x is. The target is classes, or a distribution a row. With smoothing ε the target is (1−ε)·t + ε/n (Szegedy et al. 2016). A logit of −∞ is a class of
// probability 0: no loss where t is 0, else +∞; +∞ gives NaN. Its gradient is dy·(softmax(x)·Σt − t).
func CrossEntropy(x, target *gorgonia.Node, smoothing float64) (*gorgonia.Node, error) {
	if !(smoothing >= 0 && smoothing < 1) {
		return nil, fmt.Errorf("cross-entropy: got label smoothing %v, want at least 0 and below 1", smoothing)
	}
	return classLoss("cross-entropy", x, target, smoothing, crossEntropy[float32], crossEntropy[float64], crossEntropyGrad[float32], crossEntropyGrad[float64])
}

// smoothed is (1−ε)·t + ε/n of a target of distributions.
func smoothed(name string, target *gorgonia.Node, smoothing float64) (*gorgonia.Node, error) {
	rest := smoothing / float64(features(target))
	soft := func(t float64) float64 { return (1-smoothing)*t + rest }
	return apply(&op{
		name:  name + ": smoothed target",
		shape: target.Shape().Clone(),
		run32: func(out []float32, in [][]float32) { each1(out, in, soft) },
		run64: func(out []float64, in [][]float64) { each1(out, in, soft) },
	}, target)
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
