package graph

import (
	"hash/fnv"
	"math/rand/v2"

	"gorgonia.org/tensor"
)

// A Param is one tensor that is learnt.
type Param struct {
	Name  string        // layer and parameter: "dense_1.weight"
	Value *tensor.Dense // float32 or float64, row-major; updated in place by the optimizer
}

// params are a model's parameters in the order in which the layers asked for them, and what their first values are drawn with.
type params struct {
	seed  uint64
	dtype tensor.Dtype
	all   []Param
}

// draw makes a parameter's first value: the same numbers in float32 and float64.
func (p *params) draw(name string, init Initializer, shape []int) {
	size := tensor.Shape(shape).TotalSize()
	fanOut := shape[len(shape)-1]
	fanIn := size / fanOut
	if len(shape) == 1 {
		fanIn = fanOut
	}
	r := rand.New(rand.NewPCG(p.seed, hash(name)))
	var value *tensor.Dense
	if p.dtype == tensor.Float64 {
		w := make([]float64, size)
		for i := range w {
			w[i] = init(r, fanIn, fanOut)
		}
		value = tensor.New(tensor.WithShape(shape...), tensor.WithBacking(w))
	} else {
		w := make([]float32, size)
		for i := range w {
			w[i] = float32(init(r, fanIn, fanOut))
		}
		value = tensor.New(tensor.WithShape(shape...), tensor.WithBacking(w))
	}
	p.all = append(p.all, Param{Name: name, Value: value})
}

// hash turns a name into the second half of a stream's seed.
func hash(name string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(name))
	return h.Sum64()
}
