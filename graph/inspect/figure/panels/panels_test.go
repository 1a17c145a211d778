package panels

import (
	"image/png"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/inspect/figure"
)

// flowOf is a flow of the given norms.
func flowOf(name string, step uint64, norms ...float64) figure.Flow {
	s := &inspect.Snapshot{Step: step, Stepped: true}
	for i, n := range norms {
		var p inspect.Param
		p.Name, p.Grad.Norm, p.Value.Norm, p.Update = "weight", n, 10, n/100
		s.Layers = append(s.Layers, inspect.Layer{Name: "dense_" + string(rune('1'+i)), Params: []inspect.Param{p}, Saturated: .25, Dead: .5})
	}
	return figure.Flow{Name: name, Snapshots: []*inspect.Snapshot{s}}
}

// The title stands close over the axes, which take the most of a panel.
func TestGradientsPanelHasNoGap(t *testing.T) {
	p := panel(0)
	line, dots, err := lines(0, flowOf("deep-sigmoid", 0, 1e-8, 1e-5, 1e-2, 2), 0)
	if err != nil {
		t.Fatal(err)
	}
	p.Add(line, dots)
	p.Y.Min, p.Y.Max, p.X.Min, p.X.Max = -8, 1, .5, 4.5
	whole := draw.Canvas{Rectangle: vg.Rectangle{Max: vg.Point{X: 300, Y: 300}}}
	axes := p.DataCanvas(whole)
	title := p.Title.TextStyle.Rectangle(p.Title.Text).Size().Y + p.Title.Padding
	if gap := whole.Max.Y - title - axes.Max.Y; gap < 0 || gap > 8 {
		t.Errorf("between title and axes: got %v points, want at most 8", gap)
	}
	if size := axes.Size(); size.X < 230 || size.Y < 220 {
		t.Errorf("the axes take %v of 300×300, want the most of it", size)
	}
}

// Many steps take rows, and the names a place of their own.
func TestGradientsPlotWraps(t *testing.T) {
	size := func(steps, names int) (width, height int) {
		t.Helper()
		var flows []figure.Flow
		for n := range names {
			f := figure.Flow{Name: "experiment " + string(rune('a'+n))}
			for step := range steps {
				f.Snapshots = append(f.Snapshots, flowOf("", uint64(step), .1, .2, 0).Snapshots...)
			}
			flows = append(flows, f)
		}
		picture, err := Draw("png", flows...)
		if err != nil {
			t.Fatal(err)
		}
		c, err := png.DecodeConfig(picture)
		if err != nil {
			t.Fatal(err)
		}
		return c.Width, c.Height
	}
	w1, h1 := size(1, 1)
	w3, h3 := size(3, 4)
	w7, h7 := size(7, 4)
	if h3 != h1 || h7 != 3*h1 || w7 != w3 || w3 <= 2*w1 {
		t.Errorf("sizes of 1, 3 and 7 steps: got %d×%d, %d×%d, %d×%d, want rows of three", w1, h1, w3, h3, w7, h7)
	}
	if _, err := Draw("png", flowOf("zero", 0, 0, 0)); err == nil || !strings.Contains(err.Error(), "every gradient is 0") {
		t.Errorf("nothing but zeros: got %v", err)
	}
	for _, flows := range [][]figure.Flow{nil, {{Name: "none"}}, {{Snapshots: []*inspect.Snapshot{nil}}}} {
		if _, err := Draw("svg", flows...); err == nil || !strings.Contains(err.Error(), "nothing to draw") {
			t.Errorf("%v: got %v", flows, err)
		}
	}
	if _, err := Draw("gif", flowOf("relu", 0, .1)); err == nil || !strings.Contains(err.Error(), "want svg or png") {
		t.Errorf("gif: got %v", err)
	}
}
