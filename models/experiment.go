package models

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/train"
)

// An Experiment is a network, how it is trained, and what the lecture showed of it.
type Experiment struct {
	Name    string // as Find takes it
	Changes string // what it changes, and of which experiment

	Hidden       []int             // widths of the hidden layers
	Activation   layers.Activation // of the hidden layers
	Dropout      float64           // rate after each hidden layer
	Layers       []graph.Layer     // in place of the three above, if not nil
	Input        graph.Input       // of the Layers, if its Shape is not nil: what a sample is seen as, such as graph.Floats(28, 28)
	Dataset      string            // what it is of, by the name that datasets.Open takes; mnist if ""
	Reconstruct  bool              // the target of a sample is the sample itself, not its class
	Loss         graph.Loss
	Metrics      []train.Metric // beside the loss; if nil those that suit it
	Optimizer    string         // as optim.New takes it
	LearningRate float64        // in place of the optimizer's own, if not 0
	BatchSize    int            // samples a step
	Epochs       int            // passes over the training samples
	Shards       int            // parts of a batch; one if 0
	TrainSamples int            // the first so many training samples; all if 0
	Validation   float64        // the share of these that is held out, each class alike, and evaluated after each epoch; none if 0
	Patience     int            // as train.EarlyStopping has it, on the loss of what is held out; the best weights are put back. 0: the run does not stop early
	Frozen       []string       // names of layers that stay as they are
	Scale        float32        // what pixels of 0 to 255 are multiplied by
	Mislabelled  float64        // the share of the training samples, those held out among them, that are given a wrong label; none if 0
	Noise        float64        // σ of the normal noise added to every scaled pixel of a second test set; no such set if 0

	Lecture Figures // what the lecture's screenshots show
	Band    Band    // where a run agrees with it
}

// Figures are accuracies, from 0 to 1; 0 where the lecture shows none.
type Figures struct {
	Train     float64 `json:"train,omitempty"`      // on the training samples, weights at rest
	Test      float64 `json:"test,omitempty"`       // on the test set
	NoisyTest float64 `json:"noisy_test,omitempty"` // on the test set with noise

	RunningLoss     float64 `json:"running_loss,omitempty"`     // on the progress line of epoch 20
	RunningAccuracy float64 `json:"running_accuracy,omitempty"` // likewise
}

// A Band says when a run agrees with the lecture, or with what other seeds showed.
type Band struct {
	// Collapse: the network says one digit, or two, of every image, so that its accuracy is their share, under .15. Which
	// digit is the seed's choice.
	Collapse bool
	// Train, Test and NoisyTest are where the accuracies lie, or what the first of the experiment's Metrics measures.
	Train, Test, NoisyTest Range
	// Climb is in which epoch the training accuracy first is .95, as Result.Climb counts: how fast an optimizer climbs, which the accuracies at the end do not tell.
	Climb Range
}

// Range has both ends included; the zero value is no claim.
type Range struct{ Low, High float64 }

// MNISTScale brings pixels to [0, 1].
const MNISTScale = 1.0 / 255

var (
	three633 = []int{633, 633, 633}
	deep     = append(slices.Clone(three633), slices.Repeat([]int{689}, 10)...)
)

