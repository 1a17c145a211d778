package events

import (
	"cmp"
	"context"
	"image"
	"image/color"
	"math"
	"slices"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/inspect/figure"
	"github.com/stheno-ml/stheno/graph/train"
)

// judgedMost is of how many samples at most the pictures are, evenly among all: more of them would take longer than an observer should.
const judgedMost = 2000

// A miss is a sample that is taken for another class than its own.
type miss struct {
	sample, says, is int
	sure             float32 // the output of its own class
}

// judged draws what the model makes of data, as it takes them: the confusion, and the samples whose class it finds least likely; nothing where a sample has no class of several.
func (w *Writer) judged(step uint64, m *graph.Model, data datasets.Data) error {
	info, outputs := data.Info(), m.Outputs()
	n := len(info.Classes)
	if n < 2 || len(outputs) != 1 || !slices.Equal(outputs[0].Shape, []int{n}) || len(info.Targets) != 1 || !info.Targets[0].IDs || info.Targets[0].Size() != 1 {
		return nil
	}
	rows := make([]int, min(judgedMost, data.Len()))
	for i := range rows {
		rows[i] = i * data.Len() / len(rows)
	}
	classes := make([]int32, len(rows))
	if err := data.Read(datasets.Batch{Targets: []datasets.Values{{IDs: classes}}}, rows, datasets.Draw{}); err != nil {
		return err
	}
	part := data
	if len(rows) < data.Len() {
		var err error
		if part, err = datasets.Rows(data, rows); err != nil {
			return err
		}
	}
	output, err := train.Predict(context.Background(), m, part)
	if err != nil {
		return err
	}
	counts := make([][]int, n)
	for i := range counts {
		counts[i] = make([]int, n)
	}
	var misses []miss
	for i, is := range classes {
		if is < 0 || int(is) >= n { // it has none
			continue
		}
		row := output.Float32s()[i*n : (i+1)*n]
		says := 0
		for c, v := range row {
			if v > row[says] {
				says = c
			}
		}
		if counts[is][says]++; says != int(is) {
			misses = append(misses, miss{rows[i], says, int(is), row[is]})
		}
	}
	w.Picture(step, "confusion", confusion(counts, info.Classes))
	img, err := wrong(data, misses)
	w.Picture(step, "most_wrong", img)
	return err
}

// wrong draws the worst misses, with what the network says of each and what it is; nil where there are none, or samples are no pictures.
func wrong(data datasets.Data, misses []miss) (image.Image, error) {
	info := data.Info()
	shape := info.Shape()
	if len(misses) == 0 || len(info.Inputs) != 1 || info.Inputs[0].IDs || len(shape) != 2 && (len(shape) != 3 || shape[2] != 1 && shape[2] != 3) {
		return nil, nil
	}
	slices.SortStableFunc(misses, func(a, b miss) int { return cmp.Compare(a.sure, b.sure) })
	misses = misses[:min(most, len(misses))]
	size := info.Inputs[0].Size()
	pixels := make([]float32, size*len(misses))
	var rows []int
	for _, m := range misses {
		rows = append(rows, m.sample)
	}
	if err := data.Read(datasets.Batch{Inputs: []datasets.Values{{Floats: pixels}}}, rows, datasets.Draw{}); err != nil {
		return nil, err
	}
	var panels []panel
	for i, m := range misses {
		panels = append(panels, panel{sample(pixels[i*size:(i+1)*size], shape), []string{"says " + info.Classes[m.says], "is " + info.Classes[m.is]}})
	}
	return grid(panels), nil
}

// sample draws one, from its darkest value to its lightest, in grey or, of three channels, in colours.
func sample(pixels []float32, shape []int) image.Image {
	low, high := slices.Min(pixels), slices.Max(pixels)
	if len(shape) == 2 || shape[2] == 1 {
		values := make([]float64, len(pixels))
		for i, v := range pixels {
			values[i] = float64(v - low)
		}
		return figure.Picture(values, shape[0], shape[1])
	}
	img := image.NewRGBA(image.Rect(0, 0, shape[1], shape[0]))
	scale := 255 / max(high-low, math.SmallestNonzeroFloat32)
	for i := range shape[0] * shape[1] {
		p := pixels[3*i:]
		img.SetRGBA(i%shape[1], i/shape[1], color.RGBA{uint8((p[0] - low) * scale), uint8((p[1] - low) * scale), uint8((p[2] - low) * scale), 255})
	}
	return img
}
