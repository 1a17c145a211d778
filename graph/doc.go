// Package graph turns a list of layers into a Gorgonia expression graph that trains.
//
// A [Model] is a list of layers, and the parameters that they asked for. It holds no graph.
//
//	model, err := graph.NewModel(graph.Config{Input: graph.Floats(784), Seed: 1},
//		layers.Dense{Units: 633, Activation: layers.ReLU},
//		layers.Dropout{Rate: 0.5},
//		layers.Dense{Units: 10, Activation: layers.Softmax},
//	)
//
// A [Program] is the model compiled for one mode (train, evaluate, predict) and one batch size: an expression graph of its own and a
// tape machine, over the model's own parameter tensors. Package train makes programs as it needs them. By hand, a step of
// training is
//
//	program, err := model.Compile(graph.Spec{Mode: graph.Train, Batch: 100, Loss: losses.CrossEntropy{}})
//	copy(program.X().Float32s(), pixels) // [100,784]
//	copy(program.Y().Int32s(), classes)  // [100]
//	err = program.Run()
//	err = optimizer.Step(program.Grads())
//	fmt.Println(program.Loss())
//
// A [Layer] is a function on nodes. Any Gorgonia op may stand in one, so a new architecture needs nothing from this
// package: see [LayerFunc], and [LossFunc] for losses. Packages layers and losses hold those that there are.
//
// The first axis is the batch, the last the features, channels or classes: [batch,…,features]. Weights are [in,out], as in Keras. Tensors are float32, row-major;
// float64 where Config.Float64 asks for it; ids and classes are int32.
//
// Everything random is a function of Config.Seed and a name: a parameter's first values of the parameter's name, a dropout mask of the layer's name and
// the step. So a layer that is added at the end changes nothing before it. Shapes are checked when the model is made; the error names the
// layer, the shape that it got and the one that it wants.
package graph
