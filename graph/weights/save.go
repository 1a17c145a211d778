package weights

import (
	"fmt"
	"path/filepath"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/train/run"
)

// Save writes a model's weights to a new file as a framework has them, in the order of its layers: for Keras an NPZ archive, for PyTorch also safetensors, whose names begin with numbers in that
// order. The package comment has the two lines that read them. A layer that the framework has not is an error.
func Save(path string, m *graph.Model, to Framework) error {
	units, err := unitsOf(m, to)
	if err != nil {
		return err
	}
	if ext := filepath.Ext(path); to == Keras && ext != ".npz" {
		return fmt.Errorf("weights: got a file that ends in %q, want .npz, which keeps the order of Keras' weights", ext)
	}
	var all []run.Tensor
	for _, u := range units {
		for _, p := range u.forms[0].parts {
			name := u.name
			if p.name != "" {
				name += "." + p.name
			}
			all = append(all, run.Tensor{Name: name, Shape: p.shape, Values: p.get()})
		}
	}
	digits := len(fmt.Sprint(len(all)))
	for i := range all {
		all[i].Name = fmt.Sprintf("%0*d_%s", digits, i, all[i].Name)
	}
	return run.WriteTensors(path, all)
}

// get reads the part's elements out of the model.
func (p part) get() []float32 {
	to := make([]float32, 0, size(p.shape))
	for _, piece := range p.pieces {
		n := piece.of.Value.Shape().TotalSize()
		if piece.at != nil {
			n = len(piece.at)
		}
		for i := range n {
			if piece.at != nil {
				i = piece.at[i]
			}
			switch v := piece.of.Value; {
			case piece.added:
				to = append(to, 0)
			case v.Dtype() == tensor.Float64:
				to = append(to, float32(v.Float64s()[i]))
			default:
				to = append(to, v.Float32s()[i])
			}
		}
	}
	return to[:size(p.shape)] // 0 where it says nothing here
}
