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

// clipped says how often gradients were cut, and draws it by epoch where that is more than a few.
func clipped(r Run) (says, drawn string) {
	steps, largest, any := 0, 0.0, false
	var epochs, cut []float64
	for _, e := range r.Epochs {
		if e.Clipped == nil {
			continue
		}
		steps, largest, any = steps+e.Clipped.Steps, max(largest, e.Clipped.Largest), true
		epochs, cut = append(epochs, float64(e.Epoch)), append(cut, float64(e.Clipped.Steps))
	}
	if !any {
		return "", ""
	}
	says = fmt.Sprintf("Gradients were clipped in %s; the largest was %.3g. What is drawn here is as it was before.", count(steps, "step"), largest)
	if steps == 0 || len(epochs) < 3 {
		return says, ""
	}
	return says, figure.Curves("Steps in which gradients were clipped", "epoch", "steps", false, figure.Series{Name: "steps of the epoch", X: epochs, Y: cut})
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
	probabilities := train.Probabilities(r.Model.Outputs()[0], output)
	sure := func(sample int) float64 { return probabilities[sample*width+said[sample]] }
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
