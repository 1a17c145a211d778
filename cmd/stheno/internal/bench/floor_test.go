package bench

import (
	"testing"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
)

// TestFloorFlop: the products of a training step are two for the first layer, whose input needs no gradient, and three for another.
func TestFloorFlop(t *testing.T) {
	m, err := graph.NewModel(graph.Config{Input: graph.Floats(3)}, layers.Dense{Units: 5}, layers.Dense{Units: 2})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := newFloor(m, 7, true).flop(), 7.*(2*2*3*5+3*2*5*2); got != want {
		t.Errorf("training: %g, want %g", got, want)
	}
	c, err := graph.NewModel(graph.Config{Input: graph.Floats(5, 7)}, layers.Conv{Filters: 4}, layers.MaxPool{}, layers.Conv{Filters: 6, Window: layers.Window{Size: []int{1, 2}}, Groups: 2}, layers.Flatten{}, layers.Dense{Units: 2})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := newFloor(c, 11, true).flop(), 11.*(2*2*3*5*9*4+3*2*1*1*2*2*6+3*2*6*2); got != want {
		t.Errorf("convolutions: %g, want %g", got, want)
	}
	if got, want := newFloor(m, 7, false).flop(), 7.*(2*3*5+2*5*2); got != want {
		t.Errorf("forward: %g, want %g", got, want)
	}
}
