package run_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/graph/train/run"
	"github.com/stheno-ml/stheno/models"
)

// A run is trained for two epochs, and later, perhaps by another process, for a third.
func Example() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	dir = filepath.Join(dir, "my-run")

	e, err := models.Find("relu")
	if err != nil {
		log.Fatal(err)
	}
	e.Hidden, e.TrainSamples, e.Epochs = []int{16}, 500, 2
	trainSet, testSet, err := datasets.MNIST()
	if err != nil {
		log.Fatal(err)
	}

	rec, err := run.Create(dir, run.NewConfig(e, 1, "mnist", trainSet), run.Options{})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := e.Run(context.Background(), trainSet, testSet, models.RunOptions{Seed: 1, Observers: []train.Observer{rec}}); err != nil {
		log.Fatal(err)
	}
	if err := rec.Close(); err != nil {
		log.Fatal(err)
	}

	rec, err = run.Resume(dir, "", 3, run.Options{})
	if err != nil {
		log.Fatal(err)
	}
	e = rec.Folder().Config.Experiment
	result, err := e.Run(context.Background(), trainSet, testSet, models.RunOptions{Seed: 1, Start: rec.Start(), Observers: []train.Observer{rec}})
	if err != nil {
		log.Fatal(err)
	}
	if err := rec.Close(); err != nil {
		log.Fatal(err)
	}

	model, err := run.Load(dir)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(rec.Epochs()), "epochs")
	fmt.Println("as trained:", slices.Equal(model.Params()[0].Value.Float32s(), result.Model.Params()[0].Value.Float32s()))
	// Output:
	// 3 epochs
	// as trained: true
}

func ExampleLoadWeights() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "weights.safetensors")

	build := func(seed uint64, width int) *graph.Model {
		m, err := graph.NewModel(graph.Config{Inputs: 4, Seed: seed}, graph.Dense{Units: width, Activation: graph.ReLU}, graph.Dense{Units: 2})
		if err != nil {
			log.Fatal(err)
		}
		return m
	}
	first, second := build(1, 3), build(2, 3)
	if err := run.SaveWeights(path, first); err != nil {
		log.Fatal(err)
	}
	if err := run.LoadWeights(path, second); err != nil {
		log.Fatal(err)
	}
	fmt.Println(slices.Equal(first.Params()[0].Value.Float32s(), second.Params()[0].Value.Float32s()))

	fmt.Println(run.LoadWeights(path, build(1, 5)) != nil) // dense_1.weight is F32 of shape [4 3], want F32 of [4 5]
	// Output:
	// true
	// true
}
