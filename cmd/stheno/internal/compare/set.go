package compare

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/runs"
	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/inspect/figure"
	"github.com/stheno-ml/stheno/graph/train/run"
)

// A Set is runs that are compared: every group with the first.
type Set struct {
	Groups []*Group
	Differ []string  // settings in which they do, by name
	Figure string    // that is compared: accuracy, another metric that all have, or the loss; "" where they have none in common
	On     string    // the set on which it is: test, validation, running
	Plan   *run.Plan // of the sweep whose runs they are, the best first; else nil
}

// New groups runs. plan is that of the sweep whose runs they are, the best first, or nil: its figure is compared, on what was held out.
func New(all []*Run, plan *run.Plan) *Set {
	s := &Set{Groups: groupsOf(all)}
	s.Differ = differing(s.Groups)
	s.Figure = s.figure()
	s.On = s.on([]string{test, validation, running})
	if plan != nil {
		s.Plan, s.Figure = plan, plan.Figure
		s.On = s.on([]string{validation, running})
	}
	return s
}

// figure is accuracy where all groups have it, else the first score that all have, else the loss if it is one loss, else what the first group shares with another.
func (s *Set) figure() string {
	var all [][]string // scores, of the groups that have come to any
	losses := map[string]bool{}
	for _, g := range s.Groups {
		losses[g.Runs[0].Folder.Config.Experiment.Loss] = true
		for _, r := range g.Runs {
			if names := r.scores(); len(names) > 0 {
				all = append(all, names)
				break
			}
		}
	}
	if len(all) == 0 {
		all = [][]string{nil}
	}
	best := func(least int) string { // of the first group's, what so many have
		found := ""
		for _, name := range all[0] {
			n := 0
			for _, names := range all {
				if slices.Contains(names, name) {
					n++
				}
			}
			if n >= least && (found == "" || name == "accuracy") {
				found = name
			}
		}
		return found
	}
	switch name := best(len(all)); {
	case name != "":
		return name
	case len(losses) == 1:
		return "loss"
	}
	return best(2)
}

// on is the first of the sets on which all groups have the figure, but those that have it on none; the last where none is.
func (s *Set) on(sets []string) string {
	for _, set := range sets {
		if !slices.ContainsFunc(s.Groups, func(g *Group) bool { return len(g.values(set, s.Figure)) == 0 && len(g.values(running, s.Figure)) > 0 }) {
			return set
		}
	}
	return sets[len(sets)-1]
}

// what is compared, in words.
func (s *Set) what() string {
	switch s.On {
	case running:
		return "running " + s.Figure
	}
	return s.On + " " + s.Figure
}

// sets are those on which any group has the figure.
func (s *Set) sets() (all []string) {
	for _, set := range []string{training, validation, test} {
		if slices.ContainsFunc(s.Groups, func(g *Group) bool { return len(g.values(set, s.Figure)) > 0 }) {
			all = append(all, set)
		}
	}
	if len(all) == 0 || s.On == running {
		all = append(all, running)
	}
	return all
}

// evaluated says whether all runs have the figure of samples apart after every epoch.
func (s *Set) evaluated() bool {
	found := false
	for _, g := range s.Groups {
		for _, r := range g.Runs {
			for _, e := range r.Epochs {
				if e.Evaluated == nil {
					return false
				}
				found = true
			}
		}
	}
	return found
}

// curve is a figure of a group by epoch, a seed each: of those that came so far, without those that diverged where others did not.
func (s *Set) curve(g *Group, figure string) (epochs [][]float64) {
	evaluated := s.evaluated()
	all := g.each()
	if whole := slices.DeleteFunc(slices.Clone(all), (*Run).diverged); len(whole) > 0 {
		all = whole
	}
	for epoch := 0; ; epoch++ {
		var values []float64
		for _, r := range all {
			if epoch < len(r.Epochs) {
				m := &r.Epochs[epoch].Running
				if evaluated {
					m = r.Epochs[epoch].Evaluated
				}
				if v := figureOf(m, figure); v-v == 0 {
					values = append(values, v)
				}
			}
		}
		if len(values) == 0 {
			return epochs
		}
		epochs = append(epochs, values)
	}
}

// curved is what the curves are of, in words.
func (s *Set) curved(figure string) string {
	if s.evaluated() {
		return validation + " " + figure
	}
	return running + " " + figure
}

// lookers are the runs whose gradients and weights are compared: the first of each group, and those of one seed.
func (s *Set) lookers() (all []*Run) {
	for i, g := range s.Groups {
		if i < mostLooked {
			all = append(all, g.Runs[0])
		}
	}
	for _, p := range s.pairs() {
		all = append(all, p[0], p[1])
	}
	slices.SortStableFunc(all, func(a, b *Run) int { return strings.Compare(a.Folder.Dir, b.Folder.Dir) })
	return slices.CompactFunc(all, func(a, b *Run) bool { return a == b })
}

// Of many groups only the first are drawn, or looked into.
const (
	mostShown  = 6
	mostLooked = 4
	mostBands  = 3 // beyond which they would hide one another
)

