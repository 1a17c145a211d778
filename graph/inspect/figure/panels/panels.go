// Package panels draws the norms of layers' gradients into an SVG or a PNG, a panel a step. It is apart from package figure because gonum/plot, which
// can write a PNG, would come with it to everybody who draws for a page or a notebook.
package panels

import (
	"bytes"
	"errors"
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/inspect/figure"
)

// palette is of colours that people with every kind of sight can tell apart (Okabe and Ito).
var palette = []color.RGBA{{0, 114, 178, 255}, {213, 94, 0, 255}, {0, 158, 115, 255}, {204, 121, 167, 255}, {86, 180, 233, 255}, {230, 159, 0, 255}, {0, 0, 0, 255}}

// glyphs are the marks of the lines, another one each time that the palette has gone around.
var glyphs = []draw.GlyphDrawer{draw.CircleGlyph{}, draw.BoxGlyph{}, draw.TriangleGlyph{}, draw.CrossGlyph{}, draw.RingGlyph{}, draw.PlusGlyph{}}

// Draw draws the norms over the layers (inspect.Layer.GradNorm), a panel a step and a line a flow, on a log scale. The format is svg or png. A
// gradient of 0 has no place on the scale and is left out; where nothing is left, that is an error.
func Draw(format string, flows ...figure.Flow) (*bytes.Buffer, error) {
	if format != "svg" && format != "png" {
		return nil, fmt.Errorf("panels: got the format %q, want svg or png", format)
	}
	steps := figure.Steps(flows...)
	if len(steps) == 0 {
		return nil, errors.New("there is nothing to draw: ask for steps that the run has")
	}
	var panels []*plot.Plot
	legend := plot.NewLegend()
	sans(&legend.TextStyle)
	legend.Top, legend.Left, legend.Padding = true, true, 3
	named := map[int]bool{} // flows in the legend
	deepest := 0
	low, high := math.Inf(1), math.Inf(-1)
	for _, step := range steps {
		p := panel(step)
		for i, f := range flows {
			line, dots, err := lines(i, f, step)
			if err != nil {
				return nil, err
			}
			if line == nil {
				continue
			}
			p.Add(line, dots)
			if !named[i] {
				legend.Add(f.Name, line, dots)
				named[i] = true
			}
			_, _, y0, y1 := plotter.XYRange(line)
			low, high = min(low, y0), max(high, y1)
		}
		panels = append(panels, p)
	}
	for _, f := range flows {
		for _, s := range f.Snapshots {
			deepest = max(deepest, len(figure.Learning(s)))
		}
	}
	if low > high {
		return nil, errors.New("every gradient is 0, which a log scale cannot show: look at the table instead, without a plot")
	}
	columns := min(len(panels), panelColumns)
	rows := (len(panels) + columns - 1) / columns
	names := legend.Rectangle(draw.Canvas{}).Size().X + 12
	wide, tall := vg.Length(max(240, 60+28*deepest)+20)*vg.Length(columns), 300*vg.Length(rows)
	canvas, err := draw.NewFormattedCanvas(wide+names, tall, format)
	if err != nil {
		return nil, err
	}
	whole := draw.New(canvas)
	whole.SetColor(color.White)
	whole.Fill(whole.Rectangle.Path())
	tiles := draw.Tiles{Rows: rows, Cols: columns, PadX: 14, PadY: 14, PadLeft: 8, PadRight: 14, PadTop: 10, PadBottom: 8}
	left := draw.Crop(whole, 0, -names, 0, 0)
	for i, p := range panels {
		p.Y.Min, p.Y.Max = math.Floor(low), math.Ceil(high+.01)
		p.X.Min, p.X.Max = .5, float64(deepest)+.5
		p.Draw(tiles.At(left, i%columns, i/columns))
	}
	legend.Draw(draw.Crop(whole, wide, 0, 0, -36)) // level with the top of the axes
	var picture bytes.Buffer
	if _, err := canvas.WriteTo(&picture); err != nil {
		return nil, err
	}
	if format != "svg" {
		return &picture, nil
	}
	// Where the font is not, one of the same widths stands in for it.
	return bytes.NewBuffer(bytes.ReplaceAll(picture.Bytes(), []byte("font-family:Liberation Sans"), []byte("font-family:Liberation Sans,Arial,Helvetica,sans-serif"))), nil
}

// panelColumns is how many panels stand side by side.
const panelColumns = 3

// panel is the empty picture of one step. Its Y axis is of powers of ten, and not a plot.LogScale, with which gonum/plot sets a margin as if the
// axis' name stood near the top.
func panel(step uint64) *plot.Plot {
	p := plot.New()
	sans(&p.Title.TextStyle, &p.X.Label.TextStyle, &p.Y.Label.TextStyle, &p.X.Tick.Label, &p.Y.Tick.Label)
	p.Title.Text = fmt.Sprintf("step %d", step)
	p.Title.TextStyle.Font.Size = 12
	p.Title.Padding = 6
	p.X.Label.Text = "layer, from the input"
	p.Y.Label.Text = "gradient norm"
	p.X.Label.Padding, p.Y.Label.Padding = 4, 4
	p.Y.Tick.Marker = powers{}
	p.X.Tick.Marker = whole{}
	grid := plotter.NewGrid()
	grid.Vertical.Width, grid.Horizontal.Color = 0, color.Gray{225}
	p.Add(grid)
	return p
}

// sans sets the typeface of the figures for a page, and not gonum/plot's default for the whole program.
func sans(styles ...*draw.TextStyle) {
	for _, style := range styles {
		style.Font.Variant = "Sans"
	}
}

// lines are those of the i-th flow at a step; nil where it has nothing to show there.
func lines(i int, f figure.Flow, step uint64) (*plotter.Line, *plotter.Scatter, error) {
	for _, s := range f.Snapshots {
		if s == nil || s.Step != step {
			continue
		}
		points := points(s)
		if len(points) == 0 {
			continue
		}
		line, dots, err := plotter.NewLinePoints(points)
		if err != nil {
			return nil, nil, err
		}
		c := palette[i%len(palette)]
		line.Color, line.Width = c, 1.6
		dots.Color, dots.Shape, dots.Radius = c, glyphs[i/len(palette)%len(glyphs)], 2.6
		return line, dots, nil
	}
	return nil, nil, nil
}

// points are the powers of ten of the norms. They leave out layers whose gradient is 0, which have no place on a log scale.
func points(s *inspect.Snapshot) plotter.XYs {
	var xys plotter.XYs
	for i, l := range figure.Learning(s) {
		if n := l.GradNorm(); n > 0 {
			xys = append(xys, plotter.XY{X: float64(i + 1), Y: math.Log10(n)})
		}
	}
	return xys
}

// powers ticks the powers of ten, at most ten of them.
type powers struct{}

func (powers) Ticks(low, high float64) []plot.Tick {
	first, last := int(math.Round(low)), int(math.Round(high))
	every := (last-first)/10 + 1
	var ticks []plot.Tick
	for p := last; p >= first; p-- {
		tick := plot.Tick{Value: float64(p)}
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
