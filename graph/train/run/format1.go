package run

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/optim"
)

// experiment1 is the experiment in a run.json of format 1, which knew multilayer perceptrons alone.
type experiment1 struct {
	Name         string  `json:"name"`
	Hidden       []int   `json:"hidden"` // widths of the layers between the samples and the classes
	Activation   string  `json:"activation"`
	Dropout      float64 `json:"dropout"` // rate after each hidden layer
	Loss         string  `json:"loss"`
	Optimizer    string  `json:"optimizer"`
	LearningRate float64 `json:"learning_rate"` // the optimizer's default if 0
	BatchSize    int     `json:"batch_size"`
	Epochs       int     `json:"epochs"`
	TrainSamples int     `json:"train_samples"`
	Scale        float32 `json:"scale"`
	Noise        float64 `json:"noise"`
}

// Bounds of what a run.json of format 1 may ask for: files are small, networks are not.
const (
	maxLayers = 1000
	maxParams = 1 << 28 // 1 GiB of weights
)

// readFormat1 puts an experiment of format 1 into words.
func (c *Config) readFormat1(text json.RawMessage) error {
	var e experiment1
	if err := json.Unmarshal(text, &e); err != nil {
		return err
	}
	c.ModelSeed = c.Seed
	params, width := 0, 1
	if len(c.Shape) == 0 {
		return fmt.Errorf("it has no shape of a sample, want one such as [28 28]")
	}
	for _, d := range c.Shape {
		if d < 1 || width > maxParams/d {
			return fmt.Errorf("shape %v: want sizes of at least 1 and a product of at most %d", c.Shape, maxParams)
		}
		width *= d
	}
	inputs := width
	for _, n := range append(slices.Clone(e.Hidden), len(c.Classes)) {
		if n < 1 || width >= maxParams/n || params > maxParams-(width+1)*n {
			return fmt.Errorf("hidden layers %v between %v inputs and %d classes: want widths of at least 1 and at most %d weights in all", e.Hidden, c.Shape, len(c.Classes), maxParams)
		}
		params += (width + 1) * n
		width = n
	}
	switch {
	case len(e.Hidden) > maxLayers:
		return fmt.Errorf("it has %d hidden layers, want at most %d", len(e.Hidden), maxLayers)
	case !(e.Dropout >= 0 && e.Dropout < 1):
		return fmt.Errorf("dropout %v: want a rate of at least 0 and below 1", e.Dropout)
	}
	activation, err := layers.ParseActivation(e.Activation)
	if err != nil {
		return err
	}
	var n graph.Net
	at := n.Input("x", graph.Floats(inputs))
	for _, width := range e.Hidden {
		at = n.Add(layers.Dense{Units: width, Activation: activation}, at)
		if e.Dropout != 0 {
			at = n.Add(layers.Dropout{Rate: e.Dropout}, at)
		}
	}
	n.Output("output", n.Add(layers.Dense{Units: len(c.Classes), Activation: layers.Softmax}, at))
	network, err := layers.Format(&n)
	if err != nil {
		return err
	}
	o, err := optim.New(e.Optimizer, e.LearningRate)
	if err != nil {
		return err
	}
	optimizer, err := optim.Format(o)
	if err != nil {
		return err
	}
	c.Experiment = Experiment{
		Name: e.Name, Network: network, Loss: e.Loss, Optimizer: optimizer, BatchSize: e.BatchSize, Epochs: e.Epochs,
		TrainSamples: e.TrainSamples, Scale: e.Scale, Noise: e.Noise,
	}
	return nil
}
