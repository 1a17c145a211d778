package runs

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/graph/train/run"
	"github.com/stheno-ml/stheno/models"
)

// ofSweep is what runs prints of a sweep: what is tried, how far it is, and which settings are the best so far.
func (s Summary) ofSweep() Summary {
	sweep, err := run.OpenSweep(s.Dir)
	if err != nil {
		s.State, s.Remark = "damaged", usage.OneLine(err)
		return s
	}
	all, err := models.Standings(sweep)
	if err != nil {
		s.State, s.Remark = "damaged", usage.OneLine(err)
		return s
	}
	first := sweep.Plan.Trials[0].Config
	s.State, s.Experiment, s.Seed = "sweep", first.Experiment.Name, first.Seed
	s.About = s.Experiment + Tried(sweep.Plan) + ": " + Counts(all)
	if best := all[0]; best.Validation.N > 0 && len(all) > 1 {
		s.About += fmt.Sprintf("; best: %s, %s %v", models.Label(best.Settings), sweep.Plan.Figure, best.Validation)
	}
	if who := run.InUse(s.Dir); who != "" {
		s.Remark = who
	}
	return s
}

// Tried says which values a plan tries, such as ", learning-rate 0.1, 0.5"; of more than a few how many.
func Tried(p run.Plan) string {
	var names []string
	values := map[string][]string{}
	for _, t := range p.Trials {
		for _, setting := range t.Settings {
			if values[setting.Name] == nil {
				names = append(names, setting.Name)
			}
			if !slices.Contains(values[setting.Name], setting.Value) {
				values[setting.Name] = append(values[setting.Name], setting.Value)
			}
		}
	}
	out := ""
	for _, name := range names {
		said := strings.Join(values[name], ", ")
		if n := len(values[name]); n > 4 || len(said) > 40 {
			said = fmt.Sprintf("of %d values", n)
		}
		out += "; " + name + " " + said
	}
	return out
}

// Counts says how many trials are in which state.
func Counts(all []models.Standing) string {
	n := map[string]int{}
	sum := 0
	for _, v := range all {
		for _, t := range v.Trials {
			n[t.State]++
			sum++
		}
	}
	parts := []string{fmt.Sprintf("%d trials", sum)}
	for _, state := range []string{models.Finished, models.Dropped, models.Diverged, models.Damaged, models.Stopped, models.Waiting} {
		if n[state] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n[state], state))
		}
	}
	return strings.Join(parts, ", ")
}