// Experiments lists the lecture's eleven, in its order. The bands are what seeds differ by, with room: see the README's
// table for what they showed.
func Experiments() []Experiment {
	mse := Experiment{
		Name: "mse", Changes: "3×633 sigmoid, mean squared error on the softmax, SGD 0.1, batch 100",
		Hidden: three633, Activation: layers.Sigmoid, Loss: losses.MSE{},
		Optimizer: "sgd", LearningRate: 0.1, BatchSize: 100, Epochs: 20, Scale: MNISTScale,
		Lecture: Figures{Train: .1127, Test: .1135, RunningLoss: .0899, RunningAccuracy: .1284},
		Band:    Band{Collapse: true},
	}

	crossEntropy := mse
	crossEntropy.Name, crossEntropy.Changes = "cross-entropy", "mse with categorical cross-entropy"
	crossEntropy.Loss = losses.CrossEntropy{}
	crossEntropy.Lecture = Figures{Train: .8734, Test: .8582, RunningLoss: .4765, RunningAccuracy: .8610}
	crossEntropy.Band = Band{Train: Range{.84, .88}, Test: Range{.825, .865}}

	batch10000 := crossEntropy
	batch10000.Name, batch10000.Changes = "batch-10000", "cross-entropy with batch 10,000"
	batch10000.BatchSize = 10000
	batch10000.Lecture = Figures{Train: .1127, Test: .1135, RunningLoss: 2.3672, RunningAccuracy: .1032}
	batch10000.Band = Band{Collapse: true}

	batch1 := crossEntropy
	batch1.Name, batch1.Changes = "batch-1", "cross-entropy with batch 1 (the lecture: \"super slow\")"
	batch1.BatchSize = 1
	batch1.Lecture = Figures{}
	batch1.Band = Band{Train: Range{.9, 1}, Test: Range{.9, 1}}

	deepSigmoid := crossEntropy
	deepSigmoid.Name, deepSigmoid.Changes = "deep-sigmoid", "cross-entropy and 10 more layers of 689 sigmoid"
	deepSigmoid.Hidden = deep
	deepSigmoid.Lecture = Figures{Train: .1127, Test: .1135, RunningLoss: 2.3053, RunningAccuracy: .1085}
	deepSigmoid.Band = Band{Collapse: true}

	relu := crossEntropy
	relu.Name, relu.Changes = "relu", "cross-entropy with relu for sigmoid"
	relu.Activation = layers.ReLU
	relu.Lecture = Figures{Train: .9978, Test: .9564, RunningLoss: .0927, RunningAccuracy: .9806}
	relu.Band = Band{Train: Range{.995, 1}, Test: Range{.945, .962}, Climb: Range{4, 8}} // of the climb five seeds showed 5

	deepReLU := deepSigmoid
	deepReLU.Name, deepReLU.Changes = "deep-relu", "deep-sigmoid with relu for sigmoid"
	deepReLU.Activation = layers.ReLU
	deepReLU.Lecture = Figures{}
	// So many relu layers stand at the edge of what is stable at this rate: the loss of a step now and then leaps from .01 to 2 or 10
	// and heals within an epoch, and a run that ends before it has healed is short of the others. PyTorch's runs do the same.
	deepReLU.Band = Band{Train: Range{.88, 1}, Test: Range{.85, .965}}

	rawPixels := relu
	rawPixels.Name, rawPixels.Changes = "raw-pixels", "relu without the division by 255, Keras 2's clipped cross-entropy"
	rawPixels.Loss, rawPixels.Scale = losses.ClippedCrossEntropy{}, 1
	rawPixels.Lecture = Figures{Train: .1070, Test: .1028, RunningLoss: 14.3935, RunningAccuracy: .1070}
	rawPixels.Band = Band{Collapse: true}

	adam := relu
	adam.Name, adam.Changes = "adam", "relu with Adam for SGD"
	adam.Optimizer, adam.LearningRate = "adam", 0.001
	adam.Lecture = Figures{Train: .9993, Test: .9627, RunningLoss: .0056, RunningAccuracy: .9979}
	adam.Band = Band{Train: Range{.985, 1}, Test: Range{.945, .972}, Climb: Range{1, 3}} // of the climb five seeds showed 2

	noise := adam
	noise.Name, noise.Changes = "noise", "adam, tested on digits with N(0, 1) added to every pixel too"
	noise.Noise = 1
	noise.Lecture = Figures{Train: 1, NoisyTest: .4750, RunningLoss: 2.37e-5, RunningAccuracy: 1}
	noise.Band = Band{Train: adam.Band.Train, Test: adam.Band.Test, NoisyTest: Range{.40, .56}}

	dropout := noise
	dropout.Name, dropout.Changes = "dropout", "noise with 3×689 and dropout 0.7 after each hidden layer"
	dropout.Hidden, dropout.Dropout = []int{689, 689, 689}, 0.7
	dropout.Lecture = Figures{Train: .9907, NoisyTest: .6120, RunningLoss: .1549, RunningAccuracy: .9544}
	dropout.Band = Band{Train: Range{.98, 1}, Test: Range{.945, .97}, NoisyTest: Range{.56, .66}}

	all := []Experiment{mse, crossEntropy, batch10000, batch1, deepSigmoid, relu, deepReLU, rawPixels, adam, noise, dropout}
	for i := range all {
		all[i].Hidden = slices.Clone(all[i].Hidden) // so that a change of one stays there
	}
	return all
}

