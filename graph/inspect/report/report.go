// Package report writes what is known of one or more runs as one HTML file that needs nothing else: no network, no script, no
// style sheet beside it.
//
//	record, err := experiment.Record(ctx, digits, test, models.RunOptions{Seed: 1})
//	findings, err := inspect.Diagnose(ctx, record)
//	err = report.Write(ctx, file, []report.Run{{Record: record, Findings: findings}})
//
// Runs are laid over one another in the curves of loss and accuracy, those that differ by their seed alone as their mean in a band, and follow one another below: each with its diagnosis, the lecture's
// figures, the gradient by layer and step, the confusion on each test set, the samples of which it was most sure and wrong, the
// first layer's weights or filters, what layers make of a sample (feature maps, attention, samples made anew), the gradient by time step of recurrent layers, and what repeats it. The drawings are those of package figure; those of images are
// left out where the samples are none. A [Section] of one's own, such as what the runs differ in, stands above them.
package report

import (
	"context"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"slices"

	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/inspect/figure"
	"github.com/stheno-ml/stheno/graph/train"
)

// A Run is one run of a report.
type Run struct {
	*inspect.Record                   // its Model and Train.Result must be there
	Findings        []inspect.Finding // of inspect.Diagnose; may be empty
	Lecture         []Setting         // what the lecture shows of it, such as training accuracy: .8734; may be empty
	Settings        []Setting         // all that repeats the run
	Command         string            // the command line that does; may be empty
	About           string            // what tells it from the others, in a line; may be empty
	Brief           bool              // it is in the curves alone, and needs no Model
	Group           string            // runs of one group differ by their seed alone: the curves show their mean and the range that they cover; may be empty
}

// A Section is something more that stands above the runs, such as what they differ in.
type Section struct {
	Title   string
	Head    []string   // of the table
	Rows    [][]string // as wide as the head, the first cell a name; may be empty
	Text    []string   // a paragraph each
	Figures []string   // of package figure
}

// SVG are the figures as they stand in the page: package figure escapes every name that it writes.
func (s Section) SVG() (all []template.HTML) {
	for _, f := range s.Figures {
		all = append(all, svg(f))
	}
	return all
}

// A Setting is a name with its value, as they are to be read.
type Setting struct{ Name, Value string }

//go:embed report.html
var page string

var tmpl = template.Must(template.New("report").Funcs(template.FuncMap{"accuracy": accuracy}).Parse(page))

