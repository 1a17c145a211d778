// Package show puts pictures, tables and growing curves into a notebook. Every picture is drawn by package figure, as those of
// the report are; this package lays them side by side, and hands them to whatever displays them.
//
// It knows no notebook: Connect connects it to one, and to GoNB the import of a package does, which lies in a module of its own, for what GoNB needs:
//
//	import _ "github.com/stheno-ml/stheno/notebooks/tools/gonb"
//
// A cell may then say
//
//	curves := show.NewPlot("Two losses")
//	_, err := train.Fit(ctx, model, digits, train.Config{Epochs: 5, Observers: []train.Observer{curves.Run("cross-entropy")}})
//	show.Check(err)
//
// which draws loss and accuracy while the network trains. [SVG] shows what package figure draws, such as figure.Gradients, [Digits] samples of a
// data set, [Drawing] a network, [Findings] a diagnosis, [Table] and [Markdown] figures and words. Functions here return nothing: what goes wrong ends the cell with
// the error, as [Check] does, because a cell is a program of its own.
package show

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

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

// SVG shows drawings side by side: svg elements of package figure or of inspect.Drawing.
func SVG(drawings ...string) { display(picture, page(nil, drawings...), "") }

// Digits shows samples of a data set of images, ten in a row, with their classes under them. said, if not nil, is what a model says of
// every sample of the data set, train.Classes of its output, and stands there too.
func Digits(title string, data *datasets.Dataset, rows, said []int) {
	svg, err := figure.Samples(title, 10, data, rows, said)
	Check(err)
	SVG(svg)
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