// Names lists the names of the lecture's experiments and of the others, the Mends and the Networks.
func Names() []string {
	var names []string
	for _, e := range everything() {
		names = append(names, e.Name)
	}
	return names
}

// Find is the experiment of that name; of another, an error that lists them.
func Find(name string) (Experiment, error) {
	for _, e := range everything() {
		if e.Name == name {
			return e, nil
		}
	}
	return Experiment{}, fmt.Errorf("models: no experiment is called %q, want one of %s", name, strings.Join(Names(), ", "))
}

// Model makes the experiment's network for data of that description, with weights drawn from seed. Hidden takes a row of a sample's values, [batch,inputs] → [batch,classes]. Layers take the Input; without one they
// take a row too, ids as they are, and, where they do not begin as a network of rows does, as a convolution, the sample in its own shape.
func (e Experiment) Model(data datasets.Info, seed uint64) (*graph.Model, error) {
	m, err := build(e, data, seed, graph.NewModel)
	if err == nil && len(e.Frozen) > 0 {
		err = m.Freeze(e.Frozen...)
	}
	return m, err
}

// Measure is the size of the network that Model makes, of which nothing is made: see graph.Measure.
func (e Experiment) Measure(data datasets.Info, most graph.Size) (graph.Size, error) {
	return build(e, data, 0, func(c graph.Config, layers ...graph.Layer) (graph.Size, error) {
		return graph.Measure(c, most, layers...)
	})
}

// build makes something of the network's layers, and of the input that suits them.
func build[T any](e Experiment, data datasets.Info, seed uint64, of func(graph.Config, ...graph.Layer) (T, error)) (made T, err error) {
	if e.Layers == nil {
		network := MLP{Hidden: e.Hidden, Activation: e.Activation, Dropout: e.Dropout, Classes: len(data.Classes)}.Layers()
		return of(graph.Config{Input: graph.Floats(values(data)), Seed: seed}, network...)
	}
	c := graph.Config{Input: e.Input, Seed: seed}
	if c.Input.Shape != nil || !e.Open() {
		return of(c, e.Layers...)
	}
	if len(data.Inputs) > 0 && data.Inputs[0].IDs {
		c.Input = graph.Ints(data.Shape()...)
		return of(c, e.Layers...)
	}
	c.Input = graph.Floats(values(data))
	m, asRow := of(c, e.Layers...)
	if asRow == nil || errors.Is(asRow, graph.ErrLarge) {
		return m, asRow
	}
	shape := data.Shape()
	if len(shape) < 2 {
		return made, asRow
	}
	c.Input = graph.Floats(shape...)
	m, asIs := of(c, e.Layers...)
	switch why, also := errors.Unwrap(asRow), errors.Unwrap(asIs); {
	case errors.Is(asIs, graph.ErrLarge):
		return made, asIs
	case asIs != nil && why != nil && also != nil && why.Error() == also.Error(): // whatever the shape is
		return made, asRow
	case asIs != nil:
		return made, fmt.Errorf("of a sample as a row, and of shape %v, neither suits the layers: %w; %w", shape, asRow, asIs)
	}
	return m, nil
}

// values is how many values a sample's first input has.
func values(data datasets.Info) int {
	if len(data.Inputs) == 0 {
		return 0
	}
	return data.Inputs[0].Size()
}

// Open says whether the Layers leave it to others what a sample is: all do but a graph.Net that names the shapes of all of its inputs.
func (e Experiment) Open() bool {
	if len(e.Layers) != 1 {
		return true
	}
	n, ok := e.Layers[0].(*graph.Net)
	if !ok {
		return true
	}
	parts, err := n.Parts()
	return err == nil && slices.ContainsFunc(parts, func(p graph.Part) bool { return p.Layer == nil && p.From == nil && p.Input.Shape == nil })
}
