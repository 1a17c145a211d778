package flags

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/graph/train/run"
	"github.com/stheno-ml/stheno/models"
)

// Axes are the flags of an Experiment with several values each, of which a sweep tries every one.
type Axes struct {
	Seed uint64 // the first
	all  []*axis
	own  []*passed
}

// apart are flags of an Experiment that are no setting of a sweep.
var apart = []string{"seed", "log", "time-limit", "until", "tensorboard"}

// held is the share that a sweep holds out where nobody says another.
const held = "0.2"

// Add gives a command every flag that says what is trained, but those.
func (f *Axes) Add(cmd *cobra.Command) {
	one := newVariant()
	one.cmd.Flags().VisitAll(func(flag *pflag.Flag) {
		if !slices.Contains(apart, flag.Name) {
			a := &axis{name: flag.Name, one: flag.Value}
			if flag.Value, flag.DefValue = a, ""; flag.Name == "validation" {
				flag.DefValue = held
			}
			f.all = append(f.all, a)
			cmd.Flags().AddFlag(flag) // with what completes it
		}
	})
	f.addOwn(cmd)
	cmd.Flags().Uint64Var(&f.Seed, "seed", 1, "the first of the --seeds; what is drawn at random follows from it too")
}

// variant is one of the experiments, by the flags that run has for it.
type variant struct {
	cmd        *cobra.Command
	experiment Experiment
	training   Training
}

func newVariant() *variant {
	v := &variant{cmd: &cobra.Command{}}
	v.experiment.Add(v.cmd)
	v.training.Add(v.cmd)
	return v
}

// An axis is a flag with several values.
type axis struct {
	name string
	one  pflag.Value // the Experiment's, which says whether a value is one
	of   models.Axis // its Values, or its range
}

// slashed says whether a value has commas itself, so that a slash stands between two: the flag's type says so, or else words that come in turn.
func (a *axis) slashed() bool {
	return slices.Contains([]string{"intSlice", "stringSlice"}, a.one.Type()) || a.name == "layers" || a.name == "schedule"
}

func (a *axis) numbers() bool { return a.one.Type() == "int" || a.one.Type() == "float64" }

// Set adds the values of a text.
func (a *axis) Set(text string) error {
	values := []string{text}
	switch {
	case strings.HasPrefix(text, "@"): // a file, whose path may have slashes
	case a.slashed():
		values = strings.Split(text, "/")
	default:
		values = split(text)
	}
	if a.numbers() && strings.Contains(text, "..") {
		return a.setRange(text)
	}
	for _, v := range values {
		v = strings.TrimSpace(v)
		if err := a.one.Set(v); err != nil {
			return err
		}
		if v == "" {
			return errors.New("an empty value")
		}
		if slices.Contains(a.of.Values, v) {
			return fmt.Errorf("%s is there twice", v)
		}
		a.of.Values = append(a.of.Values, v)
	}
	a.of.Name, a.of.Low, a.of.High = a.name, 0, 0
	return nil
}

// setRange takes 0.1..0.5, or log:0.0001..0.1.
func (a *axis) setRange(text string) (err error) {
	rest, log := strings.CutPrefix(text, "log:")
	low, high, _ := strings.Cut(rest, "..")
	of := models.Axis{Name: a.name, Log: log, Whole: a.one.Type() == "int"}
	if of.Low, err = strconv.ParseFloat(low, 64); err == nil {
		of.High, err = strconv.ParseFloat(high, 64)
	}
	switch {
	case err != nil:
		return err
	case !(of.Low < of.High) || math.IsInf(of.High-of.Low, 0):
		return errors.New("a range goes from the lesser number to the greater")
	case log && of.Low <= 0:
		return errors.New("a range by logarithms begins above 0")
	case len(a.of.Values) > 0:
		return errors.New("a range stands alone")
	}
	for _, v := range []string{low, high} {
		if err := a.one.Set(v); err != nil {
			return err
		}
	}
	a.of = of
	return nil
}

func (a *axis) ranged() bool { return a.of.Low < a.of.High }

func (a *axis) String() string { return strings.Join(a.of.Values, ",") }

// Type is what stands for the values in a help.
func (a *axis) Type() string {
	switch a.one.Type() {
	case "int":
		return "N,…"
	case "float64":
		return "X,…"
	case "intSlice":
		return "N,…/…"
	case "string":
		return "NAME,…"
	}
	return "NAME,…/…"
}

// split splits a text at the commas outside of its brackets.
func split(text string) (all []string) {
	depth, from := 0, 0
	for i, c := range text {
		switch {
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == ',' && depth == 0:
			all = append(all, text[from:i])
			from = i + 1
		}
	}
	return append(all, text[from:])
}

// Ranged says which flag names a range; "" if none does.
func (f *Axes) Ranged() string {
	for _, a := range f.all {
		if a.ranged() {
			return "--" + a.name
		}
	}
	return ""
}

// Changed are the flags that were given, but for --seed.
func (f *Axes) Changed() (names []string) {
	for _, a := range f.all {
		if a.ranged() || len(a.of.Values) > 0 {
			names = append(names, "--"+a.name)
		}
	}
	return append(names, f.ofOwn()...)
}

// Axes are those of which more than one value is tried.
func (f *Axes) Axes() (axes []models.Axis) {
	for _, a := range f.all {
		if a.ranged() || len(a.of.Values) > 1 {
			axes = append(axes, a.of)
		}
	}
	return axes
}

// with are settings, and what was given once.
func (f *Axes) with(settings []run.Setting) []run.Setting {
	all := slices.Clone(settings)
	for _, a := range f.all {
		if !a.ranged() && len(a.of.Values) == 1 {
			all = append(all, run.Setting{Name: a.name, Value: a.of.Values[0]})
		}
	}
	return all
}

// Variant is the experiment of that name with settings of the axes, and with what all have that was given once.
func (f *Axes) Variant(name string, settings []run.Setting) (models.Variant, error) {
	if own := f.ofOwn(); len(own) > 0 {
		return models.Variant{}, usage.Errorf("%s: it is of data of your own, and %s is an experiment that comes with the program: leave it out", strings.Join(own, ", "), name)
	}
	v := newVariant()
	_ = v.cmd.Flags().Set("validation", held)
	for _, s := range f.with(settings) {
		if err := v.cmd.Flags().Set(s.Name, s.Value); err != nil {
			return models.Variant{}, usage.Errorf("%w", err)
		}
	}
	if err := v.training.Check(); err != nil {
		return models.Variant{}, err
	}
	e, err := v.experiment.Find(name)
	if err == nil {
		err = v.training.Trained(&e)
	}
	return models.Variant{Settings: settings, Experiment: e}, err
}
