package runs

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/own"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/term"
	"github.com/stheno-ml/stheno/graph/blas"
	htmlreport "github.com/stheno-ml/stheno/graph/inspect/report"
	"github.com/stheno-ml/stheno/graph/train/run"
	"github.com/stheno-ml/stheno/models"
)

// Lecture is what the lecture showed of a run's experiment; nothing of one that was changed, or was trained on other data.
func Lecture(f *run.Folder) []htmlreport.Setting {
	e, _ := models.OfRun(f.Config) // of another it is the zero value, without figures
	l := e.Lecture
	var all []htmlreport.Setting
	add := func(name string, value float64, format byte, places int) {
		if value != 0 {
			all = append(all, htmlreport.Setting{Name: name, Value: strings.TrimPrefix(strconv.FormatFloat(value, format, places, 64), "0")})
		}
	}
	add("training accuracy", l.Train, 'f', 4)
	add("test accuracy", l.Test, 'f', 4)
	add("noisy test accuracy", l.NoisyTest, 'f', 4)
	add("running loss, epoch 20", l.RunningLoss, 'g', -1)
	add("running accuracy, epoch 20", l.RunningAccuracy, 'f', 4)
	return all
}

// Settings are all that a run depends on.
func Settings(f *run.Folder) []htmlreport.Setting {
	c := f.Config
	e := c.Experiment
	all := []htmlreport.Setting{
		{Name: "experiment", Value: e.Name}, {Name: "network", Value: oneLine(e.Network)}, {Name: "loss", Value: e.Loss}, {Name: "optimizer", Value: e.Optimizer},
		{Name: "batch size", Value: fmt.Sprint(e.BatchSize)},
		{Name: "epochs", Value: fmt.Sprint(e.Epochs)}, {Name: "training samples", Value: orAll(e.TrainSamples)}, {Name: "held out to validate on", Value: orNone(e.Validation, "of the training samples"+heldBy(e))}, {Name: "early stopping", Value: orNone(float64(e.Patience), "epochs")},
		{Name: "frozen", Value: cmp.Or(strings.Join(e.Frozen, ", "), "nothing")}, {Name: "shards", Value: fmt.Sprint(max(1, e.Shards))}, {Name: "scale", Value: fmt.Sprint(e.Scale)},
		{Name: "noise on a second test set", Value: fmt.Sprint(e.Noise)}, {Name: "mislabelled", Value: orNone(e.Mislabelled, "of the training samples")}, {Name: "seed", Value: fmt.Sprint(c.Seed)}, {Name: "data set", Value: orOwn(cmp.Or(c.Dataset, c.File))},
		{Name: "BLAS", Value: engine(c.BLAS)},
	}
	if c.File != "" {
		all = append(all, ofOwn(c)...)
	}
	var names []string
	for name := range c.Versions {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		all = append(all, htmlreport.Setting{Name: name, Value: c.Versions[name]})
	}
	changes, _ := OnTheWay(f) // a damaged log is said where the run is opened
	for _, change := range changes {
		all = append(all, htmlreport.Setting{Name: fmt.Sprintf("changed at step %d", change.Step), Value: change.What})
	}
	for _, change := range c.Changes {
		all = append(all, htmlreport.Setting{Name: fmt.Sprintf("BLAS from step %d on", change.Step), Value: engine(change.BLAS)})
	}
	return all
}

// ofOwn are the settings that a run on data of one's own has beside those of others.
func ofOwn(c run.Config) (all []htmlreport.Setting) {
	add := func(name, value string) {
		if value != "" {
			all = append(all, htmlreport.Setting{Name: name, Value: value})
		}
	}
	add("file of the targets", c.Targets)
	add("preparation", cmp.Or(c.Preparation.String(), "none"))
	source := c.Preparation.Source()
	add("target", strings.Join(own.Target(source), ", "))
	if source == nil {
		return all
	}
	if s := source.Columns; s != nil {
		add("ignored columns", strings.Join(s.Ignore, ", "))
		add("columns of texts", strings.Join(s.Texts, ", "))
	}
	if w := source.Window; w != nil {
		add("window", fmt.Sprintf("%d rows, the target %d ahead", w.Length, w.Ahead))
	}
	if t := source.Texts; t != nil {
		add("text", fmt.Sprintf("by %s, %d a sample, of %d", map[bool]string{true: "words", false: "characters"}[t.Words], t.Length, len(t.Vocabulary)))
	}
	if p := source.Pictures; p != nil {
		add("pictures", fmt.Sprintf("of %d×%d pixels", p.Height, p.Width))
	}
	return all
}

// heldBy is how samples are held out, where not by chance.
func heldBy(e run.Experiment) string {
	switch {
	case e.Groups != "":
		return ", whole groups of one " + e.Groups
	case e.ByTime != "":
		return ", the latest by " + e.ByTime
	}
	return ""
}

