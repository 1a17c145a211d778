package train_test

import (
	"context"
	"fmt"
	"log"
	"math"
	"sync"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
)

// A number is to be predicted: y = 3·x − 1.
func ExampleFit_regression() {
	ctx := context.Background()
	line, err := datasets.NewArrays("line",
		[]datasets.Array{{Name: "x", Shape: []int{1}, Floats: []float32{-1, 0, 1, 2}}},
		[]datasets.Array{{Name: "y", Shape: []int{1}, Floats: []float32{-4, -1, 2, 5}}})
	if err != nil {
		log.Fatal(err)
	}
	model, err := graph.NewModel(graph.Config{Input: graph.Floats(1), Seed: 1}, layers.Dense{Units: 1})
	if err != nil {
		log.Fatal(err)
	}
	config := train.Config{
		Loss:      losses.MSE{},
		Optimizer: &optim.SGD{LearningRate: 0.1},
		Epochs:    100,
		Metrics:   []train.Metric{train.RMSE{}, train.R2{}}, // the loss's own is the mean absolute error
	}
	if _, err := train.Fit(ctx, model, line, config); err != nil {
		log.Fatal(err)
	}
	result, err := train.Evaluate(ctx, model, line, config)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("root mean squared error %.3f, R² %.3f\n", result.Score("rmse"), result.Score("r2"))
	for _, p := range model.Params() {
		fmt.Printf("%s %.2f\n", p.Name, p.Value.Float32s())
	}
	// Output:
	// root mean squared error 0.000, R² 1.000
	// dense_1.weight [3.00]
	// dense_1.bias [-1.00]
}

// Of two opinions about one thing the heavier one counts more: the squared error's least value is at their weighted mean.
func ExampleFit_weights() {
	opinions, err := datasets.NewArrays("opinions",
		[]datasets.Array{{Name: "x", Shape: []int{1}, Floats: []float32{0, 0}}},
		[]datasets.Array{{Name: "y", Shape: []int{1}, Floats: []float32{10, 20}}})
	if err != nil {
		log.Fatal(err)
	}
	weighted, err := opinions.Weighted([]float64{3, 1})
	if err != nil {
		log.Fatal(err)
	}
	for _, data := range []*datasets.Arrays{opinions, weighted} {
		model, err := graph.NewModel(graph.Config{Input: graph.Floats(1), Seed: 1}, layers.Dense{Units: 1})
		if err != nil {
			log.Fatal(err)
		}
		if _, err := train.Fit(context.Background(), model, data, train.Config{Loss: losses.MSE{}, Optimizer: &optim.SGD{LearningRate: 0.2}, Epochs: 50}); err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%.2f\n", model.Params()[1].Value.Float32s())
	}
	// Output:
	// [15.00]
	// [12.50]
}

// Two sequences of three places, each with a class to be told, 0 or 1; the second sequence is shorter, and what stands at its end, −1, is ignored.
func ExampleFit_ignored() {
	ctx := context.Background()
	sequences, err := datasets.NewArrays("sequences",
		[]datasets.Array{{Name: "x", Shape: []int{3, 2}, Floats: []float32{1, 0, 0, 1, 1, 0, 0, 1, 9, 9, 9, 9}}},
		[]datasets.Array{{Name: "class", Shape: []int{3}, IDs: []int32{0, 1, 0, 1, -1, -1}}})
	if err != nil {
		log.Fatal(err)
	}
	model, err := graph.NewModel(graph.Config{Input: graph.Floats(3, 2), Seed: 1}, layers.Dense{Units: 2, Activation: layers.Softmax}) // at each place
	if err != nil {
		log.Fatal(err)
	}
	config := train.Config{Loss: losses.CrossEntropy{}, Optimizer: &optim.Adam{LearningRate: 0.1}, Epochs: 50}
	if _, err := train.Fit(ctx, model, sequences, config); err != nil {
		log.Fatal(err)
	}
	result, err := train.Evaluate(ctx, model, sequences, config)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("of the four places that count, told right:", result.Accuracy())
	output, err := train.Predict(ctx, model, sequences)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(output.Shape())
	// Output:
	// of the four places that count, told right: 1
	// (2, 3, 2)
}

// A predictor is made once, and asked by many goroutines at once.
func ExamplePredictor() {
	model, data := xor()
	if _, err := train.Fit(context.Background(), model, data, train.Config{Optimizer: &optim.Adam{LearningRate: 0.05}, BatchSize: 4, Epochs: 200}); err != nil {
		log.Fatal(err)
	}
	predictor, err := train.NewPredictor(model)
	if err != nil {
		log.Fatal(err)
	}
	questions := [][]float32{{0, 0}, {0, 1}, {1, 0}, {1, 1}}
	answers := make([][]float32, len(questions))
	var wait sync.WaitGroup
	for i, x := range questions {
		wait.Go(func() {
			var err error
			if answers[i], err = predictor.One(x); err != nil {
				log.Fatal(err)
			}
		})
	}
	wait.Wait()
	for i, p := range answers {
		fmt.Printf("%v xor %v: %v\n", questions[i][0], questions[i][1], math.Round(float64(p[1])))
	}
	// Output:
	// 0 xor 0: 0
	// 0 xor 1: 1
	// 1 xor 0: 1
	// 1 xor 1: 0
}
