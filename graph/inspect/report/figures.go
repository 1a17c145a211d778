package report

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/inspect/figure"
	"github.com/stheno-ml/stheno/graph/train"
)

// gradientFlow draws the norm of each layer's gradient over the steps: of up to three, which make no map, as bars; nothing where there is no
// snapshot.
func gradientFlow(r Run) string {
	switch n := len(r.Snapshots); {
	case n == 0:
		return ""
	case n <= 3:
		return figure.Gradients("Gradient norm by layer", nil, r.Snapshots...)
	}
	return figure.GradientFlow("Gradient norm by layer and step", r.Snapshots...)
}

const (
	shown   = 24 // images in a grid
	columns = 6
)

// wrong draws the samples of which the model was surest and wrong; nothing where the samples are no images, or all are right.
func wrong(ctx context.Context, r Run, t inspect.Tested) (string, error) {
	set := t.Set()
	if set == nil || len(set.Shape) != 2 || t.Result == nil || t.Result.Confusion == nil {
		return "", nil
	}
	output, err := train.Predict(ctx, r.Model, t.Data)
	if err != nil {
		return "", err
	}
	said := train.Classes(output)
	width := len(t.Result.Confusion)
	sure := func(sample int) float32 { return output.Float32s()[sample*width+said[sample]] }
	var misses []int
	for i, class := range said {
		if class != set.Label(i) {
			misses = append(misses, i)
		}
	}
	if len(misses) == 0 {
		return "", nil
	}
	slices.SortStableFunc(misses, func(a, b int) int { return cmp.Compare(sure(b), sure(a)) })
	title := fmt.Sprintf("Most confidently wrong, %s (%.1f %% sure, and less)", t.Name, 100*sure(misses[0]))
	return figure.Samples(title, columns, set, misses[:min(shown, len(misses))], said)
}