func engine(i blas.Info) string {
	threads := "1 thread"
	if i.Threads != 1 {
		threads = fmt.Sprint(i.Threads, " threads")
	}
	return strings.Join(strings.Fields(fmt.Sprint(i.Name, " ", i.Version, " ", i.Kernel)), " ") + ", " + threads
}

func orAll(n int) string {
	if n == 0 {
		return "all"
	}
	return fmt.Sprint(n)
}

func orNone(x float64, of string) string {
	if x == 0 {
		return "none"
	}
	return fmt.Sprint(x, " ", of)
}

func orOwn(name string) string {
	if name == "" {
		return "files of one's own"
	}
	return name
}

func joined(widths []int) string {
	parts := make([]string, len(widths))
	for i, w := range widths {
		parts[i] = strconv.Itoa(w)
	}
	return strings.Join(parts, ",")
}

// Command is the command line that repeats a run; "" of one that another program trained, and of one that the lab has changed on its way.
func Command(f *run.Folder) string {
	if changes, err := OnTheWay(f); err != nil || len(changes) > 0 {
		return ""
	}
	return CommandOf(f.Config)
}

// CommandOf is Command of a run that is so configured. A scale has no flag: it is the experiment's.
func CommandOf(c run.Config) string {
	if c.File != "" {
		return trainCommand(c)
	}
	e, err := models.OfRun(c)
	if _, none := models.Find(e.Name); err != nil || none != nil {
		return ""
	}
	args := []string{"stheno run " + Quoted(e.Name), "--seed " + fmt.Sprint(c.Seed)}
	add := func(flag string, value any) { args = append(args, "--"+flag+" "+Quoted(fmt.Sprint(value))) }
	switch {
	case e.Layers != nil:
		add("layers", oneLine(c.Experiment.Network))
	case len(e.Hidden) > 0:
		add("hidden", joined(e.Hidden))
		add("activation", e.Activation)
		add("dropout", e.Dropout)
	default:
		add("layers", fmt.Sprintf("dense %d softmax", len(c.Classes)))
	}
	add("loss", c.Experiment.Loss)
	add("optimizer", c.Experiment.Optimizer)
	add("batch-size", e.BatchSize)
	add("epochs", e.Epochs)
	if e.TrainSamples != 0 {
		add("train-samples", e.TrainSamples)
	}
	if e.Validation != 0 {
		add("validation", e.Validation)
	}
	if e.Patience != 0 {
		add("early-stopping", e.Patience)
	}
	if len(e.Frozen) > 0 {
		add("freeze", strings.Join(e.Frozen, ","))
	}
	if e.Shards > 1 {
		add("shards", e.Shards)
	}
	add("noise", e.Noise)
	if e.Mislabelled != 0 {
		add("mislabelled", e.Mislabelled)
	}
	if c.Dataset != "" {
		add("dataset", c.Dataset)
	} else {
		add("data-dir", "FOLDER")
	}
	add("blas", c.BLAS.Name)
	add("threads", c.BLAS.Threads)
	return strings.Join(args, " \\\n  ")
}

// trainCommand is the one that repeats a run on data of one's own.
func trainCommand(c run.Config) string {
	e := c.Experiment
	if len(e.Own) > 0 {
		return ""
	}
	line, args := "stheno train", []string{}
	add := func(flag string, value any) { args = append(args, "--"+flag+" "+Quoted(fmt.Sprint(value))) }
	for _, a := range own.Arguments(c) {
		switch {
		case a.Flag == "":
			line += " " + Quoted(a.Value)
		case a.Value == "":
			args = append(args, "--"+a.Flag)
		default:
			add(a.Flag, a.Value)
		}
	}
	add("prepare", cmp.Or(c.Preparation.String(), "none"))
	add("layers", own.OneLine(e.Network))
	add("loss", e.Loss)
	add("optimizer", e.Optimizer)
	add("batch-size", e.BatchSize)
	add("epochs", e.Epochs)
	add("validation", e.Validation)
	if e.Validation > 0 {
		add("early-stopping", e.Patience)
	}
	if len(e.Frozen) > 0 {
		add("freeze", strings.Join(e.Frozen, ","))
	}
	if e.Shards > 1 {
		add("shards", e.Shards)
	}
	add("seed", c.Seed)
	add("blas", c.BLAS.Name)
	add("threads", c.BLAS.Threads)
	return strings.Join(append([]string{line}, args...), " \\\n  ")
}

// oneLine is a network's words on one line.
func oneLine(words string) string { return strings.ReplaceAll(words, "\n", ", ") }

var safeWord = regexp.MustCompile(`^[A-Za-z0-9_./,:+%@][A-Za-z0-9_./,:+%@-]*$`)

// Quoted is a word of a command line that is shown to be copied: one that a shell would read as more is put between quotes.
func Quoted(word string) string {
	if safeWord.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(term.Plain(word), "'", `'\''`) + "'"
}
