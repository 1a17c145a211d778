package compare

import (
	"github.com/stheno-ml/stheno/cmd/stheno/internal/results"
	"github.com/stheno-ml/stheno/graph/inspect/figure"
	"github.com/stheno-ml/stheno/models"
)

// Report is what compare --json prints.
type Report struct {
	Figure      string             `json:"figure"` // that is compared; "" where there is none in common
	On          string             `json:"on"`     // test, validation or running
	Differ      []string           `json:"differ"` // settings
	Groups      []groupReport      `json:"groups"`
	Differences []differenceReport `json:"differences"` // of each group but the first, against it
	Partings    []partingReport    `json:"partings"`
	Gradients   []gradientReport   `json:"gradients"`
}

type groupReport struct {
	Name     string            `json:"name"`
	Settings map[string]string `json:"settings"` // those that differ, and those that a sweep tried
	Runs     []runReport       `json:"runs"`
	Figures  map[string]spread `json:"figures"` // by set, over the seeds
	Curve    []spread          `json:"curve"`   // of the figure, by epoch
}

type runReport struct {
	Name     string                    `json:"name"`
	Dir      string                    `json:"dir"`
	Seed     uint64                    `json:"seed"`
	Epochs   int                       `json:"epochs"`
	Diverged bool                      `json:"diverged"`
	Figures  map[string]results.Number `json:"figures"` // by set
}

// spread is null where there is no figure, or are not two.
type spread struct {
	Mean results.Number `json:"mean"`
	Std  results.Number `json:"std"`
	N    int            `json:"n"`
}

type differenceReport struct {
	Group      string         `json:"group"`
	Against    string         `json:"against"`
	Difference results.Number `json:"difference"`
	PooledStd  results.Number `json:"pooled_std"`
	Seeds      [2]int         `json:"seeds"`
	Chance     results.Number `json:"chance"`  // Student's two-sided p
	Exceeds    *bool          `json:"exceeds"` // more than seeds make; null where that cannot be told
	Apart      *apartReport   `json:"apart"`   // epochs at which the curves are; null where they never are, or that cannot be told
	Says       string         `json:"says"`
}

type apartReport struct {
	From  int `json:"from"`
	Until int `json:"until"`
}

type partingReport struct {
	Runs      [2]string `json:"runs"`
	Seed      uint64    `json:"seed"`
	Same      bool      `json:"same"`       // to the bit, in all that was recorded of both
	SameSteps []uint64  `json:"same_steps"` // before they part
	Step      *uint64   `json:"step"`       // the first recorded one at which they differ; null where none is
	Epoch     *int      `json:"epoch"`      // likewise, by its figures
	Says      string    `json:"says"`
}

type gradientReport struct {
	Group  string         `json:"group"`
	Run    string         `json:"run"`
	Step   uint64         `json:"step"`
	Layers []gradientNorm `json:"layers"`
}

type gradientNorm struct {
	Layer string         `json:"layer"`
	Norm  results.Number `json:"grad_norm"`
}

func spreadOf(values []float64) spread {
	s := models.SpreadOf(values)
	return spread{results.Number(s.Mean), results.Number(s.Std), s.N}
}

// JSON is the comparison as JSON shows it.
func (s *Set) JSON() Report {
	out := Report{Figure: s.Figure, On: s.On, Differ: append([]string{}, s.Differ...), Groups: []groupReport{}, Differences: []differenceReport{}, Partings: []partingReport{}, Gradients: []gradientReport{}}
	for _, g := range s.Groups {
		of := groupReport{Name: g.Name, Settings: map[string]string{}, Figures: map[string]spread{}, Curve: []spread{}}
		for _, name := range s.Differ {
			of.Settings[name] = g.setting(name)
		}
		for _, t := range g.Runs[0].Tried {
			of.Settings[t.Name] = t.Value
		}
		for _, set := range s.sets() {
			of.Figures[set] = spreadOf(g.values(set, s.Figure))
		}
		for _, values := range s.curve(g, s.Figure) {
			of.Curve = append(of.Curve, spreadOf(values))
		}
		for _, r := range g.Runs {
			run := runReport{r.Title, r.Folder.Dir, r.Seed(), len(r.Epochs), r.diverged(), map[string]results.Number{}}
			for _, set := range s.sets() {
				run.Figures[set] = results.Number(figureOf(r.end(set), s.Figure))
			}
			of.Runs = append(of.Runs, run)
		}
		out.Groups = append(out.Groups, of)
	}
	for _, v := range s.verdicts() {
		of := differenceReport{
			Group: v.group.Name, Against: s.Groups[0].Name, Difference: results.Number(v.By), PooledStd: results.Number(v.Std), Seeds: v.N, Chance: results.Number(v.Chance), Says: s.sentence(v),
		}
		if v.told() {
			exceeds := v.exceeds()
			of.Exceeds = &exceeds
			if a := v.apart; a != nil && a.From > 0 {
				of.Apart = &apartReport{a.From, a.Until}
			}
		}
		out.Differences = append(out.Differences, of)
	}
	for _, p := range s.partings() {
		of := partingReport{Runs: [2]string{p.A.Title, p.B.Title}, Seed: p.A.Seed(), Same: p.Step < 0 && p.Epoch == 0 && (!p.Ended || p.Same), SameSteps: []uint64{}, Says: p.sentence()}
		of.SameSteps = append(of.SameSteps, p.Steps...)
		if p.Step >= 0 {
			of.SameSteps, of.Step = of.SameSteps[:p.Step], &p.Steps[p.Step]
		}
		if p.Epoch > 0 {
			of.Epoch = &p.Epoch
		}
		out.Partings = append(out.Partings, of)
	}
	flows, of := s.flows()
	for i, f := range flows {
		for _, n := range f.Snapshots {
			g := gradientReport{f.Name, of[i].Title, n.Step, []gradientNorm{}}
			for _, l := range figure.Learning(n) {
				g.Layers = append(g.Layers, gradientNorm{l.Name, results.Number(l.GradNorm())})
			}
			out.Gradients = append(out.Gradients, g)
		}
	}
	return out
}
