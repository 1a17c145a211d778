// Package ids lets tests look rows up by int32 ids with Gorgonia's ByIndices, which takes int. Only tests import it.
package ids

import (
	"fmt"
	"hash"
	"hash/fnv"

	"github.com/chewxy/hm"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
)

// Embed is the rows of a table of words, a parameter "table", [words,units], that ids name: [batch,…] → [batch,…,units].
func Embed(b *graph.Builder, x *gorgonia.Node, words, units int) *gorgonia.Node {
	table := b.Param("table", graph.GlorotUniform, words, units)
	at := b.Node(gorgonia.ApplyOp(toInts{x.Dims()}, x))
	return b.Node(ops.Reshape(b.Node(gorgonia.ByIndices(table, at, 0)), append(x.Shape().Clone(), units)...))
}

// toInts makes a vector of int of int32 of any shape.
type toInts struct{ dims int }

func (o toInts) Arity() int { return 1 }
func (o toInts) Type() hm.Type {
	return hm.NewFnType(gorgonia.TensorType{Dims: o.dims, Of: tensor.Int32}, gorgonia.TensorType{Dims: 1, Of: tensor.Int})
}
func (o toInts) InferShape(in ...gorgonia.DimSizer) (tensor.Shape, error) {
	shape, ok := in[0].(tensor.Shape)
	if !ok {
		return nil, fmt.Errorf("ids: got %T for a shape", in[0])
	}
	return tensor.Shape{shape.TotalSize()}, nil
}
func (o toInts) Do(in ...gorgonia.Value) (gorgonia.Value, error) {
	ids, ok := in[0].Data().([]int32)
	if !ok {
		return nil, fmt.Errorf("ids: got %T, want int32", in[0].Data())
	}
	at := make([]int, len(ids))
	for i, id := range ids {
		at[i] = int(id)
	}
	return tensor.New(tensor.WithShape(len(at)), tensor.WithBacking(at)), nil
}
func (o toInts) ReturnsPtr() bool      { return false }
func (o toInts) CallsExtern() bool     { return false }
func (o toInts) OverwritesInput() int  { return -1 }
func (o toInts) String() string        { return fmt.Sprintf("to ints of %d axes", o.dims) }
func (o toInts) WriteHash(h hash.Hash) { fmt.Fprint(h, o.String()) }
func (o toInts) Hashcode() uint32 {
	h := fnv.New32a()
	o.WriteHash(h)
	return h.Sum32()
}
