package train

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/internal/memory"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/optim"
)

// Config says how to train. Its zero value trains one epoch of batches of 32 by SGD at its default learning rate on the
// cross-entropy.
type Config struct {
	Loss       graph.Loss      // losses.CrossEntropy{} if nil
	Optimizer  optim.Optimizer // &optim.SGD{} if nil
	BatchSize  int             // samples a step, 32 if 0; the last batch of an epoch may be smaller, and one beyond the data is all of them
	Epochs     int             // passes over the data, 1 if 0
	Seed       uint64          // of the order of the samples; the model has its own, graph.Config.Seed
	Metrics    []Metric        // beside the loss; if nil those that suit it, such as Accuracy for classes
	Validation datasets.Data   // evaluated after each epoch, if not nil
	Observers  []Observer      // told in this order
	Start      Position        // where to go on; the zero value is the beginning

	// Shards is in how many parts each batch is run, 1 if 0: their gradients are added up for one step. A batch may so be larger than what memory holds at once, and
	// the parts may be run on several machines. It is part of what the run comes to, to the last bit: sums are rounded otherwise, and what looks at the
	// whole batch, such as its mean, looks at a shard.
	Shards int

	// Ranks are the processes that share the work, nil for this one alone; see [Ranks]. Each is given the same Config, data and model but for the Observers, of which most, such
	// as what prints or records, belong on rank 0 alone. The weights, the optimizer's state and the Start of rank 0 are those of all. Where Shards is 0 there are as many as ranks;
	// the bits depend on the shards and not on the ranks, which must be as many as divide the shards.
	Ranks Ranks
}

func (c *Config) defaults(samples int) {
	if c.Loss == nil {
		c.Loss = losses.CrossEntropy{}
	}
	if c.Optimizer == nil {
		c.Optimizer = &optim.SGD{}
	}
	if c.BatchSize == 0 {
		c.BatchSize = 32
	}
	if c.BatchSize > samples {
		c.BatchSize = samples
	}
	if c.Epochs == 0 {
		c.Epochs = 1
	}
	if c.Shards == 0 {
		c.Shards = 1
		if !solitary(c.Ranks) {
			c.Shards = c.Ranks.Size()
		}
	}
}

// check looks at everything before anything is done, and finds out how the model is fed.
func (c *Config) check(m *graph.Model, data datasets.Data) (*feeder, error) {
	for i, o := range c.Observers {
		if isNil(o) {
			return nil, fmt.Errorf("train: got nil as observer %d of %d, want an observer", i+1, len(c.Observers))
		}
	}
	if isNil(c.Optimizer) || isNil(c.Loss) {
		return nil, fmt.Errorf("train: got a nil pointer as Loss or Optimizer, %T and %T, want neither: leave them out for the default", c.Loss, c.Optimizer)
	}
	n, s := data.Len(), c.Start
	switch {
	case c.BatchSize < 1:
		return nil, fmt.Errorf("train: got batch size %d, want at least 1, or 0 for 32", c.BatchSize)
	case c.Epochs < 0:
		return nil, fmt.Errorf("train: got %d epochs, want at least 1", c.Epochs)
	case c.Shards < 1 || c.Shards > c.BatchSize:
		return nil, fmt.Errorf("train: got %d shards, want 1 to %d, the samples of a batch", c.Shards, c.BatchSize)
	case s.Epoch < 0 || s.Batch < 0 || s.Batch > batches(n, c.BatchSize) || s.Seen != min(s.Batch*c.BatchSize, n) || s.Step != uint64(s.Epoch*batches(n, c.BatchSize)+s.Batch):
		return nil, fmt.Errorf("train: got a start after %d epochs and %d batches, with %d samples seen and %d steps made, which does not fit %d batches of %d in an epoch of %d samples: start with the batch size and data of the run that is to go on", s.Epoch, s.Batch, s.Seen, s.Step, batches(n, c.BatchSize), c.BatchSize, n)
	}
	if r := c.Ranks; !solitary(r) && c.Shards%r.Size() != 0 {
		return nil, fmt.Errorf("train: got %d shards for %d ranks, want as many ranks as divide the shards, or shards as many as ranks or a multiple", c.Shards, r.Size())
	}
	if err := c.Optimizer.Validate(); err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	f, err := newFeeder(m, data, c.Loss, true)
	if err != nil {
		return nil, err
	}
	if c.Metrics, err = f.metrics(c.Metrics); err != nil {
		return nil, err
	}
	if s, ok := optim.Find[*optim.Scheduled](c.Optimizer); ok {
		if err := measured(c.Metrics, s.Watches()); err != nil {
			return nil, fmt.Errorf("train: the schedule's plateau: %w", err)
		}
	}
	if n := len(s.More); n >= len(f.targets) {
		return nil, fmt.Errorf("train: got a start with the losses of %d targets, and a loss of %d: start with the loss of the run that is to go on", n+1, len(f.targets))
	}
	if n := len(s.Sums); n > 0 && n != len(c.Metrics) {
		return nil, fmt.Errorf("train: got a start with the sums of %d metrics, and %d metrics: start with the metrics of the run that is to go on", n, len(c.Metrics))
	}
	if c.Validation != nil {
		err := given(context.Background(), m, c.Validation)
		if err == nil {
			_, err = newFeeder(m, c.Validation, c.Loss, false)
		}
		if err != nil {
			return nil, fmt.Errorf("train: validation data: %s", strings.TrimPrefix(err.Error(), "train: "))
		}
	}
	return f, nil
}

// given checks that there is something to work on.
func given(ctx context.Context, m *graph.Model, data datasets.Data) error {
	switch {
	case ctx == nil:
		return errors.New("train: got a nil context, want one, such as context.Background()")
	case m == nil || len(m.Outputs()) == 0:
		return errors.New("train: got a model that is nil or empty, want one: look at the error of graph.NewModel, or of what else made it")
	case isNil(data):
		return errors.New("train: got a nil data set, want one: look at the error of the function that loaded it")
	case data.Len() < 1:
		return fmt.Errorf("train: data set %q has no samples, want at least one", data.Info().Name)
	}
	if err := memory.Check(8*min(uint64(data.Len()), 1<<60), fmt.Sprintf("the order of the %d samples of data set %q", data.Len(), data.Info().Name)); err != nil {
		return fmt.Errorf("train: %w", err)
	}
	return nil
}

// isNil sees through an interface that holds a nil pointer, as one has after an error that was not looked at.
func isNil(x any) bool {
	v := reflect.ValueOf(x)
	return x == nil || v.Kind() == reflect.Pointer && v.IsNil()
}

func batches(samples, size int) int { return (samples-1)/size + 1 }
