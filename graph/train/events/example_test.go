package events_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/graph/train/events"
)

func ExampleObserver() {
	logs, err := os.MkdirTemp("", "logs")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(logs)
	digits, test, err := datasets.MNIST()
	if err != nil {
		log.Fatal(err)
	}
	few, err := digits.Scaled(1./255).Slice(0, 500)
	if err != nil {
		log.Fatal(err)
	}
	model, err := graph.NewModel(graph.Config{Input: graph.Floats(28, 28), Seed: 1}, layers.Flatten{}, layers.Dense{Units: 10, Activation: layers.Softmax})
	if err != nil {
		log.Fatal(err)
	}
	_, err = train.Fit(context.Background(), model, few, train.Config{Epochs: 2, Validation: test.Scaled(1. / 255),
		Observers: []train.Observer{&events.Observer{Dir: filepath.Join(logs, "softmax")}}})
	if err != nil {
		log.Fatal(err)
	}
	training, _ := filepath.Glob(filepath.Join(logs, "softmax", "*tfevents*"))
	held, _ := filepath.Glob(filepath.Join(logs, "softmax", "validation", "*tfevents*"))
	fmt.Println(len(training), len(held)) // tensorboard --logdir logs
	// Output: 1 1
}

func ExampleWriter() {
	logs, err := os.MkdirTemp("", "logs")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(logs)
	w, err := events.Create(logs)
	if err != nil {
		log.Fatal(err)
	}
	for step := range uint64(100) {
		w.Number(step, "halves", 1/float64(step+1))
	}
	w.Text(100, "note", "It **halves**, thirds, and so on.")
	fmt.Println(w.Close())
	// Output: <nil>
}
