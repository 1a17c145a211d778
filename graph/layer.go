package graph

import (
	"reflect"
	"strings"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// A Layer adds its nodes to the graph: from the node before it, [batch,…], to the node after it. Build is called once for each program, so it
// keeps nothing; what the layer learns it asks of b.Param. It looks at no error: the Builder keeps the first, and whatever is built on is nil from then on.
//
// A layer is called what its type is, in lower case: Dense is "dense", and the model numbers them, dense_1, dense_2. A method Name() string gives
// another name, a method Label() string more words for drawings: "dense, relu".
type Layer interface {
	Build(b *Builder, x *gorgonia.Node) *gorgonia.Node
}

// A Join is a layer that may have several inputs: see [Net.Add]. Build is its form for one.
type Join interface {
	Layer
	Join(b *Builder, xs ...*gorgonia.Node) *gorgonia.Node
}

// LayerFunc makes a layer of a function, in which any Gorgonia op may stand:
//
//	swish := graph.LayerFunc("swish", func(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
//		return b.Node(gorgonia.HadamardProd(x, b.Node(gorgonia.Sigmoid(x))))
//	})
//
// A constant in it is b.Constant(2), which has the model's element type.
func LayerFunc(name string, build func(b *Builder, x *gorgonia.Node) *gorgonia.Node) Layer {
	return layerFunc{name, build}
}

type layerFunc struct {
	name  string
	build func(b *Builder, x *gorgonia.Node) *gorgonia.Node
}

func (l layerFunc) Name() string { return l.name }
func (l layerFunc) Build(b *Builder, x *gorgonia.Node) *gorgonia.Node {
	if l.build == nil {
		return b.Errorf("got no function: give LayerFunc one")
	}
	return l.build(b, x)
}

// KindOf is what a layer is called: its Name, where it has such a method, else its type's name in lower case.
func KindOf(l Layer) string {
	if l == nil {
		return "nil"
	}
	t := reflect.TypeOf(l)
	if named, ok := l.(interface{ Name() string }); ok && (t.Kind() != reflect.Pointer || !reflect.ValueOf(l).IsNil()) {
		return named.Name()
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return strings.ToLower(t.Name())
}

// LayerInfo describes a layer of a model.
type LayerInfo struct {
	Name   string       // "dense_1"; the second use of a shared layer is "dense_1/2"
	Kind   string       // "dense"
	Layer  Layer        // as it was given, for who knows its kind
	Nested int          // how many layers it stands within: 0 at the top
	Output tensor.Shape // without the batch
	Params int          // elements of its parameters, those of layers within it included; 0 in the second use of a shared layer
	Frozen bool         // by Model.Freeze: it learns nothing

	keeps string // the name under which it has its tensors: that of its first use
}

// Label is the layer's own Label method's word, where it has one, else the kind: "dense, relu".
func (l LayerInfo) Label() string {
	if s, ok := l.Layer.(interface{ Label() string }); ok {
		return s.Label()
	}
	return l.Kind
}

// Features is the size of a node's last axis, the features or channels; 1 for a nil node and for a scalar.
func Features(x *gorgonia.Node) int {
	if x == nil || x.Dims() == 0 {
		return 1
	}
	return x.Shape()[x.Dims()-1]
}
