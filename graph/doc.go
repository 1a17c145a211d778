// Package graph turns layers into a Gorgonia expression graph that trains.
//
// A [Model] is layers, and the parameters that they asked for. It holds no graph.
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
//	copy(program.Y().Int32s(), digits)   // [100], a class a sample
//	program.SetStep(step)                // dropout's masks are another step's, each time
//	err = program.Run()                  // the loss, and the gradient of it
//	err = optimizer.Step(program.Grads())
//	err = program.Commit() // where layers keep a State
//	fmt.Println(program.Loss())
//
// # Layers
//
// A [Layer] is a function on nodes. Any Gorgonia op may stand in one, so a new architecture needs nothing from this
// package: see [LayerFunc]. The [Builder] that it gets hands out what is learnt ([Builder.Param]) and what is kept without being learnt ([Builder.State]),
// random numbers, constants, and room for the first error, so that a layer has no error to pass on. Nobody writes a backward pass:
// each op has its symbolic derivative, and Compile multiplies them through, from the loss back to the parameters. Package layers holds the layers that there are.
//
// What Gorgonia would do wrong without a word is refused by name, with what to use instead: ops whose gradient is wrong, ops that are random by the
// clock, and those that would write over their operand where somebody else still reads it.
//
// # Networks that are no lists
//
// A [Net] has branches that meet, layers that are shared, several inputs and several outputs; package losses' Each gives every output its own loss.
//
// # Samples
//
// The first axis is the batch: a sample of Floats(784) is a row of [batch,784], one of Floats(28, 28) a picture in [batch,28,28]. An input is floats, of the model's
// element type, or ids, int32. Features or channels are the last axis; weights are [in,out], as in Keras. Tensors are float32, row-major; float64 where
// Config.Float64 asks for it.
//
// A [Loss] says what target it takes for an output of that shape (classes, int32, or floats), and gives one value for each sample, or for each position of one, such as a place in
// a sequence. The model's loss is their mean, or with weights their weighted sum: see [Program.Weigh]. See [LossFunc] for one's own.
//
// # What is random
//
// Everything random is a function of Config.Seed and a name: a parameter's first values of the parameter's name; a dropout mask of the layer's name, the step,
// and the sample's row in the batch, so that it is the same however a batch is cut. A layer that is added at the end changes nothing before it.
//
// Shapes are checked when the model is made; the error names the layer, the shape that it got and the one that it wants.
package graph
