package figure

import (
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/graph/inspect"
)

// TestAttention: a picture a head and sample, in each row of which the most is white.
func TestAttention(t *testing.T) {
	a := inspect.AttentionMap{Layer: "attention_1", Samples: 1, Heads: 2, Queries: 2, Keys: 2, Weights: []float64{1, 0, .2, .8, 0, 0, .5, .5}}
	svg := Attention("What it looks at", a)
	if strings.Count(svg, "<image ") != 2 || !strings.Contains(svg, ">head 2</text>") {
		t.Errorf("got %s", svg)
	}
	if want := dataURI([]float64{1, 0, .25, 1}, 2, 2); !strings.Contains(svg, want) {
		t.Errorf("the first head is not %s in %s", want, svg)
	}
	if want := dataURI([]float64{0, 0, 1, 1}, 2, 2); !strings.Contains(svg, want) {
		t.Errorf("the second head, of which a place sees nothing, is not %s in %s", want, svg)
	}
	if a.Weights[2] != .2 {
		t.Error("the map was changed")
	}
	if empty := Attention("nothing", inspect.AttentionMap{}); strings.Contains(empty, "<image") {
		t.Errorf("of no map: %s", empty)
	}
}

// TestGradientTimes: a line a snapshot that has the layer, and nothing where none has.
func TestGradientTimes(t *testing.T) {
	s := flowOf("lstm", 7, .1).Snapshots[0]
	if svg := GradientTimes("through time", "dense_1", s, nil); svg != "" {
		t.Errorf("of a layer that does not go over time: %s", svg)
	}
	s.Layers[0].Times = []float64{0, 1e-4, 1e-2, 1}
	if svg := GradientTimes("through time", "dense_1", s, nil, flowOf("other", 8, .2).Snapshots[0]); strings.Count(svg, "<polyline") != 1 || !strings.Contains(svg, ">step 7</text>") || strings.Contains(svg, "step 8") {
		t.Errorf("got %s", svg)
	}
}
