package compare

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/own"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/runs"
	"github.com/stheno-ml/stheno/models"
)

// A Group is runs that differ by their seeds alone.
type Group struct {
	Name string
	Runs []*Run // of which those of one seed are one
}

// mostName is how long a group's name may be.
const mostName = 48

// groupsOf are the groups of runs, in the order in which they come. A group is called as its sweep tells it from others; else by its experiment and, where others are of it too, by what differs.
func groupsOf(all []*Run) (groups []*Group) {
	at := map[string]*Group{}
	of := map[string][]*Group{} // an experiment
	for _, r := range all {
		c := r.Folder.Config
		e := c.Experiment
		e.Network = runs.Network(e.Network) // whose inputs are the data's
		name := e.Name
		if c.File != "" { // whose runs may be called as their folders
			name, e.Name = own.Name(c.File), ""
		}
		key := fmt.Sprintf("%+v %q %q %q %q", e, c.Dataset, c.File, c.Targets, c.Classes)
		if c.File == "" {
			key += fmt.Sprint(c.Shape)
		}
		g := at[key]
		if g == nil {
			g = &Group{}
			at[key], groups, of[name] = g, append(groups, g), append(of[name], g)
		}
		g.Runs = append(g.Runs, r)
	}
	for name, same := range of {
		differ := differing(same)
		for _, g := range same {
			g.Name = name
			var parts []string
			for _, s := range differ {
				switch value := g.setting(s); {
				case strings.HasPrefix(s, "BLAS"):
				case s == "optimizer" || s == "network" || s == "loss": // which say what they are
					parts = append(parts, value)
				default:
					parts = append(parts, s+" "+value)
				}
			}
			if long := strings.Join(append([]string{name}, parts...), ", "); len([]rune(long)) <= mostName {
				g.Name = long
			}
			if tried := g.Runs[0].Tried; len(tried) > 0 {
				g.Name = models.Label(tried)
			}
		}
	}
	seen := map[string]bool{}
	for _, g := range groups {
		name := g.Name
		for i := 2; seen[g.Name]; i++ {
			g.Name = fmt.Sprintf("%s (%d)", name, i)
		}
		seen[g.Name] = true
	}
	return groups
}

// settings are all that a run depends on, by name; names are in their order.
func (r *Run) settings() (names []string, values map[string]string) {
	values = map[string]string{}
	for _, s := range runs.Settings(r.Folder) {
		if s.Name == "network" {
			s.Value = runs.Network(r.Folder.Config.Experiment.Network)
		}
		names, values[s.Name] = append(names, s.Name), s.Value
	}
	return names, values
}

// setting is a setting's value in a group, or its values.
func (g *Group) setting(name string) string {
	var all []string
	for _, r := range g.Runs {
		if _, values := r.settings(); !slices.Contains(all, values[name]) {
			all = append(all, values[name])
		}
	}
	return strings.Join(all, " or ")
}

// differing are the names of the settings in which runs differ, but for the seed and the experiment, after which groups are called.
func differing(groups []*Group) (differ []string) {
	var names []string
	var all []map[string]string
	for _, g := range groups {
		for _, r := range g.Runs {
			of, values := r.settings()
			all = append(all, values)
			for _, name := range of {
				if !slices.Contains(names, name) {
					names = append(names, name)
				}
			}
		}
	}
	for _, name := range names {
		if name != "seed" && name != "experiment" && slices.ContainsFunc(all, func(values map[string]string) bool { return values[name] != all[0][name] }) {
			differ = append(differ, name)
		}
	}
	return differ
}

// seeds are a group's, each once.
func (g *Group) seeds() (all []uint64) {
	for _, r := range g.Runs {
		if !slices.Contains(all, r.Seed()) {
			all = append(all, r.Seed())
		}
	}
	return all
}

// each is a run a seed: the first.
func (g *Group) each() (all []*Run) {
	for _, r := range g.Runs {
		if !slices.ContainsFunc(all, func(o *Run) bool { return o.Seed() == r.Seed() }) {
			all = append(all, r)
		}
	}
	return all
}

// values are what the runs came to, a seed each, without those of which that is not known.
func (g *Group) values(set, figure string) (all []float64) {
	for _, r := range g.each() {
		if v := figureOf(r.end(set), figure); v == v {
			all = append(all, v)
		}
	}
	return all
}

// diverged are the seeds of the runs that did.
func (g *Group) diverged() (seeds []uint64) {
	for _, r := range g.each() {
		if r.diverged() {
			seeds = append(seeds, r.Seed())
		}
	}
	return seeds
}
