package losses_test

import (
	"fmt"
	"log"
	"strings"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
)

// A loss gives one value a sample. All three samples have the logits 0 and 0, so that each class gets ½, and −ln ½ is 0.693. The last one's class
// is not known: it is ignored, and the model's loss is the mean over the other two.
func ExampleCrossEntropy() {
	model, err := graph.NewModel(graph.Config{Input: graph.Floats(1)}, layers.Dense{Units: 2, Weights: graph.Zeros, Activation: layers.Softmax})
	if err != nil {
		log.Fatal(err)
	}
	program, err := model.Compile(graph.Spec{Mode: graph.Evaluate, Batch: 3, Loss: losses.CrossEntropy{}})
	if err != nil {
		log.Fatal(err)
	}
	copy(program.Y().Int32s(), []int32{0, 1, -1})
	if err := program.Run(); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.3f, their mean %.3f\n", program.Losses().Data(), program.Loss())
	// Output: [0.693 0.693 0.000], their mean 0.693
}

// A loss that does not suit the model's end says so when the model is compiled.
func ExampleBinaryCrossEntropy() {
	model, err := graph.NewModel(graph.Config{Input: graph.Floats(4)}, layers.Dense{Units: 3, Activation: layers.ReLU})
	if err != nil {
		log.Fatal(err)
	}
	_, err = model.Compile(graph.Spec{Mode: graph.Train, Batch: 2, Loss: losses.BinaryCrossEntropy{}})
	what, _, _ := strings.Cut(err.Error(), ", want ")
	fmt.Println(what)

	fmt.Println(losses.BinaryCrossEntropy{}.Target([]int{3})) // three labels a sample
	fmt.Println(losses.CrossEntropy{}.Target([]int{3}))       // one of three classes
	fmt.Println(losses.CrossEntropy{}.Target([]int{7, 3}))    // one at each of seven places
	// Output:
	// graph: loss binary-cross-entropy on an output of shape (2, 3): got an output that is neither a sigmoid nor a layer without activation
	// graph.Floats(3) <nil>
	// graph.Ints() <nil>
	// graph.Ints(7) <nil>
}
