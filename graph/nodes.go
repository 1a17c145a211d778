package graph

import "gorgonia.org/gorgonia"

// Nodes are the places of a program's expression graph that one wants to find again, for drawing it.
type Nodes struct {
	Inputs, Outputs gorgonia.Nodes                    // [batch,…], as the model names them
	Loss            *gorgonia.Node                    // a scalar; nil in Predict
	Params          gorgonia.Nodes                    // in the model's order
	Derivs          map[*gorgonia.Node]*gorgonia.Node // in Train the loss's gradient with regard to a parameter or another node that one reaches
	Layers          []LayerNodes                      // in order: after a layer those within it
}

// LayerNodes are the two ends of a layer.
type LayerNodes struct {
	LayerInfo
	Inputs gorgonia.Nodes // one, of a Join perhaps several
	Output *gorgonia.Node // the input where the layer does nothing in this mode
}
