// Package models has the networks of Hung-yi Lee's second Keras demonstration (ML Lecture 9-2, 2017): the multilayer perceptron, and the
// lecture's eleven experiments as data.
//
//	e, err := models.Find("relu")
//	train, test, err := datasets.Open("mnist", "")
//	result, err := e.Run(ctx, train, test, models.RunOptions{Seed: 1})
//	fmt.Println(result.Test.Accuracy, e.Lecture.Test)
//
// An [Experiment] is a value: change a field and it is another experiment.
package models
