package flags

import (
	"math"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/complete"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/own"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/optim"
	words "github.com/stheno-ml/stheno/graph/text"
	"github.com/stheno-ml/stheno/graph/train"
)

// Own say what is learnt of data of one's own, and how, where not as suits the data.
type Own struct {
	Columns    datasets.Columns
	Validation float64
	Seed       uint64
	Epochs     int
	Patience   int

	layers, loss, optimizer string
	learningRate            float64
	batchSize               int
	flags                   *pflag.FlagSet
}

// Add gives the flags to a command.
func (f *Own) Add(cmd *cobra.Command) {
	f.flags = cmd.Flags()
	Names(f.flags, &f.Columns.Target, "target", "`column` of a table that is to be learnt; several of numbers apart by commas")
	Names(f.flags, &f.Columns.Ignore, "ignore", "`columns` not to be learnt from")
	Names(f.flags, &f.Columns.Numbers, "numbers", "`columns` of numbers, though they look like classes")
	Names(f.flags, &f.Columns.Categories, "categories", "`columns` of names, though they look like numbers")
	f.flags.StringVar(&f.layers, "layers", "", "the `NETWORK`: layers in words, as stheno layers lists them, or @FILE (default one that suits, which is printed)")
	f.flags.StringVar(&f.loss, "loss", "", "in words, such as \"huber 0.5\": one of "+strings.Join(losses.Names(), ", ")+" (default cross-entropy of classes, mse of numbers)")
	f.flags.StringVar(&f.optimizer, "optimizer", "adam", "in words, such as \"adam 0.001 beta1=0.8\": one of "+strings.Join(optim.Names(), ", "))
	f.flags.Float64Var(&f.learningRate, "learning-rate", 0, "how far a step goes, in place of the optimizer's own")
	f.flags.IntVar(&f.batchSize, "batch-size", 0, "samples a step (default 32; more of many samples)")
	f.flags.IntVar(&f.Epochs, "epochs", 0, "passes over the training samples, at most (default 200; fewer of many samples, or of pictures)")
	f.flags.Float64Var(&f.Validation, "validation", .2, "the share of the samples that is held back to validate on; 0 for none")
	f.flags.IntVar(&f.Patience, "early-stopping", 0, "stop after so many epochs without a better loss on what is held back, with the weights of the best; 0 for all epochs (default 20; 10 of many samples, or of pictures)")
	f.flags.Uint64Var(&f.Seed, "seed", 1, "of every random number: the division, weights, order, dropout")
	for _, name := range []string{"epochs", "batch-size", "early-stopping", "learning-rate"} {
		f.flags.Lookup(name).DefValue = "" // those of the data
	}
	complete.Flag(cmd, "layers", complete.Layers)
	complete.Flag(cmd, "optimizer", complete.Words[optim.Optimizer])
	complete.Flag(cmd, "loss", complete.Words[graph.Loss])
}

// Check refuses values out of their range, before any data are read.
func (f *Own) Check() error {
	for _, c := range []struct {
		flag string
		ok   bool
		want string
	}{
		{"epochs", f.Epochs >= 1, "at least 1"}, {"batch-size", f.batchSize >= 1, "at least 1"}, {"early-stopping", f.Patience >= 0, "at least 0"},
		{"learning-rate", f.learningRate > 0 && !math.IsInf(f.learningRate, 0), "a number above 0"}, {"validation", f.Validation >= 0 && f.Validation < 1, "a share of at least 0 and below 1, such as 0.2"},
	} {
		if f.flags.Changed(c.flag) {
			if err := require(c.ok, f.flags.Lookup(c.flag), c.want); err != nil {
				return err
			}
		}
	}
	return nil
}

// Suit puts what the flags say in the place of what suits the data. The network is nil where the flags leave it to the data.
func (f *Own) Suit(s *own.Suit) (network []graph.Layer, how train.Config, err error) {
	if f.flags.Changed("layers") {
		n := Network{text: f.layers}
		if err := n.read(); err != nil {
			return nil, how, err
		}
		network, s.Layers = n.Layers, f.layers
	}
	if f.flags.Changed("loss") {
		s.Loss = f.loss
	}
	if f.flags.Changed("optimizer") {
		s.Optimizer = f.optimizer
	}
	if f.flags.Changed("epochs") {
		s.Epochs = f.Epochs
	}
	if f.flags.Changed("batch-size") {
		s.BatchSize = f.batchSize
	}
	if f.flags.Changed("early-stopping") {
		s.Patience = f.Patience
	}
	if f.Validation == 0 && !f.flags.Changed("early-stopping") {
		s.Patience = 0 // the running loss gets better and better
	}
	how = train.Config{BatchSize: s.BatchSize, Epochs: s.Epochs, Seed: f.Seed}
	err = inWords("--loss", s.Loss, words.Words[graph.Loss](), func() (err error) {
		how.Loss, err = losses.Parse(s.Loss)
		return err
	})
	if err == nil {
		err = inWords("--optimizer", s.Optimizer, optim.Names(), func() (err error) {
			how.Optimizer, err = optim.New(s.Optimizer, f.learningRate)
			return err
		})
	}
	if err != nil {
		return nil, how, err
	}
	for _, text := range s.Metrics {
		m, err := train.ParseMetric(text)
		if err != nil {
			return nil, how, err
		}
		how.Metrics = append(how.Metrics, m)
	}
	return network, how, nil
}

// Changed lists the flags that a run which goes on cannot change.
func (f *Own) Changed() (names []string) {
	if f.flags == nil { // of another command
		return nil
	}
	f.flags.Visit(func(flag *pflag.Flag) {
		switch flag.Name {
		case "target", "ignore", "numbers", "categories", "layers", "loss", "optimizer", "learning-rate", "batch-size", "validation", "seed":
			names = append(names, "--"+flag.Name)
		}
	})
	return names
}
