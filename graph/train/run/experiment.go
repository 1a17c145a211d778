package run

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/blas"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
)

// An Experiment says in words and numbers what was trained, and how. Words are those of package text, so that whoever reads them makes the same network, loss and optimizer again, as
// long as it imports the packages that register them. Of what has no words the description stands in their place, and Own says so.
type Experiment struct {
	Name         string   `json:"name"`                    // of the experiment, or the program's own for its model
	Network      string   `json:"network"`                 // as layers.Parse reads it, with its inputs
	Float64      bool     `json:"float64,omitempty"`       // it computes in float64
	Loss         string   `json:"loss"`                    // as losses.Parse reads it
	Optimizer    string   `json:"optimizer"`               // as optim.New reads it, with the learning rate that the run began with
	Metrics      []string `json:"metrics,omitempty"`       // as train.ParseMetric reads them; none are those that suit the loss
	Own          []string `json:"own,omitempty"`           // what has no words and only the program can make: of network, loss, optimizer, metrics
	BatchSize    int      `json:"batch_size"`              // samples a step
	Epochs       int      `json:"epochs"`                  // passes over the training samples
	Shards       int      `json:"shards,omitempty"`        // parts of a batch; one if 0
	TrainSamples int      `json:"train_samples,omitempty"` // the first so many training samples; all if 0
	Validation   float64  `json:"validation,omitempty"`    // the share of the training samples that is held out, and evaluated after each epoch; none if 0
	Groups       string   `json:"groups,omitempty"`        // the column of a table whose cells keep samples together: none is on both sides; "" for chance
	ByTime       string   `json:"by_time,omitempty"`       // the column that says when a sample was: the latest are held out; "" for chance
	Patience     int      `json:"patience,omitempty"`      // how many epochs the loss, evaluated if it is, may not get better before the run ends, with the best weights; 0: any number
	Frozen       []string `json:"frozen,omitempty"`        // layers that were kept as they are from the beginning, those within others among them
	Scale        float32  `json:"scale,omitempty"`         // what every value of a sample was multiplied by before it came to the model; 1 if 0
	Noise        float64  `json:"noise,omitempty"`         // σ of the normal noise on a second test set; no such set if 0
	Mislabelled  float64  `json:"mislabelled,omitempty"`   // the share of the training samples that were given a wrong label; none if 0
	Reconstruct  bool     `json:"reconstruct,omitempty"`   // the target of a sample was the sample itself
}

// The parts of an Experiment that may have no words.
const (
	ownNetwork   = "network"
	ownLoss      = "loss"
	ownOptimizer = "optimizer"
	ownMetrics   = "metrics"
)

// NewConfig describes a run that trains a model on data as c says, on this machine, with the BLAS that is in use. name is the experiment's, or whatever the program calls what it trains: where a
// layer, the loss, the optimizer or a metric has no words (see text.Register), only the program that made them can resume the run, and errors say so by that name.
func NewConfig(name string, m *graph.Model, data datasets.Data, c train.Config) (Config, error) {
	switch {
	case m == nil || len(m.Outputs()) == 0:
		return Config{}, fmt.Errorf("run: got a model that is nil or empty, want one: look at the error of graph.NewModel, or of what else made it")
	case data == nil:
		return Config{}, fmt.Errorf("run: got nil data, want those that the model is trained on: look at the error of the function that loaded them")
	}
	if c.Loss == nil { // these are train.Fit's defaults
		c.Loss = losses.CrossEntropy{}
	}
	if c.Optimizer == nil {
		c.Optimizer = &optim.SGD{}
	}
	e := Experiment{Name: name, Float64: m.Config().Float64, BatchSize: cmp.Or(c.BatchSize, 32), Epochs: cmp.Or(c.Epochs, 1)}
	if c.Shards > 1 {
		e.Shards = c.Shards
	}
	e.Frozen = m.Frozen()
	own := func(what string, err error) bool {
		if err != nil && !slices.Contains(e.Own, what) {
			e.Own = append(e.Own, what)
		}
		return err != nil
	}
	var err error
	if e.Network, err = layers.Format(m.Net()); own(ownNetwork, err) {
		e.Network = described(m)
	}
	if e.Loss, err = losses.Format(c.Loss); own(ownLoss, err) {
		e.Loss = c.Loss.Name()
	}
	if e.Optimizer, err = optim.Format(c.Optimizer); own(ownOptimizer, err) {
		e.Optimizer = c.Optimizer.Name()
	}
	for _, metric := range c.Metrics {
		text, err := train.FormatMetric(metric)
		if own(ownMetrics, err) {
			text = metric.Name()
		}
		e.Metrics = append(e.Metrics, text)
	}
	info := data.Info()
	return Config{
		Experiment: e, Seed: c.Seed, ModelSeed: m.Config().Seed, Shape: slices.Clone(info.Shape()), Classes: slices.Clone(info.Classes), BLAS: blas.Current(), Versions: Versions(),
		Preparation: info.Preparation,
	}, nil
}

