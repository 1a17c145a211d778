package models_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/models"
)

// An experiment is a value: here the lecture's relu experiment, made small enough to run in a blink.
func ExampleExperiment_Run() {
	e, err := models.Find("relu")
	if err != nil {
		log.Fatal(err)
	}
	e.Hidden, e.TrainSamples, e.Epochs = []int{32}, 1000, 5
	digits, test, err := datasets.MNIST()
	if err != nil {
		log.Fatal(err)
	}
	result, err := e.Run(context.Background(), digits, test, models.RunOptions{Seed: 1})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("parameters:", result.Model.ParamCount())
	fmt.Println("better than four in five:", result.Train.Accuracy() > .8)
	// Output:
	// parameters: 25450
	// better than four in five: true
}

func ExampleMLP() {
	model, err := models.MLP{Inputs: 784, Hidden: []int{633, 633, 633}, Classes: 10}.Build(1)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(model.Summary())
	// Output:
	// Layer (type)                 Output Shape              Param #
	// =================================================================
	// dense_1 (dense)              (None, 633)               496905
	// dense_2 (dense)              (None, 633)               401322
	// dense_3 (dense)              (None, 633)               401322
	// dense_4 (dense, softmax)     (None, 10)                6340
	// =================================================================
	// Total params: 1305889
}

// The layers, to build upon: a network for relu with He's initialiser, and a layer more at its end.
func ExampleMLP_Layers() {
	n := models.MLP{Inputs: 784, Hidden: []int{256, 64}, Activation: layers.ReLU, Weights: graph.HeNormal, Dropout: .2, Classes: 10}
	all := n.Layers()
	hidden := all[:len(all)-1] // without the softmax
	model, err := graph.NewModel(graph.Config{Input: graph.Floats(784), Seed: 1}, append(hidden, layers.Dense{Units: 1, Activation: layers.Sigmoid})...)
	if err != nil {
		log.Fatal(err)
	}
	for _, l := range model.Layers() {
		fmt.Println(l.Name, layers.ActivationOf(l.Layer), l.Output)
	}
	// Output:
	// dense_1 relu (256)
	// dropout_1 linear (256)
	// dense_2 relu (64)
	// dropout_2 linear (64)
	// dense_3 sigmoid (1)
}

func ExampleFind() {
	e, err := models.Find("deep-sigmoid")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(e.Changes)
	fmt.Println(len(e.Hidden), "hidden layers,", e.Loss.Name(), "and", e.Optimizer, e.LearningRate)
	fmt.Println("the lecture's test accuracy:", e.Lecture.Test)

	_, err = models.Find("transformer")
	what, _, _ := strings.Cut(err.Error(), ", want one of ")
	fmt.Println(what)
	// Output:
	// cross-entropy and 10 more layers of 689 sigmoid
	// 13 hidden layers, cross-entropy and sgd 0.1
	// the lecture's test accuracy: 0.1135
	// models: no experiment is called "transformer"
}

// What a run must show to agree with the lecture: these figures are made up.
func ExampleResult_Check() {
	e, err := models.Find("relu")
	if err != nil {
		log.Fatal(err)
	}
	result := &models.Result{
		Experiment: e,
		Train:      &train.Evaluation{Metrics: train.Metrics{Scores: []train.Score{{Name: "accuracy", Value: .9978}}}},
		Test:       &train.Evaluation{Metrics: train.Metrics{Scores: []train.Score{{Name: "accuracy", Value: .8}}}},
		History:    &train.History{Epochs: []train.Epoch{{Epoch: 5, Running: train.Metrics{Scores: []train.Score{{Name: "accuracy", Value: .95}}}}}},
	}
	for _, miss := range result.Check() {
		fmt.Println(miss)
	}
	// Output: test: accuracy 0.8000, want 0.945 to 0.962
}

// What inspect.Diagnose judges, and a report shows.
func ExampleExperiment_Record() {
	e, err := models.Find("adam")
	if err != nil {
		log.Fatal(err)
	}
	e.Hidden, e.TrainSamples, e.Epochs = []int{16}, 500, 3
	digits, test, err := datasets.MNIST()
	if err != nil {
		log.Fatal(err)
	}
	record, err := e.Record(context.Background(), digits, test, models.RunOptions{Seed: 1})
	if err != nil {
		log.Fatal(err)
	}
	for _, s := range record.Snapshots {
		fmt.Print(s.Step, " ")
	}
	fmt.Println("are the steps of the snapshots")
	fmt.Println(len(record.Epochs), "epochs,", record.Steps, "steps")
	// Output:
	// 0 1 5 10 15 are the steps of the snapshots
	// 3 epochs, 15 steps
}
