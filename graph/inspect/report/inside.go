package report

import (
	"fmt"
	"slices"
	"strings"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/inspect/figure"
	"github.com/stheno-ml/stheno/graph/train"
)

const (
	mapsShown   = 12 // of a layer's channels
	layersShown = 6
)

// inside draws what a model has learnt to look for, and what its layers make of the first sample of the test set, weights at rest: what suits its layers.
func inside(r Run) ([]drawing, error) {
	data := r.Train.Data
	if len(r.Tests) > 0 && r.Tests[0].Data != nil {
		data = r.Tests[0].Data
	}
	if data == nil {
		return nil, nil
	}
	var all []drawing
	for _, draw := range []func(Run, datasets.Data) ([]string, error){firstWeights, filters, reconstructions, layerOutputs} {
		figures, err := draw(r, data)
		if err != nil {
			return nil, err
		}
		for _, f := range figures {
			all = append(all, plain(f))
		}
	}
	looks, err := attention(r, data)
	return append(all, looks...), err
}

// firstWeights draws what the units of the first layer look for, where it sees whole images.
func firstWeights(r Run, data datasets.Data) ([]string, error) {
	shape := data.Info().Shape()
	if len(shape) != 2 || data.Info().Inputs[0].IDs {
		return nil, nil
	}
	for _, p := range r.Model.Params() {
		if w := p.Value.Shape(); len(w) == 2 {
			if w[0] != shape[0]*shape[1] {
				return nil, nil
			}
			f, err := figure.Weights("Weights of the first layer, largest first", columns, p.Value, shape)
			return []string{f}, err
		}
	}
	return nil, nil
}

// filters draws what those of the first convolution over images look for.
func filters(r Run, _ datasets.Data) ([]string, error) {
	for _, p := range r.Model.Params() {
		if w := p.Value.Shape(); len(w) == 4 {
			layer, _, _ := strings.Cut(p.Name, ".")
			f, err := figure.Filters("Filters of "+layer+", largest first", columns, p.Value)
			return []string{f}, err
		}
	}
	return nil, nil
}

// reconstructions draw samples, and below each what the model makes of it, where that is to be the sample itself.
func reconstructions(r Run, data datasets.Data) ([]string, error) {
	info := data.Info()
	shape := info.Shape()
	if len(shape) != 2 || info.Inputs[0].IDs || len(info.Targets) != 1 || info.Targets[0].IDs || !slices.Equal(info.Targets[0].Shape, shape) {
		return nil, nil
	}
	var rows []int
	for i := range min(columns*2, data.Len()) {
		rows = append(rows, i)
	}
	p, err := atRest(r, data, rows)
	if err != nil {
		return nil, err
	}
	var images []figure.Image
	size := shape[0] * shape[1]
	for line := range slices.Chunk(rows, columns) {
		for _, of := range []struct {
			name   string
			values []float64
		}{{"sample", wide(p.X())}, {"made anew", wide(p.Output())}} {
			if len(of.values) != len(rows)*size {
				return nil, nil
			}
			for k := range columns {
				if k >= len(line) {
					images = append(images, figure.Image{}) // so that the next begin a line
					continue
				}
				images = append(images, figure.Image{Values: of.values[line[k]*size : (line[k]+1)*size], Caption: [2]string{of.name}})
			}
		}
	}
	return []string{figure.Images("Samples, and what the network makes of them", shape[0], shape[1], columns, images)}, nil
}

// layerOutputs draw what layers put out for a sample: the channels of images.
func layerOutputs(r Run, data datasets.Data) ([]string, error) {
	infos := r.Model.Layers()
	var drawn []graph.LayerInfo // the last of each shape
	for i, l := range infos {
		if s := l.Output; l.Nested > 0 || len(s) != 3 || s[0] < 2 || s[1] < 2 {
			continue
		}
		next := slices.IndexFunc(infos[i+1:], func(o graph.LayerInfo) bool { return o.Nested == 0 })
		if next < 0 || !slices.Equal(infos[i+1+next].Output, l.Output) {
			drawn = append(drawn, l)
		}
	}
	p, err := atRest(r, data, []int{0})
	if err != nil {
		return nil, err
	}
	var all []string
	recordings := p.Recordings()
	for _, l := range drawn[:min(layersShown, len(drawn))] {
		at := slices.IndexFunc(recordings, func(o graph.Recording) bool { return o.Layer && o.Name == l.Name })
		if at < 0 {
			continue
		}
		h, w, channels := l.Output[0], l.Output[1], l.Output[2]
		tiles, err := inspect.MapTiles(recordings[at].Value, 0)
		if err != nil {
			return nil, err
		}
		images := make([]figure.Image, min(mapsShown, channels))
		for c := range images {
			images[c] = figure.Image{Values: tiles[c].Values, Caption: [2]string{fmt.Sprint("channel ", c+1)}}
		}
		all = append(all, figure.Images(fmt.Sprintf("Feature maps of %s, %d×%d, of one sample: %d of %d", l.Name, h, w, len(images), channels), h, w, columns, images))
	}
	return all, nil
}

// atRest runs the model on samples, and keeps what every layer puts out.
func atRest(r Run, data datasets.Data, rows []int) (*graph.Program, error) {
	batch, err := train.NewBatch(r.Model, nil, data, rows)
	if err != nil {
		return nil, err
	}
	return inspect.AtRest(r.Model, batch)
}

// wide is a tensor's elements in float64; none of ids.
func wide(t *tensor.Dense) []float64 {
	if t == nil {
		return nil
	}
	switch t.Dtype() {
	case tensor.Float64:
		return t.Float64s()
	case tensor.Float32:
		all := make([]float64, len(t.Float32s()))
		for i, v := range t.Float32s() {
			all[i] = float64(v)
		}
		return all
	}
	return nil
}
