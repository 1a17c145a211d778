// Package run keeps training runs on disk, of any model and data: what a run was started with, what came of each epoch, and checkpoints from which it goes on as if it had never stopped.
//
//	how := train.Config{Loss: losses.MSE{}, Optimizer: &optim.Adam{}, Epochs: 20, Seed: 1}
//	config, err := run.NewConfig("houses", model, data, how)
//	rec, err := run.Create("my-run", config, run.Options{})
//	defer rec.Close()
//	how.Observers = []train.Observer{rec}
//	history, err := train.Fit(ctx, model, data, how)
//
// and after it was killed, or to train it further:
//
//	rec, err := run.Resume("my-run", "", 40, run.Options{})
//	model, err := rec.Folder().Config.Model()
//	how, err := rec.Folder().Config.Training()
//	how.Start, how.Observers = rec.Start(), []train.Observer{rec}
//	history, err := train.Fit(ctx, model, data, how)
//
// The configuration has network, loss, optimizer and metrics in words (package text), so that any program makes them again that imports what registers the words: [Load] gives a run's model to call, [Open]
// its configuration, epochs and logs. Of what has no words, such as a graph.LayerFunc, only the program that made it can go on: it gives train.Fit its own, which the recorder compares with what the
// run was begun with, by its layers and what they keep; all others are told so. Package models describes the lecture's experiments, and makes them of a configuration again.
//
// A model is kept in a file of its own by [SaveModel] and [LoadModel], its weights alone by [SaveWeights] and [LoadWeights]; [Export] writes them for other programs. Observers that judge by what was before, such as
// train.EarlyStopping, are given [Recorder.Epochs] of a resumed run.
//
// # The folder
//
//	run.json          the configuration: network, loss, optimizer, settings, seeds, data set's name, versions, BLAS, threads
//	metrics.jsonl     a line for each epoch
//	timings.jsonl     the seconds of each epoch
//	gradients.jsonl   snapshots of the gradients, where recorded; any log of Recorder.Append is called so
//	result.json       what came of the run, once it has ended
//	checkpoints/      step-000000200.safetensors and others: the newest, and the best
//	lock              who writes to the folder
//	*.damaged         what a resume found damaged and could do without: seconds, a result
//
// A checkpoint is one safetensors file: the weights, named as in the model, dense_1.weight; the optimizer's running values
// as optimizer.m.dense_1.weight; and in its metadata the position in the run, the run's id and seed, the optimizer's step and learning rate. There are no states of
// random generators, because nothing has any: the order of an epoch's samples is a function of seed and epoch, a dropout mask of
// seed, layer and step, noise of seed and sample.
//
// # What holds
//
// A resumed run ends in the same bits as one that was never stopped, on the same machine, BLAS and number of threads: weights,
// optimizer, and every file byte for byte but timings.jsonl, which is there to keep the seconds out of the others.
//
// Files are written under another name, synced and renamed, and their folder is synced; logs grow by whole lines, and a line that was torn
// is left out by readers. So whatever ends a run, a reader finds what the last completed write left. The first failure to write ends the
// run, with its checkpoints good.
//
// A run is gone on with by a plan: all that it needs, from the checksums to the training's model and samples and the room on the disk, is checked before
// anything is touched, so that a refusal leaves the folder as it was. Then one rename of run.json makes it the new one for readers, and what the run made
// after its checkpoint is removed. A checkpoint of another run is refused by its id and seed. run.json says from which step on another BLAS multiplied.
//
// Nothing outside the folder is read or written, whatever symbolic links lie in it, and of temporary files only this package's are removed.
//
// Every byte is under a checksum: run.json, result.json and checkpoints hold their own SHA-256, and a checkpoint holds those of the logs
// as they were when it was taken. Readers trust nothing beyond it: what they allocate follows the file's real size, and no path in a file is
// ever opened. Nothing is fallen back to in silence: a damaged checkpoint is an error, which names the one before it.
//
// This package stands above package train, which knows nothing of it, and below package models.
package run
