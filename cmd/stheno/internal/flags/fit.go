package flags

import (
	"math"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/complete"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/optim"
	words "github.com/stheno-ml/stheno/graph/text"
)

// Fit say with which loss and optimizer a network is fitted, and how long: to an experiment's data, or to one's own.
type Fit struct {
	Epochs          int
	Seed            uint64
	batchSize       int
	learningRate    float64
	optimizer, loss string
	flags           *pflag.FlagSet
}

// add gives a command the flags.
func (f *Fit) add(cmd *cobra.Command) {
	f.flags = cmd.Flags()
	f.flags.IntVar(&f.Epochs, "epochs", 0, "passes over the training samples")
	f.flags.IntVar(&f.batchSize, "batch-size", 0, "samples a step")
	f.flags.Float64Var(&f.learningRate, "learning-rate", 0, "how far a step goes, in place of the optimizer's own")
	f.flags.StringVar(&f.optimizer, "optimizer", "", "in words, such as \"adam 0.001 beta1=0.8\": one of "+strings.Join(optim.Names(), ", "))
	f.flags.StringVar(&f.loss, "loss", "", "in words, such as \"huber 0.5\": one of "+strings.Join(losses.Names(), ", "))
	f.flags.Uint64Var(&f.Seed, "seed", 1, "of every random number: weights, order, dropout, noise")
	complete.Flag(cmd, "optimizer", complete.Words[optim.Optimizer])
	complete.Flag(cmd, "loss", complete.Words[graph.Loss])
}

// check refuses values out of their range.
func (f *Fit) check() error {
	for _, c := range []struct {
		flag string
		ok   bool
		want string
	}{
		{"batch-size", f.batchSize >= 1, "at least 1"}, {"epochs", f.Epochs >= 1, "at least 1"}, {"learning-rate", f.learningRate > 0 && !math.IsInf(f.learningRate, 0), "a number above 0"},
	} {
		if f.flags.Changed(c.flag) {
			if err := require(c.ok, f.flags.Lookup(c.flag), c.want); err != nil {
				return err
			}
		}
	}
	return nil
}

// LossOf reads the words of --loss.
func LossOf(text string) (loss graph.Loss, err error) {
	err = inWords("--loss", text, words.Words[graph.Loss](), func() (err error) {
		loss, err = losses.Parse(text)
		return err
	})
	return loss, err
}

// optimizerOf reads the words of --optimizer, with the learning rate in place of its own where that is not 0.
func optimizerOf(text string, rate float64) (o optim.Optimizer, err error) {
	err = inWords("--optimizer", text, optim.Names(), func() (err error) {
		o, err = optim.New(text, rate)
		return err
	})
	return o, err
}
