package train

import (
	"errors"
	"fmt"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/optim"
)

// Config says how to train. Its zero value trains one epoch of batches of 32 by SGD at its default learning rate on the
// cross-entropy.
type Config struct {
	Loss       graph.Loss        // losses.CrossEntropy{} if nil
	Optimizer  optim.Optimizer   // &optim.SGD{} if nil
	BatchSize  int               // samples a step, 32 if 0; the last batch of an epoch may be smaller
	Epochs     int               // passes over the data, 1 if 0
	Seed       uint64            // of the order of the samples; the model has its own, graph.Config.Seed
	Validation *datasets.Dataset // evaluated after each epoch, if not nil
	Observers  []Observer        // told in this order
	Start      Position          // where to go on; the zero value is the beginning
}

// Position is a place in a run, and what the running figures of its epoch have come to. With the weights and the optimizer's
// state of the same moment it is all that a run needs to go on as if it had never stopped. It fits one data set and batch size.
type Position struct {
	Epoch   int     `json:"epoch"`   // epochs that are over
	Batch   int     `json:"batch"`   // batches of this epoch that are over
	Step    uint64  `json:"step"`    // steps that are over
	Loss    float64 `json:"loss"`    // sum over this epoch's samples so far
	Correct int     `json:"correct"` // of this epoch's samples so far
	Seen    int     `json:"seen"`    // this epoch's samples so far
}

// running is the mean over this epoch's samples so far.
func (p Position) running() Metrics {
	if p.Seen == 0 {
		return Metrics{}
	}
	return Metrics{p.Loss / float64(p.Seen), float64(p.Correct) / float64(p.Seen)}
}

// Metrics are a loss and the share of samples whose class had the largest output.
type Metrics struct {
	Loss     float64 `json:"loss"`     // mean over the samples
	Accuracy float64 `json:"accuracy"` // from 0 to 1
}

func (c *Config) defaults() {
	if c.Loss == nil {
		c.Loss = losses.CrossEntropy{}
	}
	if c.Optimizer == nil {
		c.Optimizer = &optim.SGD{}
	}
	if c.BatchSize == 0 {
		c.BatchSize = 32
	}
	if c.Epochs == 0 {
		c.Epochs = 1
	}
}

func (c *Config) check(m *graph.Model, data *datasets.Dataset) error {
	if err := given(m, data); err != nil {
		return err
	}
	for i, o := range c.Observers {
		if o == nil {
			return fmt.Errorf("train: got nil as observer %d of %d, want an observer", i+1, len(c.Observers))
		}
	}
	n, s := data.Len(), c.Start
	switch {
	case c.BatchSize < 1 || c.BatchSize > n:
		return fmt.Errorf("train: got batch size %d, want 1 to %d, the number of samples", c.BatchSize, n)
	case c.Epochs < 0:
		return fmt.Errorf("train: got %d epochs, want at least 1", c.Epochs)
	case s.Epoch < 0 || s.Batch < 0 || s.Batch > batches(n, c.BatchSize) || s.Seen != min(s.Batch*c.BatchSize, n) || s.Step != uint64(s.Epoch*batches(n, c.BatchSize)+s.Batch):
		return fmt.Errorf("train: got a start after %d epochs and %d batches, with %d samples seen and %d steps made, which does not fit %d batches of %d in an epoch of %d samples: start with the batch size and data of the run that is to go on", s.Epoch, s.Batch, s.Seen, s.Step, batches(n, c.BatchSize), c.BatchSize, n)
	}
	if err := c.Optimizer.Validate(); err != nil {
		return fmt.Errorf("train: %w", err)
	}
	if err := fits(m, data); err != nil {
		return err
	}
	if c.Validation != nil {
		if err := fits(m, c.Validation); err != nil {
			return fmt.Errorf("train: validation data: %w", err)
		}
	}
	return nil
}

// given checks that there is something to work on.
func given(m *graph.Model, data *datasets.Dataset) error {
	switch {
	case m == nil:
		return errors.New("train: got a nil model, want one: look at the error of graph.NewModel, or of what else made it")
	case data == nil:
		return errors.New("train: got a nil data set, want one: look at the error of the function that loaded it")
	}
	return nil
}

// fits checks that the model takes the data's samples and has an output for each class.
func fits(m *graph.Model, data *datasets.Dataset) error {
	if got, want := data.Features(), m.Config().Inputs; got != want {
		return fmt.Errorf("train: data set %q has %d values a sample (shape %v), the model takes %d: set graph.Config.Inputs to %d", data.Name, got, data.Shape, want, got)
	}
	if got, want := len(data.Classes), m.Outputs(); got != want {
		return fmt.Errorf("train: data set %q has %d classes, the model %d outputs: give its last layer %d units", data.Name, got, want, got)
	}
	return nil
}

func batches(samples, size int) int { return (samples + size - 1) / size }
