package report

import (
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/graph/inspect/figure"
	"github.com/stheno-ml/stheno/graph/train"
)

// A line is a figure of one run, or of several that differ by their seed, at some epochs.
type line struct {
	epochs []float64
	of     [][]float64 // a run each, a value an epoch
}

// series is what is drawn of it: the values, or their mean and the range that they cover.
func (l line) series(name, color string, mark figure.Mark, dashed bool) figure.Series {
	s := figure.Series{Name: name, X: l.epochs, Color: color, Mark: mark, Dashed: dashed}
	if len(l.of) == 1 {
		s.Y = l.of[0]
		return s
	}
	for at := range l.epochs {
		sum, low, high := 0.0, math.Inf(1), math.Inf(-1)
		for _, values := range l.of {
			sum, low, high = sum+values[at], min(low, values[at]), max(high, values[at])
		}
		s.Y, s.Low, s.High = append(s.Y, sum/float64(len(l.of))), append(s.Low, low), append(s.High, high)
	}
	return s
}

// positive says whether all of it can stand on a log scale.
func (l line) positive() bool {
	return !slices.ContainsFunc(l.of, func(values []float64) bool {
		return slices.ContainsFunc(values, func(v float64) bool { return !(v > 0) })
	})
}

// lineOf takes a figure of the epochs that all of the runs have.
func lineOf(runs []Run, value func(train.Epoch) float64) line {
	epochs := len(runs[0].Epochs)
	for _, r := range runs {
		epochs = min(epochs, len(r.Epochs))
	}
	l := line{of: make([][]float64, len(runs))}
	for at, e := range runs[0].Epochs[:epochs] {
		l.epochs = append(l.epochs, float64(e.Epoch))
		for i, r := range runs {
			l.of[i] = append(l.of[i], value(r.Epochs[at]))
		}
	}
	return l
}

// curves draw loss and accuracy of all runs over the epochs: running ones as lines, evaluated ones
// dashed, or as a dot where there is but one, at the end.
func curves(runs []Run, names []string) []template.HTML {
	var losses, scores []figure.Series
	log := true
	metric := metricOf(runs)
	for i, group := range groups(runs, names) {
		color, mark := figure.Style(i)
		loss := func(m train.Metrics) float64 { return m.Loss }
		score := func(m train.Metrics) float64 { return m.Score(metric) }
		running := lineOf(group.runs, func(e train.Epoch) float64 { return e.Running.Loss })
		log = log && running.positive()
		for _, c := range []struct {
			into *[]figure.Series
			of   func(train.Metrics) float64
		}{{&losses, loss}, {&scores, score}} {
			*c.into = append(*c.into, lineOf(group.runs, func(e train.Epoch) float64 { return c.of(e.Running) }).series(group.name+", running", color, mark, false))
			test := lineOf(group.runs, func(e train.Epoch) float64 {
				if e.Evaluated == nil {
					return math.NaN()
				}
				return c.of(*e.Evaluated)
			})
			on := ", test set"
			if group.validated() && group.runs[0].Held {
				on = ", validation"
			}
			if !group.validated() {
				test = line{epochs: test.epochs[len(test.epochs)-1:]} // evaluated once, at the end
				for _, r := range group.runs {
					if len(r.Tests) > 0 && r.Tests[0].Result != nil {
						test.of = append(test.of, []float64{c.of(r.Tests[0].Result.Metrics)})
					}
				}
			}
			if len(test.of) > 0 {
				*c.into = append(*c.into, test.series(group.name+on, color, mark, true))
			}
		}
	}
	if len(losses) == 0 {
		return nil
	}
	if metric == "" {
		return []template.HTML{svg(figure.Curves("Loss", "epoch", "loss", false, losses...))}
	}
	scale := "loss"
	if log {
		scale += ", log scale"
	}
	return []template.HTML{
		svg(figure.Curves("Loss", "epoch", scale, log, losses...)),
		svg(figure.Curves(strings.ToUpper(metric[:1])+metric[1:], "epoch", metric, false, scores...)),
	}
}

// A group is of runs that one line stands for.
type group struct {
	name string
	runs []Run
}

// validated says whether any was evaluated after an epoch.
func (g group) validated() bool {
	return slices.ContainsFunc(g.runs, func(r Run) bool {
		return slices.ContainsFunc(r.Epochs, func(e train.Epoch) bool { return e.Evaluated != nil })
	})
}

// groups are the runs that have ended an epoch: those of one Group together, where that has several.
func groups(runs []Run, names []string) []group {
	var all []group
	at := map[string]int{}
	for i, r := range runs {
		if r.Record == nil || len(r.Epochs) == 0 {
			continue
		}
		if j, ok := at[r.Group]; ok && r.Group != "" {
			all[j].runs = append(all[j].runs, r)
			all[j].name = fmt.Sprintf("%s, mean of %d", r.Group, len(all[j].runs))
			continue
		}
		at[r.Group] = len(all)
		all = append(all, group{names[i], []Run{r}})
	}
	return all
}
