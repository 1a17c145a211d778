package flags

import (
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/complete"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/optim"
	words "github.com/stheno-ml/stheno/graph/text"
	"github.com/stheno-ml/stheno/graph/train"
)

// Training say how a training goes, whatever is trained: what is part of its bits, around the optimizer and beside it, and what only ends or shows it.
type Training struct {
	Validation float64  // the share of the training samples that is held out; 0 for none
	Patience   int      // of early stopping, on these; 0 for none
	Frozen     []string // names of layers
	Shards     int
	Board      string // the folder for TensorBoard; "" for none

	schedule, clip, log, until string
	decay, ema                 float64
	limit                      time.Duration
	flags                      *pflag.FlagSet
}

// Add gives the flags to a command.
func (f *Training) Add(cmd *cobra.Command) {
	f.flags = cmd.Flags()
	f.flags.Float64Var(&f.Validation, "validation", 0, "hold this `SHARE` of the samples out, such as 0.1, and evaluate it after each epoch; 0 for none")
	f.flags.IntVar(&f.Patience, "early-stopping", 0, "stop when the validation loss has not gone down for `N` epochs, and put the best weights back; 0 for all epochs")
	f.flags.StringVar(&f.schedule, "schedule", "", "of the learning rate, in words, such as \"warmup 100, cosine\": see stheno schedule")
	f.flags.StringVar(&f.clip, "clip", "", "cut the gradients' norm to `LIMIT`, such as 1, or layer=1 for each layer's, or value=0.5 for each element")
	f.flags.Float64Var(&f.decay, "weight-decay", 0, "shrink the weights by this share of the learning rate a step; biases and norms stay")
	f.flags.Float64Var(&f.ema, "ema", 0, "evaluate with averages of the weights, which keep this `SHARE` of themselves a step, such as 0.999")
	Names(f.flags, &f.Frozen, "freeze", "`LAYERS` that stay as they are, such as dense_1,dense_2: summary shows their names")
	f.flags.IntVar(&f.Shards, "shards", 1, "run each batch in `N` parts, whose gradients are added up: less memory for a large one")
	f.flags.StringVar(&f.log, "log", "", "write a line for each epoch to `FILE`, .csv or .jsonl; - is standard output, as JSON, with the result as the last line")
	TensorBoard(cmd, &f.Board, "run")
	f.flags.DurationVar(&f.limit, "time-limit", 0, "stop after so much `TIME`, such as 90s or 2h; --resume goes on")
	f.flags.StringVar(&f.until, "until", "", "stop after the epoch in which a `FIGURE` is reached, such as accuracy=0.95 or loss=0.1: of the validation if there is one")
	f.flags.Lookup("time-limit").DefValue = ""
	f.flags.Lookup("shards").DefValue = ""
	complete.Flag(cmd, "schedule", complete.Words[optim.Schedule])
	for _, name := range []string{"freeze", "time-limit", "clip"} {
		_ = cmd.RegisterFlagCompletionFunc(name, cobra.NoFileCompletions)
	}
	complete.With(cmd, "until", []string{"accuracy=", "loss="})
}

// TensorBoard gives a command the flag of that name, which it keeps in dir.
func TensorBoard(cmd *cobra.Command, dir *string, each string) {
	cmd.Flags().StringVar(dir, "tensorboard", "", "write for TensorBoard what happens, in a folder for each "+each+" in `FOLDER`: curves, histograms, pictures")
	_ = cmd.MarkFlagDirname("tensorboard")
}

// ErrBoard is of a --tensorboard that names no folder.
var ErrBoard = usage.Errorf("--tensorboard: got \"\", want a folder, such as logs")

// Changed lists the flags that were given and are part of what a training comes to.
func (f *Training) Changed() []string {
	return given(f.flags, "validation", "early-stopping", "schedule", "clip", "weight-decay", "ema", "freeze", "shards")
}

// given are the flags of these names that were given.
func given(of *pflag.FlagSet, names ...string) (all []string) {
	for _, name := range names {
		if of.Changed(name) {
			all = append(all, "--"+name)
		}
	}
	return all
}

