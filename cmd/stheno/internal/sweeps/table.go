// Package sweeps prints what came of a sweep: as a table, as JSON, in a line.
package sweeps

import (
	"fmt"
	"io"
	"slices"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/results"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/term"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/graph/train/run"
	"github.com/stheno-ml/stheno/models"
)

// Print prints the variants of a sweep a row, the best first, and below each what is to be said of its trials.
func Print(out io.Writer, s *run.Sweep, all []models.Standing) error {
	width := len("settings")
	for _, v := range all {
		width = max(width, len([]rune(Label(s, v))))
	}
	tested := slices.ContainsFunc(all, func(v models.Standing) bool { return v.Test.N > 0 }) // not of data of one's own
	t := &term.Table{Out: out, Columns: []term.Column{{Head: "settings", Width: width}, {Group: s.Plan.Figure, Head: "validation", Width: 15}}}
	if tested {
		t.Columns = append(t.Columns, term.Column{Group: s.Plan.Figure, Head: "test", Width: 16})
	}
	t.Columns = append(t.Columns, term.Column{Head: "epochs", Width: 7}, term.Column{Head: "runs", Width: 5})
	for _, v := range all {
		ended, epochs := 0, -1
		for _, trial := range v.Trials {
			if trial.State == models.Finished {
				ended++
			}
			if n := len(trial.Epochs); trial.State != models.Damaged && (epochs < 0 || n < epochs) {
				epochs = n
			}
		}
		cells := []string{Label(s, v), v.Validation.String()}
		if tested {
			cells = append(cells, v.Test.String())
		}
		if err := t.Row(append(cells, fmt.Sprintf("%d/%d", max(0, epochs), v.Trials[0].Config.Experiment.Epochs), fmt.Sprintf("%d/%d", ended, len(v.Trials)))...); err != nil {
			return err
		}
		for _, trial := range v.Trials {
			if trial.State != models.Diverged && trial.State != models.Damaged {
				continue
			}
			line := trial.Name + " " + trial.State
			if trial.Err != nil {
				line += ": " + usage.OneLine(trial.Err)
			}
			if _, err := io.WriteString(out, term.Indent(line, 2, term.Width(out))); err != nil {
				return err
			}
		}
	}
	return nil
}

// Label is what a variant is called: its settings, or its experiment where it has none.
func Label(s *run.Sweep, v models.Standing) string {
	if len(v.Settings) == 0 {
		return s.Plan.Trials[0].Config.Experiment.Name
	}
	return models.Label(v.Settings)
}

// Standing is a variant as sweep --json prints it.
type Standing struct {
	Settings   []run.Setting `json:"settings"`
	Figure     string        `json:"figure"`
	Validation Spread        `json:"validation"`
	Test       Spread        `json:"test"`
	Trials     []Trial       `json:"trials"`
}

// Spread is null where there is no figure, or are not two.
type Spread struct {
	Mean results.Number `json:"mean"`
	Std  results.Number `json:"std"`
	N    int            `json:"n"`
}

// Trial is a run of a variant.
type Trial struct {
	Name       string         `json:"name"`
	Dir        string         `json:"dir"`
	Seed       uint64         `json:"seed"`
	State      string         `json:"state"`
	Epoch      int            `json:"epoch"`
	Epochs     int            `json:"epochs"`
	Validation results.Number `json:"validation"`
	Test       results.Number `json:"test"`
	Remark     string         `json:"remark,omitempty"`
}

// JSON is a variant as JSON shows it.
func JSON(s *run.Sweep, v models.Standing) Standing {
	spread := func(s models.Spread) Spread { return Spread{results.Number(s.Mean), results.Number(s.Std), s.N} }
	out := Standing{Settings: v.Settings, Figure: s.Plan.Figure, Validation: spread(v.Validation), Test: spread(v.Test)}
	if out.Settings == nil {
		out.Settings = []run.Setting{}
	}
	for _, t := range v.Trials {
		dir, _ := s.Folder(t.Trial)
		trial := Trial{t.Name, dir, t.Config.Seed, t.State, len(t.Epochs), t.Config.Experiment.Epochs, results.Number(t.Validation), results.Number(t.Test), ""}
		if t.Err != nil {
			trial.Remark = usage.OneLine(t.Err)
		}
		out.Trials = append(out.Trials, trial)
	}
	return out
}
