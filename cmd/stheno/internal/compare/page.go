package compare

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/inspect/figure"
	"github.com/stheno-ml/stheno/graph/inspect/report"
	"github.com/stheno-ml/stheno/graph/train/run"
	"github.com/stheno-ml/stheno/models"
)

// Known has a run looked into by its record, which somebody has made already.
func (r *Run) Known(of *inspect.Record) {
	r.model, r.at.Step, r.snapshots = of.Model, of.Steps, of.Snapshots
}

// Brief is the little of a record that the curves of a report take.
func (r *Run) Brief() *inspect.Record {
	of := &inspect.Record{Name: r.Title, Seed: r.Seed(), Epochs: r.Epochs, Held: r.Folder.Config.Experiment.Validation > 0}
	if m := r.end(running); m != nil {
		of.Train.Result = r.evaluation(training)
		of.Tests = []inspect.Tested{{Name: "test set", Result: r.evaluation(test)}}
	}
	return of
}

// Drawn says whether a run is in the curves: of many groups only the first are.
func (s *Set) Drawn(r *Run) bool {
	return slices.ContainsFunc(s.Groups[:min(len(s.Groups), mostShown)], func(g *Group) bool { return slices.Contains(g.Runs, r) })
}

// Sections are the comparison as it stands in a report.
func (s *Set) Sections() []report.Section {
	all := []report.Section{s.ends()}
	if verdicts := s.verdicts(); len(verdicts) > mostSentences && told(verdicts) > 0 {
		table := report.Section{Title: capital(s.what() + " against " + s.Groups[0].Name), Head: []string{"", "difference", "deviation", "seeds", "chance", "apart", "verdict"}}
		for _, v := range verdicts {
			table.Rows = append(table.Rows, append([]string{v.group.Name}, v.cells()...))
		}
		table.Text = append([]string{"Deviation is that of the seeds, pooled over both; chance is how often seeds alone make such a difference (Student's t-test); apart is the epoch from which on the curves are so far apart that it is less than 5 %."}, s.remarks()...)
		all = append(all, table)
	} else {
		for _, v := range verdicts[:min(len(verdicts), mostSentences)] {
			all[0].Text = append(all[0].Text, s.sentence(v))
		}
		all[0].Text = append(all[0].Text, s.remarks()...)
	}
	if s.Plan != nil && len(s.Groups) > mostShown {
		last := &all[len(all)-1]
		last.Text = append(last.Text, fmt.Sprintf("Curves and gradients are of the best settings: %d of %d, and %d.", mostShown, len(s.Groups), mostLooked))
	}
	if figures := s.figures(); len(figures) > 0 {
		all = append(all, report.Section{Title: "Gradients side by side", Figures: figures})
	}
	if lines := sentences(s.partings()); len(lines) > 0 {
		all = append(all, report.Section{Title: "Where runs of one seed part", Text: lines})
	}
	return all
}

// ends are what the groups are, and what they came to.
func (s *Set) ends() report.Section {
	n := 0
	for _, g := range s.Groups {
		n += len(g.Runs)
	}
	of := report.Section{Title: fmt.Sprintf("%s of %s", count(n, "run"), count(len(s.Groups), "kind")), Head: []string{""}}
	settings := s.Differ
	if s.Plan != nil {
		sweep, _, _ := strings.Cut(s.Groups[0].Runs[0].Title, "/")
		of.Title, settings = fmt.Sprintf("Sweep %s: %s, the best settings first", sweep, count(n, "run")), nil
		of.Figures = s.against()
	}
	of.Head = append(of.Head, settings...)
	if s.Figure != "" {
		for _, set := range s.sets() {
			of.Head = append(of.Head, set+" "+s.Figure)
		}
	}
	of.Head = append(of.Head, "epochs", "seeds")
	for _, g := range s.Groups {
		row := []string{g.Name}
		for _, name := range settings {
			row = append(row, g.setting(name))
		}
		if s.Figure != "" {
			for _, set := range s.sets() {
				row = append(row, models.SpreadOf(g.values(set, s.Figure)).String())
			}
		}
		of.Rows = append(of.Rows, append(row, g.epochs(), listed(g.seeds())))
	}
	return of
}

