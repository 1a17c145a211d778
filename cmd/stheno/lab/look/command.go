package look

import (
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/runs"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train/run"
	"github.com/stheno-ml/stheno/models"
)

// An Origin says where a run's data come from, and whether it is one training.
type Origin struct {
	Dataset  string      // of data that have a name, as datasets.Open takes it
	Dir      string      // a folder of IDX files in their place
	Own      *run.Config // of data of one's own: their File and Targets, and what is held back of them
	Brought  string      // what who brought these to the lab alone, which keeps them for as long as it is there, calls the table, or the zip that they were in; "" of those that lie where they say
	Segments int         // from which step on which settings held: 1 where they stayed as they were
}

// changed says why a run is none that a command, or a program, makes; "" if it is one.
func (o Origin) changed() string {
	if o.Segments > 1 {
		return fmt.Sprintf("its settings were changed %s on its way: a command or a program trains by the same ones from the first step to the last", times(o.Segments-1))
	}
	return ""
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprint(n, " times")
}

// A CommandLine is a run as a command, or why there is none; of data that only the lab has, the command, and what it needs.
type CommandLine struct {
	Command *string `json:"command"`
	Why     Phrase  `json:"why"`
}

// Command is the command line that trains as a run does: the experiment that is nearest, with the flags that differ from it and no others.
func Command(s *Subject, from Origin) CommandLine {
	if why := from.changed(); why != "" {
		return CommandLine{nil, Phrase(why)}
	}
	if from.Own != nil {
		return ownCommand(s, from)
	}
	words, why := runWords(s, from)
	if why != "" {
		return CommandLine{nil, Phrase(why)}
	}
	line := "stheno run"
	for i, w := range words {
		if i%2 == 0 { // not a flag
			w = runs.Quoted(w)
		}
		line += " " + w
	}
	return CommandLine{&line, ""}
}

// runWords are the arguments of stheno run: an experiment, then flags, each with its value.
func runWords(s *Subject, from Origin) (words []string, why string) {
	names := models.Names()
	if at := slices.Index(names, s.Experiment.Name); at >= 0 { // of equally near ones that which it began as
		names = slices.Insert(slices.Delete(names, at, at+1), 0, s.Experiment.Name)
	}
	why = fmt.Sprintf("no experiment of this program scales its values by %v, takes its samples so, and has no setting that a flag cannot undo", s.Experiment.Scale)
	for _, name := range names {
		base, err := models.Find(name)
		if err != nil {
			continue
		}
		flags, ok, err := flagsFrom(base, s.Experiment)
		if err != nil {
			return nil, err.Error()
		}
		if !ok {
			continue
		}
		switch {
		case from.Dir != "":
			flags = append(flags, "--data-dir", from.Dir)
		case from.Dataset != base.On():
			flags = append(flags, "--dataset", from.Dataset)
		}
		if words == nil || len(flags)+1 < len(words) {
			words, why = append([]string{name}, flags...), ""
		}
	}
	if words != nil && s.Seed != 1 {
		words = append(words, "--seed", strconv.FormatUint(s.Seed, 10))
	}
	return words, why
}

// flagsFrom are the flags that make an experiment of another one; not ok where there is a setting that no flag makes.
func flagsFrom(base, e models.Experiment) (flags []string, ok bool, err error) {
	add := func(flag string, value any) { flags = append(flags, "--"+flag, fmt.Sprint(value)) }
	if base.Scale != e.Scale || base.Reconstruct != e.Reconstruct || base.On() != e.On() || (base.Layers != nil) != (e.Layers != nil) && base.Layers != nil {
		return nil, false, nil
	}
	switch {
	case e.Layers != nil:
		now, err := layers.Format(e.Layers...)
		if err != nil {
			return nil, false, err
		}
		was := ""
		if base.Layers != nil {
			if was, err = layers.Format(base.Layers...); err != nil {
				return nil, false, err
			}
		}
		if was != now {
			add("layers", oneLine(now))
		}
		if !reflect.DeepEqual(e.Input, base.Input) {
			if e.Input.Shape == nil || e.Input.IDs || !e.Open() {
				return nil, false, nil
			}
			var sizes []string
			for _, n := range e.Input.Shape {
				sizes = append(sizes, strconv.Itoa(n))
			}
			add("input", strings.Join(sizes, "x"))
		}
	case len(e.Hidden) == 0:
		if len(base.Hidden) > 0 {
			return nil, false, nil
		}
	default:
		if !slices.Equal(base.Hidden, e.Hidden) {
			var widths []string
			for _, n := range e.Hidden {
				widths = append(widths, strconv.Itoa(n))
			}
			add("hidden", strings.Join(widths, ","))
		}
		if base.Activation != e.Activation {
			add("activation", e.Activation)
		}
		if base.Dropout != e.Dropout {
			add("dropout", e.Dropout)
		}
	}
	now, err := losses.Format(e.Loss)
	if err != nil {
		return nil, false, err
	}
	if was, err := losses.Format(base.Loss); err != nil || was != now {
		add("loss", now)
	}
	if flags, err = optimizerFlags(flags, base, e); err != nil {
		return nil, false, err
	}
	for _, n := range []struct {
		flag    string
		was, is int
		least   int
	}{{"batch-size", base.BatchSize, e.BatchSize, 1}, {"epochs", base.Epochs, e.Epochs, 1}, {"train-samples", base.TrainSamples, e.TrainSamples, 1},
		{"early-stopping", base.Patience, e.Patience, 1}, {"shards", max(1, base.Shards), max(1, e.Shards), 1}} {
		if n.was != n.is {
			if n.is < n.least {
				return nil, false, nil
			}
			add(n.flag, n.is)
		}
	}
	for _, v := range []struct {
		flag    string
		was, is float64
	}{{"validation", base.Validation, e.Validation}, {"noise", base.Noise, e.Noise}, {"mislabelled", base.Mislabelled, e.Mislabelled}} {
		if v.was != v.is {
			add(v.flag, strconv.FormatFloat(v.is, 'g', -1, 64))
		}
	}
	if !slices.Equal(base.Frozen, e.Frozen) {
		if len(e.Frozen) == 0 {
			return nil, false, nil
		}
		add("freeze", strings.Join(e.Frozen, ","))
	}
	return flags, true, nil
}