// pairs are the runs that are compared to the bit: those of one seed within a group, and one of each group with one of the first, of one seed.
func (s *Set) pairs() (all [][2]*Run) {
	for _, g := range s.Groups {
		for i, r := range g.Runs {
			if first := slices.IndexFunc(g.Runs[:i], func(o *Run) bool { return o.Seed() == r.Seed() }); first >= 0 {
				all = append(all, [2]*Run{g.Runs[first], r})
			}
		}
	}
	for _, g := range s.Groups[1:min(len(s.Groups), mostLooked)] {
		for _, r := range s.Groups[0].Runs {
			if of := slices.IndexFunc(g.Runs, func(o *Run) bool { return o.Seed() == r.Seed() }); of >= 0 {
				all = append(all, [2]*Run{r, g.Runs[of]})
				break
			}
		}
	}
	return all
}

// Partings are where those part.
func (s *Set) partings() (all []Parting) {
	for _, p := range s.pairs() {
		all = append(all, part(p[0], p[1]))
	}
	return all
}

// flows are the gradients of a run of each group at the first step, and at the last that all of them have.
func (s *Set) flows() (flows []figure.Flow, of []*Run) {
	var common []uint64
	for i, g := range s.Groups[:min(len(s.Groups), mostLooked)] {
		r := g.Runs[0]
		if len(r.snapshots) == 0 {
			continue
		}
		var steps []uint64
		for _, n := range r.snapshots {
			steps = append(steps, n.Step)
		}
		if common = slices.DeleteFunc(common, func(step uint64) bool { return !slices.Contains(steps, step) }); len(of) == 0 {
			common = steps
		}
		flows, of = append(flows, figure.Flow{Name: s.Groups[i].Name}), append(of, r)
	}
	if len(common) == 0 {
		return nil, nil
	}
	slices.Sort(common)
	for _, step := range slices.Compact([]uint64{common[0], common[len(common)-1]}) {
		for i, r := range of {
			at := slices.IndexFunc(r.snapshots, func(n *inspect.Snapshot) bool { return n.Step == step })
			flows[i].Snapshots = append(flows[i].Snapshots, r.snapshots[at])
		}
	}
	return flows, of
}

// A verdict is what can be said of a group beside the first.
type verdict struct {
	group *Group
	Difference
	apart *Apart // nil where nothing can be told
}

// verdicts are those of each group but the first; none where the groups have no figure in common.
func (s *Set) verdicts() (all []verdict) {
	if s.Figure == "" {
		return nil
	}
	first := s.Groups[0]
	for _, g := range s.Groups[1:] {
		v := verdict{group: g, Difference: difference(g.values(s.On, s.Figure), first.values(s.On, s.Figure))}
		if v.told() {
			v.apart = apart(s.curve(g, s.Figure), s.curve(first, s.Figure))
		}
		all = append(all, v)
	}
	return all
}

// sentence says it in words.
func (s *Set) sentence(v verdict) string {
	line := v.Difference.sentence(v.group.Name, s.Groups[0].Name, s.what())
	if v.apart != nil {
		line += "; " + v.apart.sentence(s.curved(s.Figure))
	}
	return line
}

// told is of how many something can be told.
func told(all []verdict) (n int) {
	for _, v := range all {
		if v.told() {
			n++
		}
	}
	return n
}

// remarks say what neither the figures nor the verdicts do.
func (s *Set) remarks() (all []string) {
	if len(s.Groups) > 1 && s.Figure == "" {
		all = append(all, "they have no figure in common, and losses of other kinds are no measure of each other: nothing says which is better")
	}
	verdicts := s.verdicts()
	switch n := told(verdicts); {
	case n > 2:
		all = append(all, fmt.Sprintf("%d comparisons are made here: of twenty, one comes out as more than seeds make by chance alone", n))
	case n == 0 && len(verdicts) > mostSentences:
		all = append(all, "nothing tells whether the other differences are more than seeds make either")
	}
	for _, g := range s.Groups {
		if seeds := g.diverged(); len(seeds) > 0 {
			all = append(all, fmt.Sprintf("%s: of %s %d diverged (%s), and stands in none of these figures", g.Name, count(len(g.seeds()), "seed"), len(seeds), listed(seeds)))
		}
	}
	return all
}

func listed(seeds []uint64) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(seeds), " ", ", "), "[]")
}

// GroupOf is the name of a run's group.
func (s *Set) GroupOf(r *Run) string {
	for _, g := range s.Groups {
		if slices.Contains(g.Runs, r) {
			return g.Name
		}
	}
	return ""
}

// about says what a group is made of.
func (g *Group) about() string {
	var titles []string
	for _, r := range g.Runs {
		titles = append(titles, runs.Title(r.Folder.Dir))
	}
	seeds := "seed"
	if len(g.seeds()) > 1 {
		seeds = "seeds"
	}
	return fmt.Sprintf("%s (%s %s)", strings.Join(titles, ", "), seeds, listed(g.seeds()))
}
