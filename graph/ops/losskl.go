package ops

import (
	"fmt"
	"math"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph/internal/vec"
)

// KL is the Kullback–Leibler divergence of softmax(z) from a target distribution, Σ_c t·(ln t − ln softmax(z)), of logits z and targets, both [batch,…,classes]; where t is 0
// there is no loss. Its gradient is dy·(softmax(z)·Σt − t). A target below 0 is an error of the run.
func KL(z, target *gorgonia.Node) (*gorgonia.Node, error) {
	return rowLoss("kl", z, target, kl[float32], kl[float64], crossEntropyGrad[float32], crossEntropyGrad[float64])
}

func kl[T float](z, t []T) float64 {
	top := vec.Max(z)
	log := float64(top) + math.Log(vec.SumExp(nil, z, top))
	dot := 0 * log // NaN anywhere gives NaN
	for i, v := range z {
		switch t := float64(t[i]); {
		case t < 0:
			panic(fmt.Sprintf("got a target of %v, want at least 0: the share of a class", t))
		case t != 0: // 0·ln 0 is 0 here
			dot += t * (math.Log(t) - (float64(v) - log))
		}
	}
	return dot
}
