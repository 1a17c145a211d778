package graph

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/internal/memory"
)

// A Param is one tensor that a model keeps: a parameter, which is learnt, or a state, which is not.
type Param struct {
	Name  string        // layer and parameter: "dense_1.weight"
	Value *tensor.Dense // float32 or float64, row-major; updated in place by the optimizer, a state by Program.Commit
}

// kept are a model's parameters or states in the order in which the layers asked for them, and what their first values are drawn with.
type kept struct {
	what   string // "parameter"
	seed   uint64
	dtype  tensor.Dtype
	all    []Param
	layers []string // that asked for them
	bytes  uint64   // of all
	source Source   // of first values, while the model is made; nil where all are drawn
}

// draw makes the first value of a layer's tensor, unless the source has it: the same numbers in float32 and float64.
func (k *kept) draw(layer, name string, init Initializer, shape []int) error {
	size, ok := elements(shape)
	if !ok {
		return fmt.Errorf("%s %s: got shape %v, want sizes of at least 1, and no more elements than can be counted", k.what, name, shape)
	}
	k.bytes += uint64(size) * uint64(k.dtype.Size())
	if k.source != nil {
		value, err := k.source(name, slices.Clone(shape))
		switch {
		case err != nil:
			return fmt.Errorf("%s %s of shape %v: %w", k.what, name, shape, err)
		case value != nil && (value.RequiresIterator() || !slices.Equal(value.Shape(), shape) || value.Dtype() != k.dtype):
			return fmt.Errorf("%s %s: got a value of shape %v in %v, want %v in %v, contiguous", k.what, name, value.Shape(), value.Dtype(), shape, k.dtype)
		case value != nil:
			k.add(layer, name, value)
			return nil
		}
	}
	drawn := uint64(0) // a float32 tensor is drawn in float64 first
	if k.dtype != tensor.Float64 {
		drawn = uint64(size) * 8
	}
	if err := memory.Check(k.bytes+drawn, fmt.Sprintf("the %ss up to %s, of shape %v,", k.what, name, shape)); err != nil {
		return err
	}
	w := make([]float64, size)
	if err := init.fill(rand.New(rand.NewPCG(k.seed, hash(name))), w, slices.Clone(shape)); err != nil {
		return fmt.Errorf("%s %s of shape %v: %w", k.what, name, shape, err)
	}
	k.add(layer, name, tensorOf(k.dtype, shape, w))
	return nil
}

func (k *kept) add(layer, name string, value *tensor.Dense) {
	k.all, k.layers = append(k.all, Param{Name: name, Value: value}), append(k.layers, layer)
}

// copied are the same values in an element type, in storage of their own.
func (k kept) copied(dt tensor.Dtype) kept {
	c := k
	c.dtype, c.all = dt, nil
	for _, p := range k.all {
		c.all = append(c.all, Param{p.Name, tensorOf(dt, p.Value.Shape(), float64s(p.Value))})
	}
	return c
}

// find is the place of the tensor of that name among the first n; -1 if it is not there.
func (k *kept) find(name string, n int) int {
	return slices.IndexFunc(k.all[:n], func(p Param) bool { return p.Name == name })
}

// header is a tensor over the same storage. A program has its own: machines write the engine into it.
func header(t *tensor.Dense) *tensor.Dense { return shaped(t, t.Shape()) }

// shaped is a tensor of another shape over the same storage.
func shaped(t *tensor.Dense, shape tensor.Shape) *tensor.Dense {
	if t.Dtype() == tensor.Float64 {
		return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(t.Float64s()))
	}
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(t.Float32s()))
}

// tensorOf makes a tensor of those numbers; a float64 one keeps them.
func tensorOf(dt tensor.Dtype, shape []int, w []float64) *tensor.Dense {
	if dt == tensor.Float64 {
		return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(w))
	}
	narrow := make([]float32, len(w))
	for i, v := range w {
		narrow[i] = float32(v)
	}
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(narrow))
}

func float64s(t *tensor.Dense) []float64 {
	if t.Dtype() == tensor.Float64 {
		return slices.Clone(t.Float64s())
	}
	wide := make([]float64, len(t.Float32s()))
	for i, v := range t.Float32s() {
		wide[i] = float64(v)
	}
	return wide
}

// zeros is a tensor of zeros of any element type.
func zeros(dt tensor.Dtype, shape tensor.Shape) *tensor.Dense {
	return tensor.New(tensor.Of(dt), tensor.WithShape(shape...))
}

// hash turns a name into the second half of a stream's seed.
func hash(name string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(name))
	return h.Sum64()
}
