package train_test

import (
	"context"
	"fmt"
	"log"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
)

// xor is the problem that no single layer solves.
func xor() (*graph.Model, *datasets.Dataset) {
	data, err := datasets.New("xor", []int{2}, []float32{0, 0, 0, 1, 1, 0, 1, 1}, []int{0, 1, 1, 0}, []string{"same", "different"})
	if err != nil {
		log.Fatal(err)
	}
	model, err := graph.NewModel(graph.Config{Inputs: 2, Seed: 2},
		graph.Dense{Units: 8, Activation: graph.Tanh},
		graph.Dense{Units: 2, Activation: graph.Softmax},
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
	fmt.Println(len(history.Epochs), "epochs, accuracy", result.Accuracy)
	fmt.Println(result.Confusion)
	// Output:
	// 200 epochs, accuracy 1
	// [[2 0] [0 2]]
}

func ExampleStop() {
	model, data := xor()
	goodEnough := train.ObserverFunc("good enough", func(e *train.Event) error {
		if e.Moment == train.Epochal && e.Running.Accuracy == 1 {
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

func ExampleEarlyStopping() {
	model, data := xor()
	_, err := train.Fit(context.Background(), model, data, train.Config{
		BatchSize:  4,
		Epochs:     100,
		Validation: data, // better: samples that are not trained on
		Observers:  []train.Observer{&train.EarlyStopping{Patience: 3}},
	})
	fmt.Println(err)
	// Output: <nil>
}
