package flags

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/complete"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/own"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/train"
)

// Own say what is learnt of data of one's own, and how, where not as suits the data.
type Own struct {
	Fit
	Training Training
	Reading  own.Reading
	layers   string
	prepare  string
}

// ownValidation is the share of one's own data that is held out where nobody says another.
const ownValidation = .2

// Add gives the flags to a command.
func (f *Own) Add(cmd *cobra.Command) {
	f.Fit.add(cmd)
	f.Training.Add(cmd)
	f.Training.Validation = ownValidation
	Names(f.flags, &f.Reading.Columns.Target, "target", "`column` of a table that is to be learnt; several of numbers apart by commas")
	Names(f.flags, &f.Reading.Columns.Ignore, "ignore", "`columns` not to be learnt from")
	Names(f.flags, &f.Reading.Columns.Numbers, "numbers", "`columns` of numbers, though they look like classes")
	Names(f.flags, &f.Reading.Columns.Categories, "categories", "`columns` of names, though they look like numbers")
	Names(f.flags, &f.Reading.Columns.Texts, "text", "`columns` of texts to be read word by word, beside other columns")
	f.flags.BoolVar(&f.Reading.SkipDamaged, "skip-damaged", false, "pictures that cannot be read are left out, and named; else they are an error")
	f.flags.StringVar(&f.Reading.Groups, "groups", "", "`COLUMN` of what samples have in common, such as a patient: none of them is both learnt from and held back")
	f.flags.StringVar(&f.Reading.ByTime, "by-time", "", "`COLUMN` of dates or numbers that says when a sample was: the latest are held back")
	f.flags.IntVar(&f.Reading.Window, "window", 0, "the rows are a series in the order of time, of which a sample sees `N` in a row")
	f.flags.IntVar(&f.Reading.Ahead, "ahead", 0, "of a series: how many rows after the last that it sees the target is")
	f.flags.BoolVar(&f.Reading.Sequence, "sequence", false, "the columns of a row, or the first axis of an array's samples, are times: a network for sequences")
	f.flags.BoolVar(&f.Reading.Texts.Words, "words", false, "a text to be gone on with is learnt word by word, not by characters")
	f.flags.IntVar(&f.Reading.Texts.Length, "length", 0, "of a text to be gone on with: characters, or words, in a sample")
	f.flags.StringVar(&f.prepare, "prepare", "", "what is done to samples before the network sees them: `STEPS`, such as \"fill-missing, one-hot, standardize\", or none")
	f.flags.StringVar(&f.layers, "layers", "", "the `NETWORK`: layers in words, as stheno layers lists them, or @FILE")
	complete.Flag(cmd, "layers", complete.Layers)
	for name, suits := range map[string]string{
		"ahead": "1 of numbers, 0 of classes", "length": "64", "prepare": "those that suit the data, which are printed",
		"layers": "one that suits the data, which is printed", "loss": "cross-entropy of classes, mse of numbers", "optimizer": "adam", "validation": "0.2",
		"batch-size": "32; more of many samples", "epochs": "at most 200; fewer of many samples, or of pictures", "early-stopping": "20; 10 of many samples, or of pictures",
	} {
		flag := f.flags.Lookup(name)
		flag.Usage, flag.DefValue = flag.Usage+" (default "+suits+")", ""
	}
}

// Check refuses values out of their range, before any data are read.
func (f *Own) Check() error {
	if err := f.Fit.check(); err != nil {
		return err
	}
	r := &f.Reading
	r.Asked = f.flags.Changed("ahead")
	for _, c := range []struct {
		flag string
		ok   bool
		want string
	}{{"window", r.Window >= 1, "at least 1"}, {"ahead", r.Ahead >= 0, "at least 0"}, {"length", r.Texts.Length >= 1, "at least 1"}} {
		if f.flags.Changed(c.flag) {
			if err := require(c.ok, f.flags.Lookup(c.flag), c.want); err != nil {
				return err
			}
		}
	}
	for _, name := range []string{"groups", "by-time"} {
		switch flag := f.flags.Lookup(name); {
		case !f.flags.Changed(name):
		case flag.Value.String() == "":
			return usage.Errorf("--%s: got \"\", want a column", name)
		case f.flags.Changed("validation") && f.Training.Validation == 0:
			return usage.Errorf("--%s: it says which samples are held back, and --validation 0 holds none: leave one out", name)
		}
	}
	if r.Groups != "" && r.ByTime != "" {
		return usage.Errorf("--groups: got --by-time too, want one of them: samples are held back by what they have in common, or by their time")
	}
	if err := f.Training.Check(); err != nil {
		return err
	}
	return f.Training.Stops(f.Training.Patience, f.Training.Validation)
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
	if f.flags.Changed("prepare") && f.prepare == "none" {
		s.Steps = nil
	} else if f.flags.Changed("prepare") {
		if s.Steps, err = datasets.ParseSteps(f.prepare); err != nil {
			return nil, how, usage.Errorf("--prepare: %s", strings.TrimPrefix(err.Error(), "datasets: "))
		}
	}
	if f.flags.Changed("loss") && f.loss != s.Loss {
		s.Loss, s.Metrics = f.loss, nil // those that suit it
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
		s.Patience = f.Training.Patience
	}
	if f.Training.Validation == 0 {
		s.Patience = 0 // the running loss gets better and better
	}
	if f.Training.Shards > s.BatchSize {
		return nil, how, usage.Errorf("--shards: got %d, want at most %d, the samples of a batch", f.Training.Shards, s.BatchSize)
	}
	how = train.Config{BatchSize: s.BatchSize, Epochs: s.Epochs, Shards: f.Training.Shards, Seed: f.Seed}
	if how.Loss, err = LossOf(s.Loss); err != nil {
		return nil, how, err
	}
	if how.Optimizer, err = optimizerOf(s.Optimizer, f.learningRate); err != nil {
		return nil, how, err
	}
	if how.Optimizer, err = f.Training.Optimizer(how.Optimizer); err != nil {
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
		case "target", "ignore", "numbers", "categories", "text", "groups", "by-time", "window", "ahead", "sequence", "words", "length", "prepare", "layers", "loss", "optimizer", "learning-rate", "batch-size", "seed":
			names = append(names, "--"+flag.Name)
		}
	})
	for _, name := range f.Training.Changed() {
		if name != "--early-stopping" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}