// described is what stands for a network that has no words: its inputs, its layers and what they keep, one a line.
func described(m *graph.Model) string {
	var lines []string
	for _, in := range m.Inputs() {
		lines = append(lines, fmt.Sprintf("%s = %v", in.Name, in.Input))
	}
	for _, l := range m.Layers() {
		lines = append(lines, fmt.Sprintf("%s %v", l.Name, l.Output))
	}
	for _, p := range m.Tensors() {
		lines = append(lines, fmt.Sprintf("%s %v", p.Name, p.Value.Shape()))
	}
	return strings.Join(lines, "\n")
}

// owned is an error where a part has no words.
func (c Config) owned(part string) error {
	if !slices.Contains(c.Experiment.Own, part) {
		return nil
	}
	return fmt.Errorf("%s has no words for its %s, which only the program that trained it can make: have that program go on with it, or register the type of it (text.Register) and train it anew", c.Experiment.Name, part)
}

// Model makes the network that the run began with, with the weights that its seed draws. The error is of a network without words, which only the program that trained it can make, and of words that are
// not known, which a package registers that is not imported.
func (c Config) Model() (*graph.Model, error) { return c.model(nil) }

// model is Model, with values from elsewhere.
func (c Config) model(values graph.Source) (*graph.Model, error) {
	if err := c.owned(ownNetwork); err != nil {
		return nil, err
	}
	network, err := layers.Parse(c.Experiment.Network)
	if err != nil {
		return nil, fmt.Errorf("its network: %w", err)
	}
	m, err := graph.Restore(graph.Config{Seed: c.ModelSeed, Float64: c.Experiment.Float64}, values, network...)
	if err == nil && values == nil && len(c.Experiment.Frozen) > 0 { // a checkpoint has its own
		err = m.Freeze(c.Experiment.Frozen...)
	}
	return m, err
}

// Training is how the run trains, for train.Fit, which wants its observers, where it starts, and data to validate on beside. The error is of what has no words, or words that are not known, as in Model.
func (c Config) Training() (t train.Config, err error) {
	e := c.Experiment
	for _, part := range []string{ownLoss, ownOptimizer, ownMetrics} {
		if err := c.owned(part); err != nil {
			return t, err
		}
	}
	t.BatchSize, t.Epochs, t.Shards, t.Seed = e.BatchSize, e.Epochs, e.Shards, c.Seed
	if t.Loss, err = losses.Parse(e.Loss); err != nil {
		return t, err
	}
	if t.Optimizer, err = optim.New(e.Optimizer, 0); err != nil {
		return t, err
	}
	for _, text := range e.Metrics {
		m, err := train.ParseMetric(text)
		if err != nil {
			return t, err
		}
		t.Metrics = append(t.Metrics, m)
	}
	return t, nil
}

// checked refuses words that could not be read again.
func (c Config) checked() error {
	e := c.Experiment
	if !slices.Contains(e.Own, ownNetwork) {
		if _, err := layers.Parse(e.Network); err != nil {
			return fmt.Errorf("its network: %w", err)
		}
	}
	e.Own = slices.DeleteFunc(slices.Clone(e.Own), func(part string) bool { return part == ownNetwork })
	if len(e.Own) > 0 {
		return nil
	}
	_, err := c.Training()
	return err
}

// check refuses what no run could have been started with.
func (e Experiment) check() error {
	switch {
	case e.Network == "":
		return fmt.Errorf("it has no network, want its words, such as dense 10 softmax: NewConfig describes a model")
	case e.Loss == "":
		return fmt.Errorf("it has no loss, want its words, such as cross-entropy")
	case e.Optimizer == "":
		return fmt.Errorf("it has no optimizer, want its words, such as sgd 0.1")
	case e.Epochs < 1 || e.BatchSize < 1 || e.TrainSamples < 0 || e.Shards < 0:
		return fmt.Errorf("epochs %d, batch size %d, training samples %d, shards %d: want at least 1, 1, 0 and 0", e.Epochs, e.BatchSize, e.TrainSamples, e.Shards)
	case !(e.Validation >= 0 && e.Validation < 1) || e.Patience < 0:
		return fmt.Errorf("validation %v, patience %d: want a share of at least 0 and below 1, and at least 0 epochs", e.Validation, e.Patience)
	case !(e.Mislabelled >= 0 && e.Mislabelled <= 1):
		return fmt.Errorf("mislabelled %v: want a share from 0 to 1", e.Mislabelled)
	case !(e.Noise >= 0 && e.Noise <= math.MaxFloat64) || !(e.Scale > -math.MaxFloat32 && e.Scale < math.MaxFloat32):
		return fmt.Errorf("noise %v, scale %v: want finite numbers, the noise of at least 0", e.Noise, e.Scale)
	}
	for _, part := range e.Own {
		if !slices.Contains([]string{ownNetwork, ownLoss, ownOptimizer, ownMetrics}, part) {
			return fmt.Errorf("it has %q for what has no words, want some of network, loss, optimizer, metrics", part)
		}
	}
	return nil
}
