package graph

import (
	"errors"
	"fmt"

	"gorgonia.org/gorgonia"
)

// A Loss makes a scalar node of the model's output and a target of the same shape, [batch,classes]. A target row is one-hot or
// any other distribution. Package losses has them.
type Loss interface {
	// Name is what it is called in messages and drawings: "cross-entropy".
	Name() string
	// Build adds the loss's nodes to the graph, for each program anew. An error is wrapped with the loss's name and the output's shape.
	Build(b *Builder, output, target *gorgonia.Node) (*gorgonia.Node, error)
}

// LossFunc makes a loss of a function, in which any Gorgonia op may stand:
//
//	absolute := graph.LossFunc("mean absolute error", func(b *graph.Builder, output, target *gorgonia.Node) (*gorgonia.Node, error) {
//		d, err := gorgonia.Sub(output, target)
//		if err != nil {
//			return nil, err
//		}
//		if d, err = gorgonia.Abs(d); err != nil {
//			return nil, err
//		}
//		return gorgonia.Mean(d)
//	})
func LossFunc(name string, build func(b *Builder, output, target *gorgonia.Node) (*gorgonia.Node, error)) Loss {
	return lossFunc{name, build}
}

type lossFunc struct {
	name  string
	build func(b *Builder, output, target *gorgonia.Node) (*gorgonia.Node, error)
}

func (l lossFunc) Name() string { return l.name }
func (l lossFunc) Build(b *Builder, output, target *gorgonia.Node) (*gorgonia.Node, error) {
	return l.build(b, output, target)
}

// loss builds l, which may be anybody's, and checks what it gives.
func (b *Builder) loss(l Loss, output, target *gorgonia.Node) (n *gorgonia.Node, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("its Build panicked: %v (does it look at the error of each function that it calls?)", r)
		}
		if err != nil {
			err = fmt.Errorf("graph: loss %s on an output of shape %v: %w", l.Name(), output.Shape(), err)
		}
	}()
	nodes := len(b.graph.AllNodes())
	if n, err = l.Build(b, output, target); err != nil {
		return nil, err
	}
	if n == nil {
		return nil, errors.New("its Build returned no node and no error, want one of them")
	}
	if v := b.unknown(nodes); v != "" {
		return nil, fmt.Errorf("it makes %s that the model does not know: a loss has none of its own: what is learnt belongs in a layer, by b.Param; a fixed number is gorgonia.NewConstant", v)
	}
	if !n.IsScalar() {
		return nil, fmt.Errorf("got shape %v, want a scalar: take the mean", n.Shape())
	}
	return n, nil
}
