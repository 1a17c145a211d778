package train_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"strings"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
)

// xor is the problem that no single layer solves.
func xor() (*graph.Model, *datasets.Dataset) {
	data, err := datasets.New("xor", []int{2}, []float32{0, 0, 0, 1, 1, 0, 1, 1}, []int{0, 1, 1, 0}, []string{"same", "different"})
	if err != nil {
		log.Fatal(err)
	}
	model, err := graph.NewModel(graph.Config{Input: graph.Floats(2), Seed: 2},
		layers.Dense{Units: 8, Activation: layers.Tanh},
		layers.Dense{Units: 2, Activation: layers.Softmax},
	)
	if err != nil {
		log.Fatal(err)
	}
	return model, data
}

func ExampleFit() {
	ctx := context.Background()
	model, data := xor()
	history, err := train.Fit(ctx, model, data, train.Config{
		Optimizer: &optim.Adam{LearningRate: 0.05},
		BatchSize: 4,
		Epochs:    200,
	})
	if err != nil {
		log.Fatal(err)
	}
	result, err := train.Evaluate(ctx, model, data, train.Config{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(history.Epochs), "epochs, accuracy", result.Accuracy())
	fmt.Println(result.Confusion)
	// Output:
	// 200 epochs, accuracy 1
	// [[2 0] [0 2]]
}

func ExampleStop() {
	model, data := xor()
	goodEnough := train.ObserverFunc("good enough", func(e *train.Event) error {
		if e.Moment == train.Epochal && e.Running.Accuracy() == 1 {
			return train.Stop("every sample is right")
		}
		return nil
	})
	history, err := train.Fit(context.Background(), model, data, train.Config{
		Optimizer: &optim.Adam{LearningRate: 0.05},
		BatchSize: 4,
		Epochs:    200,
		Observers: []train.Observer{goodEnough},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(history.Stopped, len(history.Epochs) < 200)
	// Output: every sample is right true
}

// With steps that are far too long the loss soon goes up and down.
func ExampleEarlyStopping() {
	model, data := xor()
	history, err := train.Fit(context.Background(), model, data, train.Config{
		Optimizer:  &optim.SGD{LearningRate: 30},
		BatchSize:  1,
		Epochs:     1000,
		Validation: data, // better: samples that are not trained on
		Observers:  []train.Observer{&train.EarlyStopping{Patience: 3}},
	})
	if err != nil {
		log.Fatal(err)
	}
	why, _, _ := strings.Cut(history.Stopped, ",")
	fmt.Println(why)
	fmt.Println("before its last epoch:", history.Position.Epoch < 1000)
	// Output:
	// the loss has not gone down for 3 epochs
	// before its last epoch: true
}

// What a network says of data that it need not have seen: probabilities, a row a sample, and the class of each.
func ExamplePredict() {
	ctx := context.Background()
	model, data := xor()
	if _, err := train.Fit(ctx, model, data, train.Config{Optimizer: &optim.Adam{LearningRate: 0.05}, BatchSize: 4, Epochs: 200}); err != nil {
		log.Fatal(err)
	}
	output, err := train.Predict(ctx, model, data)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(output.Shape(), output.Dtype())
	for sample, class := range train.Classes(output) {
		fmt.Printf("%s, with probability %.1f\n", data.Classes[class], output.Float32s()[2*sample+class])
	}
	// Output:
	// (4, 2) float32
	// same, with probability 1.0
	// different, with probability 1.0
	// different, with probability 1.0
	// same, with probability 1.0
}

func ExampleClasses() {
	output := tensor.New(tensor.WithShape(3, 2), tensor.WithBacking([]float32{.9, .1, .2, .8, .5, .5}))
	fmt.Println(train.Classes(output))
	// Output: [0 1 0]
}

// An untrained network, whose weights are all 0, says the first class of everything.
func ExampleEvaluate() {
	_, data := xor()
	model, err := graph.NewModel(graph.Config{Input: graph.Floats(2)}, layers.Dense{Units: 2, Weights: graph.Zeros, Activation: layers.Softmax})
	if err != nil {
		log.Fatal(err)
	}
	result, err := train.Evaluate(context.Background(), model, data, train.Config{Loss: losses.CrossEntropy{}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("loss %.4f, accuracy %v\n", result.Loss, result.Accuracy())
	fmt.Println("confusion:", result.Confusion)
	fmt.Println("different classes that it says:", result.PredictedClasses())
	// Output:
	// loss 0.6931, accuracy 0.5
	// confusion: [[2 0] [2 0]]
	// different classes that it says: 1
}

// A run that leaves the finite numbers says where.
func ExampleDivergedError() {
	_, data := xor()
	model, err := graph.NewModel(graph.Config{Input: graph.Floats(2)}, layers.Dense{Units: 2, Weights: graph.Constant(1)}, layers.Dense{Units: 2, Weights: graph.Constant(1)})
	if err != nil {
		log.Fatal(err)
	}
	_, err = train.Fit(context.Background(), model, data, train.Config{Loss: losses.MSE{}, Optimizer: &optim.SGD{LearningRate: 1e20}, BatchSize: 4, Epochs: 9})
	var diverged *train.DivergedError
	if errors.As(err, &diverged) {
		fmt.Println("epoch", diverged.Epoch, "step", diverged.Step, "the", diverged.What, "of", diverged.Layer)
	}
	// Output: epoch 2 step 2 the output of dense_2
}
