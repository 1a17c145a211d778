package figure

import (
	"fmt"
	"slices"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/inspect"
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
	if weights == nil {
		return "", fmt.Errorf("figure: got nil weights, want [features,units]")
	}
	w := weights.Shape()
	if len(shape) != 2 || len(w) != 2 || shape[0]*shape[1] != w[0] {
		return "", fmt.Errorf("figure: got weights of shape %v for samples of shape %v, want [features,units] for images of so many features", w, shape)
	}
	tiles, err := inspect.UnitTiles(weights, shape[0], shape[1])
	if err != nil {
		return "", err
	}
	var images []Image
	for _, t := range tiles[:min(mostUnits, len(tiles))] {
		images = append(images, Image{t.Values, [2]string{fmt.Sprintf("unit %d", t.Unit+1)}})
	}
	return Images(title, shape[0], shape[1], columns, images), nil
}

// Filters draws what the filters of a convolution over images look for: weights are its kernel, [height,width,channels,filters] in float32 or float64. Of each filter and channel there is a picture;
// the 24 with the largest weights are drawn, the largest first, so many columns of them. Another shape is an error.
func Filters(title string, columns int, weights *tensor.Dense) (string, error) {
	if weights == nil || weights.Dims() != 4 {
		return "", fmt.Errorf("figure: got weights that are no kernel, want [height,width,channels,filters]")
	}
	tiles, err := inspect.FilterTiles(weights)
	if err != nil {
		return "", err
	}
	w := weights.Shape()
	var images []Image
	for _, t := range tiles[:min(mostUnits, len(tiles))] {
		im := Image{t.Values, [2]string{fmt.Sprintf("filter %d", t.Unit+1)}}
		if w[2] > 1 {
			im.Caption[1] = fmt.Sprintf("channel %d", t.Channel+1)
		}
		images = append(images, im)
	}
	return Images(title, w[0], w[1], columns, images), nil
}
