// Package results prints what came of a run, as a row of a table and as JSON.
package results

import (
	"fmt"
	"io"
	"slices"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/term"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/models"
)

// Table is what run prints: an experiment a row, and beside it what the lecture shows, where it shows something of one of them.
func Table(out io.Writer, experiments ...models.Experiment) *term.Table {
	t := &term.Table{Out: out, Columns: []term.Column{
		{Head: "experiment", Width: 14}, {Group: "accuracy", Head: "train", Width: 6}, {Group: "accuracy", Head: "test", Width: 7}, {Group: "accuracy", Head: "noisy", Width: 7},
	}}
	if slices.ContainsFunc(experiments, func(e models.Experiment) bool { return e.Lecture != models.Figures{} }) {
		t.Columns = append(t.Columns, term.Column{Group: "the lecture's", Head: "train", Width: 9}, term.Column{Group: "the lecture's", Head: "test", Width: 7}, term.Column{Group: "the lecture's", Head: "noisy", Width: 6})
	}
	t.Columns = append(t.Columns, term.Column{Head: "seconds", Width: 8})
	return t
}

// Print prints an experiment's row.
func Print(t *term.Table, r *models.Result, seconds float64) error {
	noisy := term.Dash
	if r.NoisyTest != nil {
		noisy = term.Figure(r.NoisyTest.Accuracy())
	}
	cells := []string{r.Experiment.Name, term.Figure(r.Train.Accuracy()), term.Figure(r.Test.Accuracy()), noisy}
	if lecture := r.Experiment.Lecture; len(t.Columns) > len(cells)+1 {
		cells = append(cells, Accuracy(lecture.Train), Accuracy(lecture.Test), Accuracy(lecture.NoisyTest))
	}
	err := t.Row(append(cells, fmt.Sprintf("%.1f", seconds))...)
	whole := Metric(&r.Test.Metrics) == "accuracy" && len(r.Test.Scores) == 1 // what is measured is in the row
	if err == nil && r.Validation != nil && whole {
		err = Scores(t.Out, "validation", r.Validation.Metrics)
	}
	if err != nil || whole {
		return err
	}
	for _, set := range []struct {
		name string
		of   *train.Evaluation
	}{{"train", r.Train}, {"test", r.Test}, {"noisy test", r.NoisyTest}, {"validation", r.Validation}} {
		if set.of == nil {
			continue
		}
		if err := Scores(t.Out, set.name, set.of.Metrics); err != nil {
			return err
		}
	}
	return nil
}

// Scores prints all figures of a data set, below a row.
func Scores(out io.Writer, set string, m train.Metrics) error {
	line := set + ": loss " + term.Figure(m.Loss)
	for _, s := range m.Scores {
		line += ", " + s.Name + " " + term.Figure(s.Value)
	}
	_, err := io.WriteString(out, term.Indent(line, 2, term.Width(out)))
	return err
}

// Remarks say what the figures alone do not.
func Remarks(r *models.Result) []string {
	var all []string
	if h := r.History; h.Stopped != "" && r.Diverged == nil {
		line := fmt.Sprintf("stopped after epoch %d of %d", h.Position.Epoch, r.Experiment.Epochs)
		if h.Position.Seen > 0 {
			line = fmt.Sprintf("stopped in epoch %d of %d", h.Position.Epoch+1, r.Experiment.Epochs)
		}
		if line += ": " + h.Stopped; r.Experiment.Patience > 0 {
			if at := train.Best(h.Epochs, ""); at >= 0 {
				line += fmt.Sprintf("; the weights are those of epoch %d", h.Epochs[at].Epoch)
			}
		}
		all = append(all, line)
	}
	if line := Clipped(r.History.Epochs); line != "" {
		all = append(all, line)
	}
	counts := r.Test.Predicted()
	switch n := r.Test.PredictedClasses(); {
	case n == 1:
		said := slices.Index(counts, slices.Max(counts))
		all = append(all, fmt.Sprintf("collapsed: it says %d of every test image, and is right where that is so", said))
	case n < len(counts):
		all = append(all, fmt.Sprintf("it says only %d of the %d classes", n, len(counts)))
	}
	return all
}

// Clipped says what was cut in all; "" where nothing could be.
func Clipped(epochs []train.Epoch) string {
	steps, largest, any := 0, 0.0, false
	for _, e := range epochs {
		if e.Clipped != nil {
			steps, largest, any = steps+e.Clipped.Steps, max(largest, e.Clipped.Largest), true
		}
	}
	if !any {
		return ""
	}
	return fmt.Sprintf("clipped in %d steps; the largest gradient was %.3g", steps, largest)
}

// Accuracy prints an accuracy as the lecture does; a dash for none.
func Accuracy(a float64) string {
	if a == 0 {
		return term.Dash
	}
	return fmt.Sprintf("%.4f", a)
}
