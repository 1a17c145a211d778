// Package layers holds the layers, one a file, and the activations. A layer is a graph.Layer: a struct of settings whose Build adds nodes to
// the expression graph.
//
//	model, err := graph.NewModel(graph.Config{Input: graph.Floats(784), Seed: 1},
//		layers.Dense{Units: 633, Activation: layers.ReLU},
//		layers.Dropout{Rate: 0.5},
//		layers.Dense{Units: 10, Activation: layers.Softmax},
//	)
//
// In words the same network is "dense 633 relu, dropout 0.5, dense 10 softmax": see [Parse] and [Format].
//
// [Residual], [Concat] and [Sequence] are layers of layers. One's own is a struct with the same two methods, or a graph.LayerFunc.
package layers
