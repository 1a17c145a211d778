package figure

import (
	"cmp"
	"fmt"
	"slices"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/datasets"
)

// Samples draws samples of a data set of images, so many columns of them, with their classes under them. said, if not nil, is the class that
// a model says of every sample of the data set, as train.Classes has it, and stands there too. Samples that are no images of two
// dimensions, and rows that the data set or said does not have, are an error.
func Samples(title string, columns int, data *datasets.Dataset, rows, said []int) (string, error) {
	if len(data.Shape) != 2 {
		return "", fmt.Errorf("figure: data set %q has samples of shape %v, want images of two dimensions", data.Name, data.Shape)
	}
	images := make([]Image, len(rows))
	row := make([]float32, data.Features())
	for i, sample := range rows {
		switch {
		case sample < 0 || sample >= data.Len():
			return "", fmt.Errorf("figure: got sample %d of data set %q, want 0 to %d", sample, data.Name, data.Len()-1)
		case said != nil && (sample >= len(said) || said[sample] < 0 || said[sample] >= len(data.Classes)):
			return "", fmt.Errorf("figure: got nothing said of sample %d of data set %q, want one of its %d classes for each of %d samples", sample, data.Name, len(data.Classes), data.Len())
		}
		images[i].Caption[0] = "is " + short(data.Classes[data.Label(sample)])
		if said != nil {
			images[i].Caption = [2]string{"says " + short(data.Classes[said[sample]]), images[i].Caption[0]}
		}
		data.Row(row, sample)
		least := slices.Min(row)
		for _, v := range row {
			images[i].Values = append(images[i].Values, float64(v-least)) // noise too goes from black to white
		}
	}
	return Images(title, data.Shape[0], data.Shape[1], columns, images), nil
}

// short cuts a class's name to what fits under an image.
func short(name string) string {
	if r := []rune(name); len(r) > 8 {
		return string(r[:7]) + "…"
	}
	return name
}

// mostUnits is how many units Weights draws.
const mostUnits = 24

// Weights draws what the units of a first layer look for: weights are its, [features,units] in float32 or float64, and shape is that of a
// sample, [height,width] of so many features. The 24 units with the largest weights are drawn, the largest first, so many columns of them:
// red where ink speaks for the unit, blue where it speaks against it. Another shape is an error.
func Weights(title string, columns int, weights *tensor.Dense, shape []int) (string, error) {
	w := weights.Shape()
	if len(shape) != 2 || len(w) != 2 || shape[0]*shape[1] != w[0] {
		return "", fmt.Errorf("figure: got weights of shape %v for samples of shape %v, want [features,units] for images of so many features", w, shape)
	}
	features, units := w[0], w[1]
	value := func(i int) float64 { return float64(weights.Float32s()[i]) }
	switch dt := weights.Dtype(); dt {
	case tensor.Float32:
	case tensor.Float64:
		value = func(i int) float64 { return weights.Float64s()[i] }
	default:
		return "", fmt.Errorf("figure: got weights of %v, want float32 or float64", dt)
	}
	images := make([]Image, units)
	norms := make([]float64, units)
	order := make([]int, units)
	for u := range units {
		order[u] = u
		images[u].Caption[0] = fmt.Sprintf("unit %d", u+1)
		for i := range features {
			v := value(i*units + u)
			images[u].Values = append(images[u].Values, v)
			norms[u] += v * v
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(norms[b], norms[a]) })
	largest := make([]Image, min(mostUnits, units))
	for i := range largest {
		largest[i] = images[order[i]]
	}
	return Images(title, shape[0], shape[1], columns, largest), nil
}
