package graph

import (
	"errors"

	"gorgonia.org/gorgonia"
)

// A Layer adds its nodes to the graph: from the node before it, usually a [batch,features] matrix, to the node after
// it. Build is called once for each program, so it keeps nothing; what the layer learns it asks of b.Param.
//
// An error from Build is wrapped with the layer's name and the shape that came in.
type Layer interface {
	// Name is what kind of layer it is, in lower case: "dense". The model numbers layers of one kind: dense_1, dense_2.
	Name() string
	Build(b *Builder, x *gorgonia.Node) (*gorgonia.Node, error)
}

// LayerFunc makes a layer of a function, in which any Gorgonia op may stand:
//
//	swish := graph.LayerFunc("swish", func(b *graph.Builder, x *gorgonia.Node) (*gorgonia.Node, error) {
//		s, err := gorgonia.Sigmoid(x)
//		if err != nil {
//			return nil, err
//		}
//		return gorgonia.HadamardProd(x, s)
//	})
//
// A constant in it must have the element type x.Dtype(), float32 or float64: inspect.CheckGradients builds the layer in float64, where
// gorgonia.NewConstant(float32(2)) fails.
func LayerFunc(name string, build func(b *Builder, x *gorgonia.Node) (*gorgonia.Node, error)) Layer {
	return layerFunc{name, build}
}

type layerFunc struct {
	name  string
	build func(b *Builder, x *gorgonia.Node) (*gorgonia.Node, error)
}

func (l layerFunc) Name() string { return l.name }
func (l layerFunc) Build(b *Builder, x *gorgonia.Node) (*gorgonia.Node, error) {
	if l.build == nil {
		return nil, errors.New("got no function: give LayerFunc one")
	}
	return l.build(b, x)
}
