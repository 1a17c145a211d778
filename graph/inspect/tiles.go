package inspect

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/train"
)

// A Tile is a picture that is cut out of a tensor.
type Tile struct {
	Unit    int       // whose it is, a unit's or a filter's, from 0; of a feature map 0
	Channel int       // of the input, or of the feature map, from 0
	Values  []float64 // row by row
}

// UnitTiles are what the units of a layer weigh of a picture, those of the largest weights first: weights are [features,units] in float32 or float64, the features those of a picture of that height and width.
func UnitTiles(weights *tensor.Dense, height, width int) ([]Tile, error) {
	if weights == nil || weights.Dims() != 2 || height < 1 || width < 1 || weights.Shape()[0] != height*width {
		return nil, fmt.Errorf("inspect: got weights of shape %v for pictures of %d×%d, want [features,units] for pictures of so many features", shapeOf(weights), height, width)
	}
	return tilesOf(weights, 1, weights.Shape()[1])
}

// FilterTiles are the filters of a convolution, a tile a filter and channel, those of the largest weights first: kernel is [height,width,channels,filters] of one over images, [size,channels,filters] of
// one over sequences, in float32 or float64.
func FilterTiles(kernel *tensor.Dense) ([]Tile, error) {
	if kernel == nil || kernel.Dims() != 3 && kernel.Dims() != 4 {
		return nil, fmt.Errorf("inspect: got a kernel of shape %v, want [height,width,channels,filters] or [size,channels,filters]", shapeOf(kernel))
	}
	shape := kernel.Shape()
	return tilesOf(kernel, shape[len(shape)-2], shape[len(shape)-1])
}

// MapTiles are the channels of a sample's feature map, in order: values are [batch,height,width,channels] in float32 or float64.
func MapTiles(values *tensor.Dense, sample int) ([]Tile, error) {
	if values == nil || values.Dims() != 4 || sample < 0 || sample >= values.Shape()[0] || !isFloat(values) {
		return nil, fmt.Errorf("inspect: got feature maps of shape %v and sample %d, want [batch,height,width,channels] of floats, and one of the batch", shapeOf(values), sample)
	}
	s := values.Shape()
	size, channels := s[1]*s[2]*s[3], s[3]
	all := wide(values)[sample*size:][:size]
	tiles := make([]Tile, channels)
	for c := range tiles {
		tiles[c] = Tile{Channel: c, Values: make([]float64, s[1]*s[2])}
		for i := range tiles[c].Values {
			tiles[c].Values[i] = all[i*channels+c]
		}
	}
	return tiles, nil
}

// tilesOf cuts [pixels…,channels,units] into tiles, the largest first.
func tilesOf(t *tensor.Dense, channels, units int) ([]Tile, error) {
	if !isFloat(t) {
		return nil, fmt.Errorf("inspect: got weights of %v, want float32 or float64", t.Dtype())
	}
	values := wide(t)
	n := channels * units
	tiles, norms := make([]Tile, n), make([]float64, n)
	order := make([]int, n)
	for k := range tiles {
		order[k] = k
		tiles[k] = Tile{k % units, k / units, make([]float64, len(values)/n)}
		for i := range tiles[k].Values {
			v := values[i*n+k]
			tiles[k].Values[i] = v
			norms[k] += v * v
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(norms[b], norms[a]) })
	sorted := make([]Tile, n)
	for i, k := range order {
		sorted[i] = tiles[k]
	}
	return sorted, nil
}

func isFloat(t *tensor.Dense) bool {
	return t.Dtype() == tensor.Float32 || t.Dtype() == tensor.Float64
}

func shapeOf(t *tensor.Dense) tensor.Shape {
	if t == nil {
		return nil
	}
	return t.Shape()
}

// AtRest runs a model on a batch, weights at rest and nothing random: the Recordings of the program have what every layer puts out, and what goes into it.
func AtRest(m *graph.Model, b *train.Batch) (*graph.Program, error) {
	if m == nil || b.Len() == 0 {
		return nil, errors.New("inspect: got a nil model or no batch, want both, the batch such as train.NewBatch makes")
	}
	p, err := m.Compile(graph.Spec{Mode: graph.Predict, Batch: b.Len(), Inspect: true, Inputs: true})
	if err == nil {
		err = b.Feed(p)
	}
	if err == nil {
		err = p.Run()
	}
	if err != nil {
		return nil, err
	}
	return p, nil
}