// capital is a text as it begins a heading.
func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

// figures are the gradients of a run of each group, at the first step and the last that all have.
func (s *Set) figures() (all []string) {
	flows, of := s.flows()
	if len(flows) < 2 {
		return nil
	}
	var names []string
	for i, f := range flows {
		names = append(names, fmt.Sprintf("%s, seed %d", f.Name, of[i].Seed()))
	}
	for at := range flows[0].Snapshots {
		var snapshots []*inspect.Snapshot
		for _, f := range flows {
			snapshots = append(snapshots, f.Snapshots[at])
		}
		all = append(all, figure.Gradients(fmt.Sprintf("Gradient norm by layer, step %d", snapshots[0].Step), names, snapshots...))
	}
	return all
}

// against draws what the groups of a sweep came to over each setting that was tried: a line for each value of the other, if there is but one other, of few values.
func (s *Set) against() (all []string) {
	var names []string
	values := map[string][]string{}
	for _, g := range s.Groups {
		for _, t := range g.Runs[0].Tried {
			if values[t.Name] == nil {
				names = append(names, t.Name)
			}
			if !slices.Contains(values[t.Name], t.Value) {
				values[t.Name] = append(values[t.Name], t.Value)
			}
		}
	}
	for _, name := range names {
		scale, place := scaleOf(name, values[name])
		var series []figure.Series
		other := ""
		if len(names) == 2 {
			other = names[0]
			if other == name {
				other = names[1]
			}
		}
		grid := other == "" && len(names) == 1 || other != "" && len(values[other]) <= len(figure.Palette) && len(s.Groups) >= 2*len(values[other])
		lines := []string{""}
		if grid && other != "" {
			lines = sorted(values[other])
		}
		for _, line := range lines {
			one := figure.Series{Name: other + " " + line}
			groups := slices.Clone(s.Groups)
			slices.SortStableFunc(groups, func(a, b *Group) int { return cmp.Compare(place(tried(a, name)), place(tried(b, name))) })
			for _, g := range groups {
				if line != "" && tried(g, other) != line {
					continue
				}
				came := g.values(s.On, s.Figure)
				if len(came) == 0 {
					continue
				}
				one.X, one.Y = append(one.X, place(tried(g, name))), append(one.Y, models.SpreadOf(came).Mean)
				one.Low, one.High = append(one.Low, slices.Min(came)), append(one.High, slices.Max(came))
			}
			series = append(series, one)
		}
		all = append(all, figure.Points(capital(s.what()+" by "+name), scale, s.what(), grid && scale.Names == nil, series...))
	}
	return all
}

// tried is a setting of a group's trials.
func tried(g *Group, name string) string {
	at := slices.IndexFunc(g.Runs[0].Tried, func(t run.Setting) bool { return t.Name == name })
	if at < 0 {
		return ""
	}
	return g.Runs[0].Tried[at].Value
}

// scaleOf is where the values of a setting lie: numbers by their size, by powers of ten where they go far; other values beside one another.
func scaleOf(name string, values []string) (figure.Scale, func(string) float64) {
	low, high := 0.0, 0.0
	for i, value := range values {
		v, err := strconv.ParseFloat(value, 64)
		if err != nil || v-v != 0 {
			names := sorted(values)
			return figure.Scale{Name: name, Names: names}, func(value string) float64 { return float64(slices.Index(names, value)) }
		}
		if i == 0 {
			low, high = v, v
		}
		low, high = min(low, v), max(high, v)
	}
	const far = 30 // the greatest to the least
	return figure.Scale{Name: name, Log: low > 0 && high >= far*low}, func(value string) float64 {
		v, _ := strconv.ParseFloat(value, 64)
		return v
	}
}

// sorted are values by their size where they are numbers, else by their letters.
func sorted(values []string) []string {
	all := slices.Sorted(slices.Values(values))
	size := map[string]float64{}
	for _, value := range values {
		v, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return all
		}
		size[value] = v
	}
	slices.SortStableFunc(all, func(a, b string) int { return cmp.Compare(size[a], size[b]) })
	return all
}
