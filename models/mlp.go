package models

import (
	"github.com/stheno-ml/stheno/graph"
)

// MLP is a multilayer perceptron: Dense layers of the Hidden widths, each with the activation and, where Dropout is above 0, a dropout layer
// after it; then a softmax over the classes. Weights are Glorot uniform, biases zero.
type MLP struct {
	Inputs     int
	Hidden     []int
	Activation graph.Activation
	Dropout    float64 // rate after each hidden layer; none if 0
	Classes    int
}

// Layers lists the network's layers, for graph.NewModel or to build upon.
func (n MLP) Layers() []graph.Layer {
	var layers []graph.Layer
	for _, width := range n.Hidden {
		layers = append(layers, graph.Dense{Units: width, Activation: n.Activation})
		if n.Dropout != 0 {
			layers = append(layers, graph.Dropout{Rate: n.Dropout})
		}
	}
	return append(layers, graph.Dense{Units: n.Classes, Activation: graph.Softmax})
}

// Build makes the model with weights drawn from seed.
func (n MLP) Build(seed uint64) (*graph.Model, error) {
	return graph.NewModel(graph.Config{Inputs: n.Inputs, Seed: seed}, n.Layers()...)
}
