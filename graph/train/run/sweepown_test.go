package run

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/train"
)

// TestSweepKeepsOwnData: the plan of a sweep on data of one's own keeps where they are, and of each trial its shape and preparation.
func TestSweepKeepsOwnData(t *testing.T) {
	table, err := datasets.CSV("../../../datasets/testdata/iris.csv", datasets.Columns{Target: []string{"species"}})
	if err != nil {
		t.Fatal(err)
	}
	p := Plan{Figure: "accuracy"}
	for variant := range 2 {
		for seed := uint64(1); seed <= 2; seed++ {
			fit, _, err := datasets.Split(table, .8, seed)
			if err != nil {
				t.Fatal(err)
			}
			prepare, err := datasets.Prepare(fit, datasets.Standardize{})
			if err != nil {
				t.Fatal(err)
			}
			m, err := graph.NewModel(graph.Config{Input: graph.Floats(4), Seed: seed}, layers.Dense{Units: 3 + variant})
			if err != nil {
				t.Fatal(err)
			}
			c, err := NewConfig("iris", m, prepare.On(fit), train.Config{Seed: seed})
			if err != nil {
				t.Fatal(err)
			}
			c.File, c.Targets, c.Experiment.Validation = "/data/iris.csv", "/data/targets.csv", .2
			if variant == 1 {
				c.Shape = []int{2, 2}
			}
			p.Trials = append(p.Trials, Trial{TrialName(variant, 2, seed), []Setting{{"layers", "x"}}, c})
		}
	}
	dir := filepath.Join(t.TempDir(), "sweep")
	s, err := CreateSweep(dir, p, table)
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	again, err := OpenSweep(dir)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range p.Trials {
		got := again.Plan.Trials[i]
		a, err := json.Marshal(got.Config.Preparation)
		b, err2 := json.Marshal(want.Config.Preparation)
		if err != nil || err2 != nil || string(a) != string(b) || got.Name != want.Name || got.Config.File != want.Config.File || got.Config.Targets != want.Config.Targets || !slices.Equal(got.Config.Shape, want.Config.Shape) {
			t.Errorf("%s: got %+v\nwant %+v", want.Name, got.Config, want.Config)
		}
	}
	if one, other := again.Plan.Trials[0].Config.Preparation, again.Plan.Trials[2].Config.Preparation; one != other || one == again.Plan.Trials[1].Config.Preparation {
		t.Error("a preparation is there more than once, or not that of its seed")
	}
	bad := []byte(`{"format":1}`)
	if _, err := parsePlan(bad); err == nil {
		t.Error("no checksum: no error")
	}
}
