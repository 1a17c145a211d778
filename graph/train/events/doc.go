// Package events writes what happens in a run as TensorBoard's event files, for who has TensorBoard at hand:
//
//	history, err := train.Fit(ctx, model, digits, train.Config{
//		Epochs:     20,
//		Validation: held,
//		Observers:  []train.Observer{&events.Observer{Dir: "logs/relu"}},
//	})
//
// and then, in a terminal, tensorboard --logdir logs.
//
// An [Observer] writes, in its folder, curves of the loss, the metrics, the learning rate, the norm of each layer's gradient and the time that a step takes;
// histograms of weights, gradients and outputs; the first layer's weights as pictures; in the end the samples that are most wrong and the confusion matrix;
// the network as a graph; the configuration as text and as hyperparameters, so that runs side by side in one folder fill TensorBoard's table. Figures
// of the validation set lie in a folder "validation" within, under the same names, so that the two curves are drawn in one chart.
//
// A [Writer] writes one's own: numbers, histograms, pictures and texts.
//
// The format is that of TensorFlow's summaries: core/util/event.proto, core/framework/summary.proto and graph.proto; a record is its length, the length's checksum, the data
// and theirs (tsl/lib/io/record_writer.h). Nothing of TensorFlow or of Python is needed to write it.
package events
