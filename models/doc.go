// Package models has the networks of Hung-yi Lee's second Keras demonstration (ML Lecture 9-2, 2017): the multilayer perceptron, and the
// lecture's eleven experiments as data; [Mends], which mend what it leaves open; and [Networks], experiments of other architectures beside them.
//
//	e, err := models.Find("relu")
//	digits, test, err := datasets.Open("mnist", "")
//	result, err := e.Run(ctx, digits, test, models.RunOptions{Seed: 1})
//	fmt.Println(result.Test.Accuracy(), e.Lecture.Test)
//
// An [Experiment] is a value: change a field and it is another experiment. [Experiment.Run] trains and evaluates it, [Result.Check] compares what came
// of it with what the lecture shows, and [Experiment.Record] keeps what inspect.Diagnose and inspect/report judge and draw.
//
// Package graph/train/run keeps a run of one on disk: [Experiment.RunConfig] describes it, [OfRun] makes the experiment of that again.
//
// A [Sweep] trains many of them, to see which settings are best: [Sweep.Plan] is kept by run.CreateSweep, [RunSweep] carries it out, [Standings] ranks what came of it. [RunTrials] is for a plan of other runs than experiments'.
//
// [MLP] builds such a network for data of one's own:
//
//	model, err := models.MLP{Inputs: 784, Hidden: []int{128, 64}, Activation: layers.ReLU, Classes: 10}.Build(1)
//
// For any other architecture see package graph.
package models
