package session

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/cmd/stheno/lab/look"
	"github.com/stheno-ml/stheno/models"
)

// A root is what a run comes from: an experiment, data or a run that was kept, by which it is called, with what it changes of its settings.
type root struct {
	name     string
	settings look.Settings
	folder   bool // a run that was kept, which is called as its folder
}

// rootOf is an experiment's, without what flags change of it.
func (s *Session) rootOf(r *run) root {
	e := r.segments[0].experiment
	if of, err := models.Find(e.Name); err == nil {
		e = of
	}
	return root{name: r.segments[0].experiment.Name, settings: settingsOf(e, s.options.Seed, r.material)}
}

// entitle calls a run by what tells it from the others: the experiment that it is, or comes from with other settings; with a number where there is one of that name.
func (s *Session) entitle(r *run) {
	title := r.title()
	r.name = title
	for n := 2; slices.ContainsFunc(s.runs, func(o *run) bool { return o != r && o.name == r.name }); n++ {
		r.name = fmt.Sprintf("%s #%d", title, n)
	}
}

func (r *run) title() string {
	first := settingsOf(r.segments[0].experiment, r.seed, r.material)
	title, changes := r.from(first)
	branched := r.parentStep > 0
	var later []string // what was changed last stands first, where a name that is cut still has it
	for i, s := range r.segments[1:] {
		was := settingsOf(r.segments[i].experiment, r.seed, r.material)
		for _, what := range brief(was, settingsOf(s.experiment, r.seed, r.material)) {
			later = append(later, fmt.Sprintf("%s from step %d", what, s.from))
		}
		branched = branched && s.asked != r.parentStep // else the change says where
	}
	if branched {
		later = append(later, fmt.Sprintf("branch at step %d", r.parentStep))
	}
	slices.Reverse(later)
	changes = append(later, changes...)
	if len(changes) > 0 {
		title += " + " + strings.Join(changes, ", ")
	}
	if r.short() {
		title += ", short"
	}
	return title
}

// from is what a run with such settings at its beginning is called by, and what these change of it: an experiment of the ladder where it is one. One that has another loss than where it comes from is called by the experiment
// that has this loss and is the most like it, for a name such as mse is that of a loss, and a run has not two.
func (r *run) from(first look.Settings) (title string, changes []string) {
	root := r.root.settings
	whole, ok := r.whole()
	if r.begunShort && !r.short() && ok {
		root.Epochs, root.TrainSamples = whole.Epochs, whole.TrainSamples
	}
	title, changes = r.root.name, brief(root, first)
	if r.root.folder {
		return title, changes
	}
	if is := r.begins(); is != "" {
		if changes = nil; first.Seed != root.Seed {
			changes = []string{fmt.Sprintf("seed %d", first.Seed)}
		}
		return is, changes
	}
	if r.material.data != nil || first.Loss == root.Loss {
		return title, changes
	}
	for _, of := range models.Experiments() {
		like := settingsOf(of, uint64(root.Seed), r.material)
		if r.short() {
			like.Epochs, like.TrainSamples = root.Epochs, root.TrainSamples
		}
		if of.On() == r.material.name && like.Loss == first.Loss {
			if other := brief(like, first); len(other) < len(changes) {
				title, changes = of.Name, other
			}
		}
	}
	return title, changes
}

// brief are the settings of b that are others than a's, in a few words each: what they are now.
func brief(a, b look.Settings) (all []string) {
	const most = 40 // letters of a network
	add := func(other bool, format string, args ...any) {
		if other {
			all = append(all, fmt.Sprintf(format, args...))
		}
	}
	perceptrons := a.Activation != nil && b.Activation != nil && onlyWords(a, b)
	if perceptrons {
		add(*a.Activation != *b.Activation, "%s", *b.Activation)
		add(*a.Dropout != *b.Dropout, "dropout %.3g", *b.Dropout)
	}
	add(a.Loss != b.Loss, "%s", b.Loss)
	switch rate := a.Rate != b.Rate; {
	case a.Optimizer != b.Optimizer && strings.ContainsAny(b.Optimizer, " ("): // which has its rate in it
		add(true, "%s", b.Optimizer)
	case a.Optimizer != b.Optimizer:
		add(true, "%s %.3g", b.Optimizer, float64(b.Rate))
	default:
		add(rate, "rate %.3g", float64(b.Rate))
	}
	add(a.Batch != b.Batch, "batch %d", b.Batch)
	add(a.Epochs != b.Epochs, "%d epochs", b.Epochs)
	add(a.TrainSamples != b.TrainSamples && b.TrainSamples > 0, "%d samples", b.TrainSamples)
	add(a.TrainSamples != b.TrainSamples && b.TrainSamples == 0, "all samples")
	add(a.Validation != b.Validation, "held out %.3g", b.Validation)
	add(a.Scale != b.Scale, "scale %.3g", b.Scale)
	add(a.Seed != b.Seed, "seed %d", b.Seed)
	if words := []rune(b.Layers); !perceptrons && a.Layers != b.Layers {
		if len(words) > most {
			words = append(words[:most-1], '…')
		}
		add(true, "layers %s", string(words))
	}
	return all
}
