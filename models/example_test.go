package models_test

import (
	"context"
	"fmt"
	"log"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/models"
)

// An experiment is a value: here the lecture's relu experiment, made small enough to run in a blink.
func ExampleExperiment_Run() {
	e, err := models.Find("relu")
	if err != nil {
		log.Fatal(err)
	}
	e.Hidden, e.TrainSamples, e.Epochs = []int{32}, 1000, 5
	train, test, err := datasets.MNIST()
	if err != nil {
		log.Fatal(err)
	}
	result, err := e.Run(context.Background(), train, test, models.RunOptions{Seed: 1})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("parameters:", result.Model.ParamCount())
	fmt.Println("better than four in five:", result.Train.Accuracy > .8)
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
