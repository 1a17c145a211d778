// Package show puts pictures, tables and growing curves into a notebook. Every picture is drawn by package figure, as those of
// the report are; this package lays them side by side, and hands them to whatever displays them.
//
// It knows no notebook: the first cell connects it to one, in GoNB so:
//
//	func init_show() {
//		show.Connect(func(mime, content, id string) {
//			gonbui.SendData(&protocol.DisplayData{Data: map[protocol.MIMEType]any{protocol.MIMEType(mime): content}, DisplayID: id})
//			gonbui.Sync()
//		})
//	}
//
// and a cell may then say
//
//	curves := show.NewPlot("Two losses")
//	_, err := train.Fit(ctx, model, digits, train.Config{Epochs: 5, Observers: []train.Observer{curves.Run("cross-entropy")}})
//	show.Check(err)
//
// which draws loss and accuracy while the network trains. Functions here return nothing: what goes wrong ends the cell with
// the error, as [Check] does, because a cell is a program of its own.
package show

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/inspect/figure"
)

// display is where everything goes; until Connect, to standard output in words.
var display = func(mime, content, id string) {
	if mime == markdown {
		fmt.Println(content)
		return
	}
	fmt.Printf("(%s, %d bytes: a notebook shows it)\n", mime, len(content))
}

const (
	markdown = "text/markdown"
	picture  = "image/svg+xml"
)

// Connect says what displays: a function of a MIME type, text/markdown or image/svg+xml, and the content. What comes again under the
// same id, if that is not empty, takes the place of what was there.
func Connect(f func(mime, content, id string)) { display = f }

// Check ends the cell with the error, if there is one: on standard error, with exit status 1.
func Check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// Markdown shows text.
func Markdown(text string) { display(markdown, text, "") }

// Table shows rows of cells, the first of which are the columns' names. Cells are shown as fmt.Print does, floats with four
// digits.
func Table(rows ...[]any) {
	var b strings.Builder
	for i, row := range rows {
		for _, cell := range row {
			text := fmt.Sprint(cell)
			if f, ok := cell.(float64); ok {
				text = fmt.Sprintf("%.4g", f)
			}
			b.WriteString("| " + strings.NewReplacer("|", "\\|", "\n", " ").Replace(text) + " ")
		}
		b.WriteString("|\n")
		if i == 0 {
			b.WriteString(strings.Repeat("|---", len(row)) + "|\n")
		}
	}
	display(markdown, b.String(), "")
}

// SVG shows drawings side by side.
func SVG(drawings ...string) { display(picture, page(nil, drawings...), "") }

// Digits shows samples of a data set of images, with their classes under them. Where output is not nil it is the model's for the whole
// data set, from train.Predict, and what it says stands there too.
func Digits(title string, data *datasets.Dataset, rows []int, output *tensor.Dense) {
	if len(data.Shape) != 2 {
		Check(fmt.Errorf("show: data set %q has samples of shape %v, want images of two dimensions", data.Name, data.Shape))
	}
	row := make([]float32, data.Features())
	images := make([]figure.Image, len(rows))
	for i, sample := range rows {
		data.Row(row, sample)
		images[i].Caption[0] = "is " + data.Classes[data.Label(sample)]
		if output != nil {
			images[i].Caption = [2]string{"says " + data.Classes[Says(output, sample)], images[i].Caption[0]}
		}
		least := float64(row[0])
		for _, v := range row {
			least = min(least, float64(v))
		}
		for _, v := range row {
			images[i].Values = append(images[i].Values, float64(v)-least) // noise too goes from black to white
		}
	}
	SVG(figure.Images(title, data.Shape[0], data.Shape[1], 10, images))
}

// Says is the class of which a model's output, from train.Predict, makes that sample.
func Says(output *tensor.Dense, sample int) int {
	classes := output.Shape()[1]
	row := output.Float32s()[sample*classes : (sample+1)*classes]
	best := 0
	for class, v := range row {
		if v > row[best] {
			best = class
		}
	}
	return best
}

// Gradients are bars of the norm of each layer's gradient, a colour for each snapshot. They are drawn for layers that learn, from
// the input on; the snapshots' networks must have the same ones.
func Gradients(title string, names []string, snapshots ...*inspect.Snapshot) string {
	var layers []string
	var series []figure.Series
	for i, s := range snapshots {
		one := figure.Series{Name: names[i]}
		for _, l := range s.Layers {
			for _, p := range l.Params {
				if p.Name != "weight" {
					continue
				}
				if i == 0 {
					layers = append(layers, l.Name)
				}
				one.Y = append(one.Y, p.Grad.Norm)
			}
		}
		series = append(series, one)
	}
	return figure.Bars(title, layers, series...)
}

// Drawing shows a drawing of a network: as a picture where Graphviz is installed, else as text.
func Drawing(d *inspect.Drawing) {
	svg, err := d.SVG(context.Background())
	if errors.Is(err, inspect.ErrNoGraphviz) {
		Markdown("```\n" + d.Text() + "```\n")
		return
	}
	Check(err)
	SVG(string(svg))
}

// Findings shows a diagnosis.
func Findings(findings []inspect.Finding) {
	rows := [][]any{{"weight", "finding", "what was measured", "what to try"}}
	for _, f := range findings {
		rows = append(rows, []any{f.Severity, "**" + string(f.Code) + "**", f.Evidence, f.Advice})
	}
	Table(rows...)
}
