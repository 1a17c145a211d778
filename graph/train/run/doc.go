// Package run keeps training runs on disk: what a run was started with, what came of each epoch, and checkpoints from which it goes on
// as if it had never stopped.
//
//	rec, err := run.Create("my-run", e.RunConfig(seed, "mnist", trainSet), run.Options{})
//	defer rec.Close()
//	result, err := e.Run(ctx, trainSet, testSet, models.RunOptions{Seed: seed, Observers: []train.Observer{rec}})
//
// and after it was killed, or to train it further:
//
//	rec, err := run.Resume("my-run", "", 40, run.Options{})
//	e, err := models.OfRun(rec.Folder().Config)
//	result, err := e.Run(ctx, trainSet, testSet, models.RunOptions{Seed: seed, Start: rec.Start(), Observers: []train.Observer{rec}})
//
// [Load] gives a run's model to call, as run.Load("my-run", models.RunModel), [Open] its configuration, epochs and logs. A model of one's own
// layers is kept by [SaveWeights] and [LoadWeights]; [Export] writes one for other programs. Observers that judge by what was before, such as
// train.EarlyStopping, are given [Recorder.Epochs] of a resumed run.
//
// # The folder
//
//	run.json          the configuration: experiment, seed, data set's name, versions, BLAS, threads
//	metrics.jsonl     a line for each epoch
//	timings.jsonl     the seconds of each epoch
//	gradients.jsonl   snapshots of the gradients, where recorded; any log of Recorder.Append is called so
//	result.json       what came of the run, once it has ended
//	checkpoints/      step-000000200.safetensors and others: the newest, and the best
//	lock              who writes to the folder
//
// A checkpoint is one safetensors file: the weights, named as in the model, dense_1.weight; the optimizer's running values
// as optimizer.m.dense_1.weight; and in its metadata the position in the run, the seed, the optimizer's step and learning rate. There are no states of
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
// Every byte is under a checksum: run.json, result.json and checkpoints hold their own SHA-256, and a checkpoint holds those of the logs
// as they were when it was taken. Readers trust nothing beyond it: what they allocate follows the file's real size, and no path in a file is
// ever opened. Nothing is fallen back to in silence: a damaged checkpoint is an error, which names the one before it.
//
// This package stands above package train, which knows nothing of it, and below package models, whose experiments e here are: a run's configuration
// holds names and numbers, and whoever reads it brings the function that makes a network of them.
package run
