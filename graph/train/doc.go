// Package train has the one training loop, and what is told of it.
//
//	history, err := train.Fit(ctx, model, data, train.Config{
//		Loss:      losses.CrossEntropy{},
//		Optimizer: &optim.Adam{},
//		BatchSize: 100,
//		Epochs:    20,
//	})
//	result, err := train.Evaluate(ctx, model, test, train.Config{})
//	fmt.Println(result.Accuracy, result.Confusion)
//
//	output, err := train.Predict(ctx, model, test)
//	fmt.Println(train.Classes(output)[:10])
//
// The loop prints nothing and writes nothing: an [Observer] is told of each step and epoch and does that. [EarlyStopping] is one; package
// inspect's Recorder and package train/run's are others, and [ObserverFunc] makes one of a function. The loop draws on no
// clock: the order of an epoch's samples is a function of the seed and the epoch, a dropout mask of the model's seed and
// the step, so that a run can be taken up again at any [Position] and ends in the same bits.
//
// Two kinds of figures are kept apart. Running ones are averages over an epoch while the weights move and dropout is on;
// evaluated ones ([Evaluate], [Epoch].Evaluated) are taken with the weights at rest.
//
// Losses are means over samples; accuracies are shares, from 0 to 1.
package train