// optimizerFlags adds the optimizer and its learning rate, where they differ.
func optimizerFlags(flags []string, base, e models.Experiment) ([]string, error) {
	o, err := optim.New(e.Optimizer, e.LearningRate)
	if err != nil {
		return nil, err
	}
	was, err := optim.New(base.Optimizer, base.LearningRate)
	if err != nil {
		return nil, err
	}
	if sameOptimizer(o, was) {
		return flags, nil
	}
	rate := strconv.FormatFloat(ownRate(o), 'g', -1, 64)
	was.SetRate(ownRate(o))
	if sameOptimizer(o, was) && base.Optimizer == e.Optimizer {
		return append(flags, "--learning-rate", rate), nil
	}
	plain, err := optim.New(e.Optimizer, 0)
	if err != nil {
		return nil, err
	}
	if flags = append(flags, "--optimizer", e.Optimizer); !sameOptimizer(plain, o) {
		flags = append(flags, "--learning-rate", rate)
	}
	return flags, nil
}

// file is where data of one's own are for who brought them: a table by its name, what was in a zip in a folder beside that.
func (o Origin) file() string {
	switch {
	case o.Brought == "":
		return o.Own.File
	case zipped(o.Brought):
		return unnumbered(o.Own.File)
	}
	return o.Brought
}

func zipped(name string) bool { return strings.EqualFold(filepath.Ext(name), ".zip") }

// unnumbered is the path of a file without where the lab has put it, which is a folder with a number.
func unnumbered(file string) string {
	parts := strings.Split(filepath.ToSlash(file), "/")
	for i := len(parts) - 2; i > 0; i-- {
		if _, err := strconv.ParseUint(parts[i], 10, 32); err == nil && (parts[i-1] == "uploads" || parts[i-1] == "data") {
			return strings.Join(parts[i+1:], "/")
		}
	}
	return filepath.Base(file)
}

// ownCommand is that of a training on data of one's own.
func ownCommand(s *Subject, from Origin) CommandLine {
	e := s.Experiment
	if e.Scale != 1 && e.Scale != 0 {
		return CommandLine{nil, "its values are scaled beside their preparation, for which stheno train has no flag"}
	}
	how, err := e.Config(models.RunOptions{Seed: s.Seed})
	if err != nil {
		return CommandLine{nil, Phrase(err.Error())}
	}
	c, err := run.NewConfig(e.Name, s.Model, s.Fit, how)
	if err != nil {
		return CommandLine{nil, Phrase(err.Error())}
	}
	c.File, c.Targets, c.Preparation = from.Own.File, from.Own.Targets, s.Prepare
	why := ""
	if from.Brought != "" {
		c.File = from.file()
		if into, _, _ := strings.Cut(c.File, "/"); zipped(from.Brought) {
			why = fmt.Sprintf("unpack the zip first, in the folder in which it lies: %s", "unzip "+runs.Quoted(from.Brought)+" -d "+runs.Quoted(into))
		} else {
			why = fmt.Sprintf("run it in the folder in which %s lies", c.File)
		}
	}
	c.Experiment.Validation, c.Experiment.Patience = e.Validation, e.Patience
	c.Experiment.Groups, c.Experiment.ByTime = from.Own.Experiment.Groups, from.Own.Experiment.ByTime
	line := runs.CommandOf(c)
	if line == "" {
		return CommandLine{nil, "its network, loss or optimizer has no words"}
	}
	return CommandLine{&line, Phrase(why)}
}
