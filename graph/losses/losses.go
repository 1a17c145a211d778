// Package losses holds the losses, one a file: each compares a model's output with a target of the same shape, [batch,classes], and is a mean
// over the batch. A target row is one-hot or any other distribution.
//
//	history, err := train.Fit(ctx, model, data, train.Config{Loss: losses.CrossEntropy{}})
//
// One's own is a graph.Loss: see graph.LossFunc.
package losses

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/graph"
)

var all = []graph.Loss{CrossEntropy{}, ClippedCrossEntropy{}, MSE{}}

// Names lists what Parse understands.
func Names() []string {
	names := make([]string, len(all))
	for i, l := range all {
		names[i] = l.Name()
	}
	return names
}

// Parse is the loss of that name: cross-entropy, clipped-cross-entropy or mse; of another, an error that lists them.
func Parse(name string) (graph.Loss, error) {
	if i := slices.Index(Names(), name); i >= 0 {
		return all[i], nil
	}
	return nil, fmt.Errorf("loss: got %q, want one of %s", name, strings.Join(Names(), ", "))
}
