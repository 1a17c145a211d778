package run

import (
	"fmt"
	"math"
	"os"
	"slices"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
)

// SaveWeights writes a model's parameters and states, whatever its layers, as a safetensors file with a checksum, in place of what was
// at path. The names are the model's, such as dense_1.weight.
func SaveWeights(path string, m *graph.Model) error {
	if m == nil {
		return errNoModel(path)
	}
	file, err := encode(m.Tensors(), map[string]string{"format": "stheno weights 1"})
	if err != nil {
		return err
	}
	return writePath(path, file...)
}

// LoadWeights reads a model's parameters and states from a safetensors file: one of SaveWeights, a checkpoint, or another program's.
// It must have the model's tensors, all of them and no others, by name, shape and type, and finite numbers; a checksum is
// compared where it has one. Else the error says what differs first, and the model is as it was.
//
// Matrices are [in,out], as Dense multiplies by them. PyTorch's are [out,in], and must be transposed before: of a square one nobody can tell, so that a file
// of square ones alone would be loaded the wrong way round.
func LoadWeights(path string, m *graph.Model) error {
	if m == nil {
		return errNoModel(path)
	}
	r, size, err := openPath(path)
	if err != nil {
		return err
	}
	return withTensors(path, r, size, func(f *tensorFile) error { return f.setParams(m.Tensors()) })
}

func errNoModel(path string) error {
	return fmt.Errorf("run: %s: got no model, want one of graph.NewModel", path)
}

// setParams sets the parameters to what the file has, which may hold an optimizer's running values too. Where those are averages of the parameters, as optim.EMA keeps
// them, it is the averages that are taken: with them the model was evaluated.
func (f *tensorFile) setParams(params []graph.Param) error {
	if err := f.wants(params, func(name string) bool { return isOptimizers(name, params) }); err != nil {
		return err
	}
	params = slices.Clone(params)
	for i, p := range params {
		average := slotName("average", p.Name)
		if _, ok := f.infos[average]; !ok {
			continue
		}
		params[i].Name = average
	}
	if err := f.wants(params, func(string) bool { return true }); err != nil {
		return err
	}
	data, err := f.data()
	if err != nil {
		return err
	}
	return f.into(params, data)
}

// withTensors reads the header of a safetensors file that is open, and closes it after use.
func withTensors(path string, r *os.File, size int64, use func(*tensorFile) error) error {
	defer r.Close()
	f, err := readHeader(path, r, size)
	if err != nil {
		return err
	}
	return use(f)
}

// into sets the parameters, if all that is to come into them is finite.
func (f *tensorFile) into(params []graph.Param, data []byte) error {
	for _, p := range params {
		if err := f.finiteIn(p, data); err != nil {
			return err
		}
	}
	for _, p := range params {
		if err := f.decode(p, data); err != nil {
			return err
		}
	}
	return nil
}

// notFinite names the first parameter with a number that is not finite; "" if there is none.
func notFinite(params []graph.Param) string {
	for _, p := range params {
		if p.Value.Dtype() == tensor.Float64 {
			for _, v := range p.Value.Float64s() {
				if math.IsNaN(v) || math.IsInf(v, 0) {
					return p.Name
				}
			}
			continue
		}
		for _, v := range p.Value.Float32s() {
			if v-v != 0 { // NaN for NaN and ±Inf
				return p.Name
			}
		}
	}
	return ""
}

// exists says whether there is anything at path.
func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
