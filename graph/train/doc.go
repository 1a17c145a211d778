// Package train has the one training loop, and what is told of it.
//
//	history, err := train.Fit(ctx, model, data, train.Config{
//		Loss:       losses.CrossEntropy{},
//		Optimizer:  &optim.Adam{},
//		BatchSize:  100,
//		Epochs:     20,
//		Validation: held,
//	})
//	result, err := train.Evaluate(ctx, model, test, train.Config{})
//	fmt.Println(result.Loss, result.Accuracy(), result.Confusion)
//
// # Data
//
// Data are a datasets.Data: a Dataset of labelled samples, Arrays with any inputs and targets, or one's own. What the model takes and what the loss compares with say what
// must be there: a model with one input takes the data's one; where there are several, they are found by name, and targets by the names of the outputs. Classes are read
// as they are for a loss of classes, and as rows of 0 and one 1 for a loss of numbers; a class of −1 is a place that a loss of classes ignores. Weights of samples multiply
// their losses. What does not fit is refused before anything is done, with what the data have and what is wanted.
//
//	houses, err := datasets.NewArrays("houses",
//		[]datasets.Array{{Name: "x", Shape: []int{13}, Floats: columns}},
//		[]datasets.Array{{Name: "price", Floats: prices}})
//	model, err := graph.NewModel(graph.Config{Input: graph.Floats(13)}, layers.Dense{Units: 64, Activation: layers.ReLU}, layers.Dense{Units: 1})
//	history, err := train.Fit(ctx, model, houses, train.Config{Loss: losses.MSE{}})
//
// # The loop
//
// The loop prints nothing and writes nothing: an [Observer] is told of each step and epoch and does that. [Print] and [Log] are such, [EarlyStopping], [TimeLimit] and [Target] stop a
// run; package
// inspect's Recorder and package train/run's are others, and [ObserverFunc] makes one of a function. It sees the batch in hand and the gradients of the parameters; looking
// does not move a bit of the result.
//
// The loop draws on no clock: the order of an epoch's samples is a function of the seed and the epoch, a dropout mask of the model's seed, the step and the sample's row in
// the batch, so that a run can be taken up again at any [Position] and ends in the same bits. Config.Shards runs each batch in parts, as many as memory wants or machines
// there are, and adds them up in an order that does not depend on who ran them.
//
// What acts on gradients, learning rates or weights is part of the optimizer: see package optim. Fit tells an optim.Scheduled how long the run is and, where it waits for a plateau,
// what an epoch came to; with an optim.EMA it evaluates the averages of the weights, and leaves them in the model at the end, unless an observer keeps others ([Event].Keep).
// [FindRate] looks for a learning rate to begin with.
//
// Where another step is wanted than one optimizer on one loss, it is a few lines of package graph: Compile, Run, Grads, Commit and an optimizer's Step. The example
// "adversarial" has two networks and two optimizers.
//
// # Figures
//
// Two kinds are kept apart. Running ones are means over an epoch while the weights move and dropout is on; evaluated ones ([Evaluate], [Epoch].Evaluated) are taken
// with the weights at rest. A loss is a mean over what counts: samples, or positions that are not ignored. It and every [Metric] add up over batches, so that the size of
// a batch does not show. Accuracies are shares, from 0 to 1; a figure of nothing is NaN.
//
// # Answers
//
//	output, err := train.Predict(ctx, model, data) // of a whole data set
//	fmt.Println(train.Classes(output)[:10])
//
//	predictor, err := train.NewPredictor(model) // for one sample or many, from any number of goroutines
//	probabilities, err := predictor.One(pixels)
package train
