package run_test

import (
	"archive/zip"
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
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

	config, err := e.RunConfig(1, "mnist", trainSet)
	if err != nil {
		log.Fatal(err)
	}
	rec, err := run.Create(dir, config, run.Options{})
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
	if e, err = models.OfRun(rec.Folder().Config); err != nil {
		log.Fatal(err)
	}
	result, err := e.Run(context.Background(), trainSet, testSet, models.RunOptions{Seed: 1, Start: rec.Start(), Observers: []train.Observer{rec}})
	if err != nil {
		log.Fatal(err)
	}
	if err := rec.Close(); err != nil {
		log.Fatal(err)
	}

	model, err := run.Load(dir, nil)
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
		m, err := graph.NewModel(graph.Config{Input: graph.Floats(4), Seed: seed}, layers.Dense{Units: width, Activation: layers.ReLU}, layers.Dense{Units: 2})
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

// For NumPy: weights = numpy.load("net.npz")["dense_1.weight"].
func ExampleExport() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	model, err := models.MLP{Inputs: 784, Hidden: []int{32}, Activation: layers.ReLU, Classes: 10}.Build(1)
	if err != nil {
		log.Fatal(err)
	}
	path := filepath.Join(dir, "net.npz")
	if err := run.Export(path, model); err != nil {
		log.Fatal(err)
	}
	archive, err := zip.OpenReader(path)
	if err != nil {
		log.Fatal(err)
	}
	defer archive.Close()
	for _, f := range archive.File {
		fmt.Println(f.Name, f.UncompressedSize64, "bytes")
	}
	fmt.Println(run.Export(filepath.Join(dir, "net.onnx"), model))
	// Output:
	// dense_1.weight.npy 100480 bytes
	// dense_1.bias.npy 256 bytes
	// dense_2.weight.npy 1408 bytes
	// dense_2.bias.npy 168 bytes
	// run: got a file that ends in ".onnx", want one of .safetensors, .npz
}

// What a run left: its configuration, its epochs, a log of one's own, and its checkpoints.
func ExampleOpen() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	e, err := models.Find("adam")
	if err != nil {
		log.Fatal(err)
	}
	e.Hidden, e.TrainSamples, e.Epochs = []int{8}, 300, 3
	digits, test, err := datasets.MNIST()
	if err != nil {
		log.Fatal(err)
	}
	config, err := e.RunConfig(1, "mnist", digits)
	if err != nil {
		log.Fatal(err)
	}
	rec, err := run.Create(dir, config, run.Options{})
	if err != nil {
		log.Fatal(err)
	}
	notes := train.ObserverFunc("notes", func(event *train.Event) error {
		if event.Moment != train.Epochal {
			return nil
		}
		return rec.Append("notes", map[string]int{"epoch": event.Position.Epoch})
	})
	if _, err := e.Run(context.Background(), digits, test, models.RunOptions{Seed: 1, Observers: []train.Observer{notes, rec}}); err != nil {
		log.Fatal(err)
	}
	if err := rec.Close(); err != nil {
		log.Fatal(err)
	}

	folder, err := run.Open(dir)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(folder.Config.Experiment.Name, folder.Config.Seed, folder.Config.Shape)
	epochs, err := folder.Epochs()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(epochs), "epochs")
	for line, err := range folder.Log("notes") {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(string(line))
	}
	checkpoints, err := folder.Checkpoints()
	if err != nil {
		log.Fatal(err)
	}
	for _, c := range checkpoints {
		_, at, err := folder.Model(c, nil)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(filepath.Base(c.Path), "after epoch", at.Epoch)
	}
	// Output:
	// adam 1 [28 28]
	// 3 epochs
	// {"epoch":1}
	// {"epoch":2}
	// {"epoch":3}
	// step-000000006.safetensors after epoch 2
	// step-000000009.safetensors after epoch 3
}

// A run stops early, or would have: it was killed after its second epoch, and the one that goes on knows of both.
func ExampleResume() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	e, err := models.Find("relu")
	if err != nil {
		log.Fatal(err)
	}
	e.Hidden, e.TrainSamples, e.Epochs, e.LearningRate = []int{8}, 300, 2, 1e-30 // too small for the loss to go down
	digits, test, err := datasets.MNIST()
	if err != nil {
		log.Fatal(err)
	}
	config, err := e.RunConfig(1, "mnist", digits)
	if err != nil {
		log.Fatal(err)
	}
	rec, err := run.Create(dir, config, run.Options{})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := e.Run(context.Background(), digits, test, models.RunOptions{Seed: 1, Observers: []train.Observer{rec}}); err != nil {
		log.Fatal(err)
	}
	if err := rec.Close(); err != nil {
		log.Fatal(err)
	}

	rec, err = run.Resume(dir, "", 20, run.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer rec.Close()
	if e, err = models.OfRun(rec.Folder().Config); err != nil {
		log.Fatal(err)
	}
	stop := &train.EarlyStopping{Patience: 4, MinDelta: .01, Before: rec.Epochs()}
	result, err := e.Run(context.Background(), digits, test, models.RunOptions{Seed: 1, Start: rec.Start(), Observers: []train.Observer{stop, rec}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("after epoch", result.History.Position.Epoch, "of", e.Epochs)
	// Output: after epoch 5 of 20
}
