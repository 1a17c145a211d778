package main

import (
	"bytes"
	"fmt"
	"image/color"
	"math"
	"path/filepath"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/stheno-ml/stheno/graph/inspect"
)

// palette is of colours that people with every kind of sight can tell apart (Okabe and Ito).
var palette = []color.RGBA{{0, 114, 178, 255}, {213, 94, 0, 255}, {0, 158, 115, 255}, {204, 121, 167, 255}, {86, 180, 233, 255}, {230, 159, 0, 255}, {0, 0, 0, 255}}

// plotFlows draws the norms over the layers, a panel a step, into an .svg or .png file.
func plotFlows(path string, flows []flow) error {
	plot.DefaultFont = font.Font{Typeface: "Liberation", Variant: "Sans"}
	plotter.DefaultFont = plot.DefaultFont
	steps := stepsOf(flows)
	if len(steps) == 0 {
		return fmt.Errorf("--plot %s: there is nothing to draw: ask for steps that the run has", path)
	}
	var panels []*plot.Plot
	deepest := 0
	low, high := math.Inf(1), 0.0
	for _, step := range steps {
		p, depth, err := panel(step, flows)
		if err != nil {
			return fmt.Errorf("--plot %s: %w", path, err)
		}
		panels = append(panels, p)
		deepest = max(deepest, depth)
		low, high = min(low, p.Y.Min), max(high, p.Y.Max)
	}
	if !(high > 0) {
		return fmt.Errorf("--plot %s: every gradient is 0, which a log scale cannot show: see the table, without --plot", path)
	}
	width := vg.Length(max(240, 60+28*deepest)) + 20
	canvas, err := draw.NewFormattedCanvas(width*vg.Length(len(panels)), 300, strings.TrimPrefix(filepath.Ext(path), "."))
	if err != nil {
		return fmt.Errorf("--plot %s: %w", path, err)
	}
	whole := draw.New(canvas)
	whole.SetColor(color.White)
	whole.Fill(whole.Rectangle.Path())
	tiles := draw.Tiles{Rows: 1, Cols: len(panels), PadX: 14, PadLeft: 8, PadRight: 14, PadTop: 10, PadBottom: 8}
	for i, p := range panels {
		p.Y.Min, p.Y.Max = math.Pow(10, math.Floor(math.Log10(low))), math.Pow(10, math.Ceil(math.Log10(high)+.01))
		p.X.Min, p.X.Max = .5, float64(deepest)+.5
		p.Draw(tiles.At(whole, i, 0))
	}
	var picture bytes.Buffer
	if _, err := canvas.WriteTo(&picture); err != nil {
		return fmt.Errorf("--plot %s: %w", path, err)
	}
	if filepath.Ext(path) != ".svg" {
		return writePicture(path, &picture)
	}
	// Where the font is not, one of the same widths stands in for it.
	return writePicture(path, bytes.NewBuffer(bytes.ReplaceAll(picture.Bytes(), []byte("font-family:Liberation Sans"), []byte("font-family:Liberation Sans,Arial,Helvetica,sans-serif"))))
}

// panel draws one step. Its Y range is that of the data.
func panel(step uint64, flows []flow) (*plot.Plot, int, error) {
	p := plot.New()
	p.Title.Text = fmt.Sprintf("step %d", step)
	p.Title.TextStyle.Font.Size = 12
	p.Title.Padding = 6
	p.X.Label.Text = "layer, from the input"
	p.Y.Label.Text = "gradient norm"
	p.X.Label.Padding, p.Y.Label.Padding = 4, 4
	p.Y.Scale = plot.LogScale{}
	p.Y.Tick.Marker = powers{}
	p.X.Tick.Marker = whole{}
	grid := plotter.NewGrid()
	grid.Vertical.Width, grid.Horizontal.Color = 0, color.Gray{225}
	p.Add(grid)
	p.Legend.Top, p.Legend.Left = false, false
	p.Legend.Padding, p.Legend.XOffs, p.Legend.YOffs = 3, -4, 4
	deepest := 0
	for i, f := range flows {
		for _, s := range f.snapshots {
			if s.Step != step {
				continue
			}
			points := points(s)
			deepest = max(deepest, len(learning(s)))
			if len(points) == 0 {
				continue
			}
			line, dots, err := plotter.NewLinePoints(points)
			if err != nil {
				return nil, 0, err
			}
			c := palette[i%len(palette)]
			line.Color, line.Width = c, 1.6
			dots.Color, dots.Shape, dots.Radius = c, draw.CircleGlyph{}, 2.6
			p.Add(line, dots)
			p.Legend.Add(f.name, line, dots)
		}
	}
	return p, deepest, nil
}

// points leave out layers whose gradient is 0: they have no place on a log scale.
func points(s *inspect.Snapshot) plotter.XYs {
	var xys plotter.XYs
	for i, l := range learning(s) {
		if n := l.GradNorm(); n > 0 {
			xys = append(xys, plotter.XY{X: float64(i + 1), Y: n})
		}
	}
	return xys
}

// powers ticks the powers of ten, at most ten of them.
type powers struct{}

func (powers) Ticks(low, high float64) []plot.Tick {
	first, last := int(math.Round(math.Log10(low))), int(math.Round(math.Log10(high)))
	every := (last-first)/10 + 1
	var ticks []plot.Tick
	for p := last; p >= first; p-- {
		tick := plot.Tick{Value: math.Pow(10, float64(p))}
		if (last-p)%every == 0 {
			tick.Label = fmt.Sprintf("1e%d", p)
		}
		ticks = append(ticks, tick)
	}
	return ticks
}

// whole ticks the whole numbers.
type whole struct{}

func (whole) Ticks(low, high float64) []plot.Tick {
	var ticks []plot.Tick
	for v := math.Ceil(low); v <= high; v++ {
		ticks = append(ticks, plot.Tick{Value: v, Label: fmt.Sprintf("%.0f", v)})
	}
	return ticks
}
