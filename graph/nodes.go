package graph

import "gorgonia.org/gorgonia"

// Nodes are the places of a program's expression graph that one wants to find again, for drawing it.
type Nodes struct {
	Input, Output *gorgonia.Node // [batch,inputs] and [batch,outputs]
	Loss          *gorgonia.Node // a scalar; nil in Predict
	Params        gorgonia.Nodes // in the model's order; in Train, Deriv of each is its gradient
	Layers        []LayerNodes   // in order: after a layer those within it
}

// LayerNodes are the two ends of a layer.
type LayerNodes struct {
	LayerInfo
	Input, Output *gorgonia.Node // one and the same where the layer does nothing in this mode
}
