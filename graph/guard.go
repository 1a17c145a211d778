package graph

import (
	"bytes"
	"fmt"
	"unsafe"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/ops"
)

// A guard watches the first run of a program that has ops of Gorgonia's in it: none may write into a variable or a constant. What it lets through at
// the first run it would at all, since ops do the same at each.
type guard struct {
	nodes  gorgonia.Nodes
	copies [][]byte
}

// newGuard is nil where all ops are our own, which write into nothing but their buffers.
func newGuard(g *gorgonia.ExprGraph) *guard {
	var w guard
	foreign := false
	for _, n := range g.AllNodes() {
		switch {
		case n.Op() == nil || len(ops.Inputs(n)) == 0:
			w.nodes = append(w.nodes, n)
		case !ops.Ours(n):
			foreign = true
		}
	}
	if !foreign {
		return nil
	}
	return &w
}

func (w *guard) before() {
	if w == nil {
		return
	}
	w.copies = w.copies[:0]
	for _, n := range w.nodes {
		w.copies = append(w.copies, bytes.Clone(raw(n)))
	}
}

// after puts back what was written over, and says so.
func (w *guard) after() error {
	if w == nil {
		return nil
	}
	var err error
	for i, n := range w.nodes {
		if now := raw(n); !bytes.Equal(now, w.copies[i]) {
			copy(now, w.copies[i])
			err = fmt.Errorf("graph: an op of Gorgonia's wrote over %s of shape %v: put ops.Copy around it in the layer that reads it", describe(n), n.Shape())
		}
	}
	return err
}

// raw are the bytes of a tensor that a node is bound to; nil of a scalar, which no op can write over.
func raw(n *gorgonia.Node) []byte {
	t, ok := n.Value().(*tensor.Dense)
	if !ok {
		return nil
	}
	switch t.Dtype() {
	case tensor.Float64:
		return bytesOf(t.Float64s())
	case tensor.Float32:
		return bytesOf(t.Float32s())
	case tensor.Int32:
		return bytesOf(t.Int32s())
	}
	return nil
}

func bytesOf[T float32 | float64 | int32](x []T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x))), len(x)*int(unsafe.Sizeof(*new(T))))
}
