package train_test

import (
	"context"
	"fmt"
	"log"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
)

// Two towers: who will like what. Readers and books are ids; each tower makes a few numbers of one, and their dot product says how well the two go together. Of pairs that nobody has asked about
// the model knows what it learnt of each from others.
func ExampleFit_towers() {
	ctx := context.Background()
	var readers, books []int32
	var likes []float32
	for reader := range int32(20) {
		for book := range int32(12) {
			readers, books, likes = append(readers, reader), append(books, book), append(likes, 0)
			if (reader+book)%3 == 0 { // what the readers do not tell
				likes[len(likes)-1] = 1
			}
		}
	}
	asked, err := datasets.NewArrays("library",
		[]datasets.Array{{Name: "reader", Shape: []int{1}, IDs: readers}, {Name: "book", Shape: []int{1}, IDs: books}},
		[]datasets.Array{{Name: "likes", Shape: []int{1}, Floats: likes}})
	if err != nil {
		log.Fatal(err)
	}
	known, unknown, err := datasets.Split(asked, .75, 1)
	if err != nil {
		log.Fatal(err)
	}

	var n graph.Net
	reader := n.Add(layers.Embedding{IDs: 20, Units: 6}, n.Input("reader", graph.Ints(1))) // [batch,1,6]
	book := n.Add(layers.Embedding{IDs: 12, Units: 6}, n.Input("book", graph.Ints(1)))
	product := n.Add(layers.Dot{Transposed: true}, reader, book) // [batch,1,1]
	n.Output("likes", n.Add(layers.Dense{Units: 1, Activation: layers.Sigmoid}, n.Add(layers.Flatten{}, product)))
	model, err := graph.NewModel(graph.Config{Seed: 1}, &n)
	if err != nil {
		log.Fatal(err)
	}
	config := train.Config{Loss: losses.BinaryCrossEntropy{}, Optimizer: &optim.Adam{LearningRate: .02}, BatchSize: 20, Epochs: 100, Seed: 1}
	if _, err := train.Fit(ctx, model, known, config); err != nil {
		log.Fatal(err)
	}
	result, err := train.Evaluate(ctx, model, unknown, config)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(unknown.Len(), "pairs that nobody has asked about, right in nine of ten:", result.Score("binary-accuracy") > .9)
	// Output: 60 pairs that nobody has asked about, right in nine of ten: true
}