// Check refuses values that no flag takes, and flags that contradict each other.
func (f *Training) Check() error {
	on := f.flags.Changed
	flag := f.flags.Lookup
	var errs []error
	check := func(name string, ok bool, want string) {
		if on(name) {
			errs = append(errs, require(ok, flag(name), want))
		}
	}
	check("validation", f.Validation >= 0 && f.Validation < 1, "a share of at least 0 and below 1, such as 0.1")
	check("early-stopping", f.Patience >= 0, "at least 0 epochs")
	check("weight-decay", f.decay >= 0 && f.decay <= math.MaxFloat64, "a number of at least 0")
	check("ema", f.ema > 0 && f.ema < 1, "a share above 0 and below 1, such as 0.999")
	check("shards", f.Shards >= 1, "at least 1")
	check("time-limit", f.limit > 0, "a time above 0, such as 90s")
	check("freeze", !slices.Contains(f.Frozen, ""), "names of layers with commas between them")
	if on("log") && f.log != "-" && !slices.Contains([]string{".csv", ".jsonl", ".ndjson", ".json"}, strings.ToLower(filepath.Ext(f.log))) {
		errs = append(errs, usage.Errorf("--log: got %q, want a file whose name ends in .csv or .jsonl, or - for standard output", f.log))
	}
	if on("tensorboard") && f.Board == "" {
		errs = append(errs, ErrBoard)
	}
	if on("until") {
		_, _, err := f.reaches()
		errs = append(errs, err)
	}
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// Stops refuses early stopping where nothing is held out for it; patience and validation are those that the flags and what they change come to.
func (f *Training) Stops(patience int, validation float64) error {
	switch {
	case patience == 0 || validation > 0:
		return nil
	case f.flags.Changed("early-stopping"):
		return usage.Errorf("--early-stopping: it looks at the validation loss, and nothing is held out: give --validation too, such as --validation 0.1")
	}
	return usage.Errorf("--validation: got 0, and early stopping after %d epochs looks at what is held out: give --early-stopping 0 too", patience)
}

// Optimizer is one with what the flags put around it: its weight decay, then the schedule, the clipping, the averages.
func (f *Training) Optimizer(o optim.Optimizer) (optim.Optimizer, error) {
	on := f.flags.Changed
	if on("weight-decay") {
		if err := f.decayed(o); err != nil {
			return nil, err
		}
	}
	if on("schedule") {
		schedule, err := optim.ParseSchedule(f.schedule)
		if err != nil {
			return nil, wrong("--schedule", f.schedule, err)
		}
		o = &optim.Scheduled{Optimizer: o, Schedule: schedule}
	}
	if on("clip") {
		clip, err := optim.New("clip sgd "+f.clip, 0)
		c, ok := clip.(*optim.Clip)
		if err == nil && (!ok || c.Norm+c.Layer+c.Value == 0) {
			err = fmt.Errorf("want a number above 0, such as 1, layer=1 or value=0.5")
		}
		if err != nil {
			return nil, wrong("--clip", f.clip, err)
		}
		o = &optim.Clip{Optimizer: o, Norm: c.Norm, Layer: c.Layer, Value: c.Value}
	}
	if on("ema") {
		o = &optim.EMA{Optimizer: o, Decay: f.ema}
	}
	if err := o.Validate(); err != nil {
		return nil, usage.Errorf("--optimizer, with %s: %s", strings.Join(given(f.flags, "weight-decay", "schedule", "clip", "ema"), ", "), strings.TrimPrefix(err.Error(), "optim: "))
	}
	return o, nil
}

// decayed sets the weight decay of the optimizer that makes the steps.
func (f *Training) decayed(o optim.Optimizer) error {
	for w, ok := o.(optim.Wrapper); ok; w, ok = o.(optim.Wrapper) {
		o = w.Unwrap()
	}
	v := reflect.Indirect(reflect.ValueOf(o)) // every optimizer of ours has the same two fields
	if v.Kind() != reflect.Struct || !v.FieldByName("WeightDecay").IsValid() || !v.FieldByName("MatricesOnly").IsValid() {
		return usage.Errorf("--weight-decay: optimizer %s has none", o.Name())
	}
	v.FieldByName("MatricesOnly").SetBool(true)
	if f.decay == 0 {
		f.decay = optim.Zero
	}
	v.FieldByName("WeightDecay").SetFloat(f.decay)
	return nil
}

// wrong is a flag whose words say nothing.
func wrong(flag, text string, err error) error {
	var place *words.Error
	if errors.As(err, &place) {
		err = place
	}
	return usage.Errorf("%s: got %q: %s", flag, text, strings.TrimPrefix(err.Error(), "optim: "))
}

// reaches is what --until says.
func (f *Training) reaches() (figure string, value float64, err error) {
	figure, number, ok := strings.Cut(f.until, "=")
	if value, err = strconv.ParseFloat(number, 64); !ok || err != nil || value-value != 0 {
		return "", 0, usage.Errorf("--until: got %q, want a figure and a number, such as accuracy=0.95 or loss=0.1", f.until)
	}
	if _, err := train.ParseMetric(figure); figure != "loss" && err != nil {
		return "", 0, usage.Errorf("--until: got %q, want loss or a metric's name before the =, such as accuracy", figure)
	}
	return figure, value, nil
}

// LogsTo says whether the log is to go to standard output, where only it and the result may stand.
func (f *Training) LogsTo() (standardOutput bool) { return f.log == "-" }

// Several is an error where the flags suit one training alone.
func (f *Training) Several() error {
	if f.log != "" && f.log != "-" {
		return usage.Errorf("--log: one file cannot hold several experiments: run them one by one, or give - for standard output")
	}
	return nil
}

// Observers are those that the flags ask for.
func (f *Training) Observers(out io.Writer) (all []train.Observer) {
	switch f.log {
	case "":
	case "-":
		all = append(all, train.LogTo(out))
	default:
		all = append(all, train.Log(f.log))
	}
	if f.limit > 0 {
		all = append(all, train.TimeLimit(f.limit))
	}
	if f.until != "" {
		if figure, value, err := f.reaches(); err == nil {
			all = append(all, train.Target(figure, value))
		}
	}
	return all
}

// Freeze keeps the layers of --freeze as they are; names that the model does not have, and all that learn, are a wrong command line.
func (f *Training) Freeze(m *graph.Model, of string) error {
	if len(f.Frozen) == 0 {
		return nil
	}
	if err := m.Freeze(f.Frozen...); err != nil {
		return usage.Errorf("--freeze: %s", strings.TrimPrefix(err.Error(), "graph: "))
	}
	if len(m.Trainable()) == 0 {
		return usage.Errorf("--freeze: got all layers of %s that learn anything, want some that are left to learn", of)
	}
	return nil
}