// Write writes the report, with sections of one's own above the runs. Runs of one name are told apart by a number. No runs, a run without its model or its evaluation, and a writer that
// fails are errors, which name the run; the context can stop it.
func Write(ctx context.Context, w io.Writer, runs []Run, above ...Section) error {
	if len(runs) == 0 {
		return fmt.Errorf("report: got no runs, want at least one")
	}
	names := label(runs)
	data := pageData{Title: "Stheno: " + names[0], Above: above}
	if len(runs) > 1 {
		data.Title = fmt.Sprintf("Stheno: %d runs", len(runs))
	}
	data.Metric = metricOf(runs)
	data.Curves = curves(runs, names)
	for i, r := range runs {
		if r.Record != nil && r.Brief {
			continue
		}
		if r.Record == nil || r.Model == nil || r.Train.Result == nil {
			return fmt.Errorf("report: run %s: got a record without its model or evaluation, want both", names[i])
		}
		s, err := section(ctx, r, names[i], data.Metric)
		if err != nil {
			return fmt.Errorf("report: run %s: %w", names[i], err)
		}
		data.Runs = append(data.Runs, s)
	}
	if err := tmpl.Execute(w, data); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

// pageData is what the page shows.
type pageData struct {
	Title  string
	Metric string // that is told beside the loss; "" if there is none
	Above  []Section
	Curves []template.HTML
	Runs   []runData
}

type runData struct {
	Run
	Name    string
	Size    string // epochs, updates and the like, in words
	Clipped string // how often gradients were, in words; "" where nothing could be
	Results []result
	Figures []drawing
}

// A drawing is a figure, and the numbers behind it, where they are told.
type drawing struct {
	SVG  template.HTML
	Note string   // how it is read; may be empty
	Head []string // of the columns
	Rows [][]string
}

// result is a line of the table: an evaluation.
type result struct{ Name, Score, Loss string }

// label gives each run a name of its own.
func label(runs []Run) []string {
	var names []string
	for _, r := range runs {
		name := "run"
		if r.Record != nil && r.Record.Name != "" {
			name = r.Record.Name
		}
		for i := 2; slices.Contains(names, name); i++ {
			name = fmt.Sprintf("%s (%d)", r.Record.Name, i)
		}
		names = append(names, name)
	}
	return names
}

func accuracy(v float64) string {
	s := train.FormatScore(v)
	if v >= 0 && v < 1 && s[0] == '0' {
		return s[1:]
	}
	return s
}

// score is a figure as accuracy writes it, a dash where it was not measured.
func score(v float64) string {
	if math.IsNaN(v) {
		return "–"
	}
	return accuracy(v)
}

// count is "1 epoch", "2 epochs".
func count(n int, of string) string {
	if n != 1 {
		of += "s"
	}
	return fmt.Sprint(n, " ", of)
}

// metricOf is the metric that is drawn and told: accuracy where a run has it, else the first that one has; "" if there is none.
func metricOf(runs []Run) string {
	first := ""
	for _, r := range runs {
		if r.Record == nil || r.Train.Result == nil {
			continue
		}
		for _, s := range r.Train.Result.Scores {
			if s.Name == "accuracy" {
				return s.Name
			}
			if first == "" {
				first = s.Name
			}
		}
	}
	return first
}

// svg marks a figure as HTML.
func svg(s string) template.HTML { return template.HTML(s) }

// plain is a figure that speaks for itself.
func plain(s string) drawing { return drawing{SVG: svg(s)} }

// hills is how many steps the histograms of a layer show at most.
const hills = 8

// section makes a run's part of the page.
func section(ctx context.Context, r Run, name, metric string) (runData, error) {
	d := runData{Run: r, Name: name}
	seconds := 0.0
	for _, e := range r.Epochs {
		seconds += e.Seconds
	}
	d.Size = fmt.Sprintf("%s, %s, %s", count(len(r.Epochs), "epoch"), count(int(r.Steps), "update"), count(r.Model.ParamCount(), "parameter"))
	if n := train.Climb(r.Epochs); n > 0 {
		d.Size += fmt.Sprintf(", training accuracy %s in epoch %d", accuracy(train.Climbed), n)
	}
	if seconds > 0 {
		d.Size += fmt.Sprintf(", %.1f s", seconds)
	}
	for _, t := range append([]inspect.Tested{r.Train}, r.Tests...) {
		if t.Result != nil {
			d.Results = append(d.Results, result{t.Name, score(t.Result.Score(metric)), train.FormatScore(t.Result.Loss)})
		}
	}
	var f string
	if d.Clipped, f = clipped(r); f != "" {
		d.Figures = append(d.Figures, plain(f))
	}
	if f := gradientFlow(r); f != "" {
		d.Figures = append(d.Figures, plain(f))
	}
	if len(r.Snapshots) > 0 {
		d.Figures = append(d.Figures, plain(figure.Histograms(figure.Flow{Name: name, Snapshots: figure.Few(hills, r.Snapshots)})))
	}
	d.Figures = append(d.Figures, throughTime(r)...)
	for _, t := range r.Tests {
		if t.Result != nil && t.Set() != nil && len(t.Result.Confusion) > 0 && len(t.Result.Confusion) <= 30 {
			d.Figures = append(d.Figures, plain(figure.Confusion("Confusion, "+t.Name, t.Set().Classes, t.Result.Confusion)))
		}
	}
	for _, t := range r.Tests {
		f, err := wrong(ctx, r, t)
		if err != nil {
			return d, err
		}
		if f != "" {
			d.Figures = append(d.Figures, plain(f))
		}
	}
	figures, err := inside(r)
	d.Figures = append(d.Figures, figures...)
	return d, err
}
