// Package graph turns a list of layers into a Gorgonia expression graph that trains.
//
// A [Model] is a value: layers, and the parameters that they asked for. It holds no graph.
//
//	model, err := graph.NewModel(graph.Config{Inputs: 784, Seed: 1},
//		graph.Dense{Units: 633, Activation: graph.ReLU},
//		graph.Dropout{Rate: 0.5},
//		graph.Dense{Units: 10, Activation: graph.Softmax},
//	)
//
// A [Program] is the model compiled for one mode (train, evaluate, predict) and one batch size: an expression graph of its own and a
// tape machine, over the model's own parameter tensors. Package train makes programs as it needs them; use
// [Model.Compile] to drive one by hand.
//
// A [Layer] is a function on nodes. Any Gorgonia op may stand in one, so a new architecture needs nothing from this
// package; see [LayerFunc].
//
// Samples are rows: a batch is a [batch,features] matrix. Weights are [in,out], as in Keras.
package graph
