package train_test

import (
	"fmt"
	"hash"
	"hash/fnv"

	"github.com/chewxy/hm"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
)

// bag is a small layer on ids, with an op of its own: the sum of the rows of a table that a sample's ids name, [batch,n] → [batch,units].
func bag(words, units int) graph.Layer {
	return graph.LayerFunc("bag", func(b *graph.Builder, ids *gorgonia.Node) *gorgonia.Node {
		table := b.Param("table", graph.GlorotUniform, words, units)
		return b.Node(gorgonia.ApplyOp(bagOp{tensor.Shape{ids.Shape()[0], units}}, table, ids))
	})
}

type bagOp struct{ shape tensor.Shape }

func (o bagOp) Arity() int                                            { return 2 }
func (o bagOp) InferShape(...gorgonia.DimSizer) (tensor.Shape, error) { return o.shape, nil }
func (o bagOp) ReturnsPtr() bool                                      { return false }
func (o bagOp) CallsExtern() bool                                     { return false }
func (o bagOp) OverwritesInput() int                                  { return -1 }
func (o bagOp) String() string                                        { return fmt.Sprintf("bag%v", o.shape) }
func (o bagOp) WriteHash(h hash.Hash)                                 { fmt.Fprint(h, o.String()) }
func (o bagOp) Hashcode() uint32                                      { return hashOf(o) }
func (o bagOp) DiffWRT(int) []bool                                    { return []bool{true, false} }
func (o bagOp) Type() hm.Type {
	return hm.NewFnType(gorgonia.TensorType{Dims: 2, Of: hm.TypeVariable('a')}, gorgonia.TensorType{Dims: 2, Of: tensor.Int32}, gorgonia.TensorType{Dims: 2, Of: hm.TypeVariable('a')})
}

func (o bagOp) SymDiff(in gorgonia.Nodes, _, dy *gorgonia.Node) (gorgonia.Nodes, error) {
	table, err := gorgonia.ApplyOp(bagGradient{bagOp{in[0].Shape()}}, in[0], in[1], dy)
	return gorgonia.Nodes{table, nil}, err
}

func (o bagOp) Do(in ...gorgonia.Value) (gorgonia.Value, error) {
	y := tensor.New(tensor.Of(in[0].Dtype()), tensor.WithShape(o.shape...))
	err := eachID(in[0].(*tensor.Dense), in[1].(*tensor.Dense), y, func(table, y []float32) {
		for i, v := range table {
			y[i] += v
		}
	})
	return y, err
}

type bagGradient struct{ bagOp }

func (o bagGradient) Arity() int            { return 3 }
func (o bagGradient) String() string        { return fmt.Sprintf("bag gradient%v", o.shape) }
func (o bagGradient) WriteHash(h hash.Hash) { fmt.Fprint(h, o.String()) }
func (o bagGradient) Hashcode() uint32      { return hashOf(o) }
func (o bagGradient) Type() hm.Type {
	a := gorgonia.TensorType{Dims: 2, Of: hm.TypeVariable('a')}
	return hm.NewFnType(a, gorgonia.TensorType{Dims: 2, Of: tensor.Int32}, a, a)
}

func (o bagGradient) Do(in ...gorgonia.Value) (gorgonia.Value, error) {
	table := tensor.New(tensor.Of(in[0].Dtype()), tensor.WithShape(o.shape...))
	err := eachID(table, in[1].(*tensor.Dense), in[2].(*tensor.Dense), func(table, dy []float32) {
		for i, v := range dy {
			table[i] += v
		}
	})
	return table, err
}

// eachID goes through the ids with the table's row and the sample's row.
func eachID(table, ids, rows *tensor.Dense, do func(table, row []float32)) error {
	width, n := table.Shape()[1], ids.Shape()[1]
	for i, id := range ids.Int32s() {
		if id < 0 || int(id) >= table.Shape()[0] {
			return fmt.Errorf("bag: got id %d, want 0 to %d", id, table.Shape()[0]-1)
		}
		do(table.Float32s()[int(id)*width:][:width], rows.Float32s()[i/n*width:][:width])
	}
	return nil
}

func hashOf(o interface{ WriteHash(hash.Hash) }) uint32 {
	h := fnv.New32a()
	o.WriteHash(h)
	return h.Sum32()
}
