package models

import (
	"reflect"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
)

// MLP is a multilayer perceptron, [batch,Inputs] → [batch,Classes]: Dense layers of the Hidden widths, each with the activation and, where
// Dropout is above 0, a dropout layer after it; then a softmax over the classes. Biases are zero.
type MLP struct {
	Inputs     int               // features of a sample
	Hidden     []int             // widths, from the input on; none is softmax regression
	Activation layers.Activation // layers.Linear if not given
	Weights    graph.Initializer // of every layer; graph.GlorotUniform if not given. For relu, He et al. (2015) derive graph.HeNormal
	Dropout    float64           // rate after each hidden layer, in [0, 1); none if 0
	Classes    int               // outputs
}

// Layers lists the network's layers, for graph.NewModel or to build upon.
func (n MLP) Layers() []graph.Layer {
	var all []graph.Layer
	for _, width := range n.Hidden {
		all = append(all, layers.Dense{Units: width, Activation: n.Activation, Weights: n.Weights})
		if n.Dropout != 0 {
			all = append(all, layers.Dropout{Rate: n.Dropout})
		}
	}
	return append(all, layers.Dense{Units: n.Classes, Activation: layers.Softmax, Weights: n.Weights})
}

// Build makes the model, with weights drawn from seed. The error names the layer whose size or rate is out of range.
func (n MLP) Build(seed uint64) (*graph.Model, error) {
	return graph.NewModel(graph.Config{Input: graph.Floats(n.Inputs), Seed: seed}, n.Layers()...)
}

// AsMLP is the multilayer perceptron that a list of layers is, but for its Inputs, which they do not say; not ok where it is none, as MLP.Layers makes them.
func AsMLP(network []graph.Layer) (n MLP, ok bool) {
	n.Hidden = []int{}
	for i, l := range network {
		switch l := l.(type) {
		case layers.Dense:
			if i == len(network)-1 {
				n.Classes = l.Units
				break
			}
			n.Hidden, n.Activation = append(n.Hidden, l.Units), l.Activation
		case layers.Dropout:
			n.Dropout = l.Rate
		}
	}
	return n, len(network) > 0 && reflect.DeepEqual(n.Layers(), network)
}
