package inspect_test

import (
	"context"
	"fmt"
	"log"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/models"
)

// corners are two classes of two features.
func corners() *datasets.Dataset {
	data, err := datasets.New("corners", []int{2}, []float32{0, 0, 1, 1, .1, .2, .8, .9, .2, 0, 1, .7}, []int{0, 1, 0, 1, 0, 1}, nil)
	if err != nil {
		log.Fatal(err)
	}
	return data
}

// Where the gradient vanishes: in each layer of sigmoids that it comes back through.
func ExampleTake() {
	model, err := models.MLP{Inputs: 2, Hidden: []int{8, 8, 8, 8}, Activation: graph.Sigmoid, Classes: 2}.Build(1)
	if err != nil {
		log.Fatal(err)
	}
	snapshot, err := inspect.Take(model, graph.CrossEntropy, inspect.NewBatch(corners(), []int{0, 1, 2, 3}), 0)
	if err != nil {
		log.Fatal(err)
	}
	for _, l := range snapshot.Layers {
		fmt.Printf("%s %.0e\n", l.Name, l.Params[0].Grad.Norm)
	}
	// Output:
	// dense_1 2e-03
	// dense_2 9e-03
	// dense_3 6e-02
	// dense_4 4e-01
	// dense_5 8e-01
}

// A recorder at steps 0 and 10 of a run.
func ExampleRecorder() {
	model, err := models.MLP{Inputs: 2, Hidden: []int{4}, Activation: graph.Tanh, Classes: 2}.Build(1)
	if err != nil {
		log.Fatal(err)
	}
	recorder := &inspect.Recorder{At: []uint64{0, 10}}
	if _, err := train.Fit(context.Background(), model, corners(), train.Config{BatchSize: 3, Epochs: 10, Observers: []train.Observer{recorder}}); err != nil {
		log.Fatal(err)
	}
	for _, s := range recorder.Snapshots {
		p := s.Layer("dense_1").Params[0]
		fmt.Printf("step %d: %s of %v, moved by %.1e of its size\n", s.Step, p.Name, p.Shape, p.UpdateRatio())
	}
	// Output:
	// step 0: weight of (2, 4), moved by 7.1e-04 of its size
	// step 10: weight of (2, 4), moved by 1.6e-03 of its size
}

func ExampleCheckGradients() {
	model, err := models.MLP{Inputs: 2, Hidden: []int{4}, Activation: graph.Sigmoid, Classes: 2}.Build(1)
	if err != nil {
		log.Fatal(err)
	}
	check, err := inspect.CheckGradients(model, graph.CrossEntropy, inspect.NewBatch(corners(), []int{0, 1, 2}))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(check.OK())
	// Output: true
}
