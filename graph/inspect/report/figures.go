package report

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/inspect/figure"
	"github.com/stheno-ml/stheno/graph/train"
)

// gradientFlow draws the norm of each layer's gradient over the steps; of a single snapshot, as bars.
func gradientFlow(r Run) string {
	var layers, steps []string
	var values [][]float64
	for at, s := range r.Snapshots {
		steps = append(steps, fmt.Sprint(s.Step))
		i := 0
		for _, l := range s.Layers {
			if len(l.Params) == 0 {
				continue
			}
			if at == 0 {
				layers, values = append(layers, l.Name), append(values, nil)
			}
			if i < len(values) {
				sum := 0.0
				for _, p := range l.Params {
					sum += p.Grad.Norm * p.Grad.Norm
				}
				values[i] = append(values[i], math.Sqrt(sum))
			}
			i++
		}
	}
	if len(steps) == 0 || len(layers) == 0 {
		return ""
	}
	if len(steps) == 1 {
		one := figure.Series{Name: "step " + steps[0]}
		for _, v := range values {
			one.Y = append(one.Y, v[0])
		}
		return figure.Bars("Gradient norm by layer", layers, one)
	}
	return figure.Heat("Gradient norm by layer and step", "step", layers, steps, values)
}

// shown is how many images a grid has.
const shown = 24

// wrong draws the samples of which the model was surest and wrong; nothing where the samples are no images, or all are right.
func wrong(ctx context.Context, r Run, t inspect.Tested) (string, error) {
	if t.Data == nil || len(t.Data.Shape) != 2 {
		return "", nil
	}
	output, err := train.Predict(ctx, r.Model, t.Data)
	if err != nil {
		return "", err
	}
	type miss struct {
		sample, said int
		sure         float64
	}
	var misses []miss
	classes := len(t.Data.Classes)
	for i := range t.Data.Len() {
		row := output.Float32s()[i*classes : (i+1)*classes]
		said := 0
		for c, v := range row {
			if v > row[said] {
				said = c
			}
		}
		if said != t.Data.Label(i) {
			misses = append(misses, miss{i, said, float64(row[said])})
		}
	}
	slices.SortStableFunc(misses, func(a, b miss) int { return cmp.Compare(b.sure, a.sure) })
	var images []figure.Image
	row := make([]float32, t.Data.Features())
	for _, m := range misses[:min(shown, len(misses))] {
		t.Data.Row(row, m.sample)
		least := slices.Min(row)
		im := figure.Image{Caption: [2]string{"says " + short(t.Data.Classes[m.said]), "is " + short(t.Data.Classes[t.Data.Label(m.sample)])}}
		for _, v := range row {
			im.Values = append(im.Values, float64(v-least)) // noise too goes from black to white
		}
		images = append(images, im)
	}
	if len(images) == 0 {
		return "", nil
	}
	title := fmt.Sprintf("Most confidently wrong, %s (%s sure, and less)", t.Name, sureness(misses[0].sure))
	return figure.Images(title, t.Data.Shape[0], t.Data.Shape[1], 6, images), nil
}

func sureness(p float64) string { return fmt.Sprintf("%.1f %%", 100*p) }

// short cuts a class's name to what fits under an image.
func short(name string) string {
	if r := []rune(name); len(r) > 8 {
		return string(r[:7]) + "…"
	}
	return name
}

// firstWeights draws what the first units of the first layer look for, those with the largest weights first; nothing where
// the samples are no images.
func firstWeights(r Run) string {
	if r.Train.Data == nil || len(r.Train.Data.Shape) != 2 {
		return ""
	}
	for _, p := range r.Model.Params() {
		shape := p.Value.Shape()
		if len(shape) != 2 || shape[0] != r.Train.Data.Features() || p.Value.Dtype() != tensor.Float32 {
			continue
		}
		units := make([]figure.Image, shape[1])
		norms := make([]float64, shape[1])
		order := make([]int, shape[1])
		values := p.Value.Float32s()
		for u := range units {
			order[u] = u
			units[u].Caption[0] = fmt.Sprintf("unit %d", u+1)
			for i := range shape[0] {
				v := float64(values[i*shape[1]+u])
				units[u].Values = append(units[u].Values, v)
				norms[u] += v * v
			}
		}
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(norms[b], norms[a]) })
		var images []figure.Image
		for _, u := range order[:min(shown, len(order))] {
			images = append(images, units[u])
		}
		return figure.Images("Weights of the first layer, largest first", r.Train.Data.Shape[0], r.Train.Data.Shape[1], 6, images)
	}
	return ""
}
