package weights

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/train/run"
)

// A Pair is a tensor of a file and where it went.
type Pair struct {
	From  string // in the file: "fc1.weight"
	Shape []int  // there
	Type  string // there, where it is no float32: "F16"; else ""
	To    string // here: "dense_1.weight", or "" of what says nothing here
	Ours  []int  // the shape here
}

// Load reads a framework's weights into a model of the same layers, in the same order, and returns what went where, in the model's order. Every layer of the model must find its own, by order and
// shape, and nothing may be left over; a bias that the file lacks is 0. An error leaves the model as it was.
func Load(path string, m *graph.Model, from Framework) ([]Pair, error) {
	units, err := unitsOf(m, from)
	if err != nil {
		return nil, err
	}
	tensors, err := run.ReadTensors(path)
	if err != nil {
		return nil, err
	}
	pairs, err := load(tensors, units, from, strings.HasSuffix(path, ".npz"))
	if err != nil {
		return nil, fmt.Errorf("weights: %s: %w", path, err)
	}
	return pairs, nil
}

// numbered are the names that numpy.savez gives to arrays without one.
var numbered = regexp.MustCompile(`^arr_\d+$`)

// saved are the names that Save gives.
var saved = regexp.MustCompile(`^\d+_`)

func load(tensors []run.Tensor, units []unit, from Framework, ordered bool) ([]Pair, error) {
	ours := !slices.ContainsFunc(tensors, func(t run.Tensor) bool { return !saved.MatchString(t.Name) })
	ordered = ordered || ours
	if from == Keras && !ordered {
		return nil, errors.New(`a safetensors file does not keep the order of Keras' weights: write numpy.savez("net.npz", *net.get_weights())`)
	}
	var groups []group
	if from == Keras || !slices.ContainsFunc(tensors, func(t run.Tensor) bool { return !numbered.MatchString(t.Name) }) {
		groups = runs(tensors)
	} else {
		groups = modules(tensors, ours)
	}
	found, err := match(units, groups)
	if err != nil {
		return nil, err
	}
	if !ordered {
		if err := unsure(found); err != nil {
			return nil, err
		}
	}
	var pairs []Pair
	values := map[string][]float64{}
	for i, f := range found {
		for _, p := range f.form.zero {
			values[p.Name] = make([]float64, p.Value.Shape().TotalSize())
		}
		for k, p := range f.form.parts {
			if len(p.pieces) == 0 {
				continue
			}
			t := f.tensors[k]
			if t.Values == nil {
				return nil, fmt.Errorf("%s has elements of %s, want floats, for %s", t.Name, t.Type, units[i].name)
			}
			if at := slices.IndexFunc(t.Values, func(v float32) bool { return v-v != 0 }); at >= 0 {
				return nil, fmt.Errorf("%s: element %d is %v, want finite numbers: the training had diverged, or a number is beyond float32", t.Name, at, t.Values[at])
			}
			p.put(t.Values, values)
			for _, piece := range p.pieces {
				pair := Pair{From: t.Name, Shape: t.Shape, To: piece.of.Name, Ours: piece.of.Value.Shape()}
				if t.Type != "F32" {
					pair.Type = t.Type
				}
				pairs = append(pairs, pair)
			}
		}
	}
	for i := range found {
		for _, p := range found[i].form.all() {
			set(p.Value, values[p.Name])
		}
	}
	return pairs, nil
}

// put writes a file's elements where they lie here.
func (p part) put(from []float32, values map[string][]float64) {
	for _, piece := range p.pieces {
		n := piece.of.Value.Shape().TotalSize()
		to := values[piece.of.Name]
		if to == nil {
			to = make([]float64, n)
			values[piece.of.Name] = to
		}
		if piece.at != nil {
			n = len(piece.at)
		}
		for i, v := range from[:n] {
			if piece.at != nil {
				i = piece.at[i]
			}
			if piece.added {
				to[i] += float64(v)
			} else {
				to[i] = float64(v)
			}
		}
		from = from[n:]
	}
}

// all are the model's tensors of a form.
func (f form) all() []graph.Param {
	all := map[string]graph.Param{}
	for _, p := range f.zero {
		all[p.Name] = p
	}
	for _, p := range f.parts {
		for _, piece := range p.pieces {
			all[piece.of.Name] = piece.of
		}
	}
	return slices.Collect(maps.Values(all))
}

func set(t *tensor.Dense, values []float64) {
	if t.Dtype() == tensor.Float64 {
		copy(t.Float64s(), values)
		return
	}
	for i, v := range values {
		t.Float32s()[i] = float32(math.Max(-math.MaxFloat32, math.Min(math.MaxFloat32, v)))
	}
}
