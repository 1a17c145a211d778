package run

import (
	"path/filepath"
	"testing"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
)

// A training that is written down when it is over is the same bytes as one that was recorded.
func TestWrittenDown(t *testing.T) {
	was := filepath.Join(t.TempDir(), "was")
	e := tiny("adam", .3)
	var models []*graph.Model
	var states []optim.State
	var at []train.Position
	watch := train.ObserverFunc("watch", func(ev *train.Event) error {
		if ev.Moment == train.Epochal {
			models, states, at = append(models, ev.Model.Clone()), append(states, ev.Config.Optimizer.State()), append(at, ev.Position)
		}
		return nil
	})
	o := Options{disk: unsynced{}}
	outcome := trained(t, was, e, o, watch)

	dir := filepath.Join(t.TempDir(), "written")
	c := e.config(t, 7, samples(t, 1))
	rec, err := Create(dir, c, o)
	if err != nil {
		t.Fatal(err)
	}
	event := func(moment train.Moment) *train.Event {
		m, err := c.Model()
		if err != nil {
			t.Fatal(err)
		}
		how, err := c.Training()
		if err != nil {
			t.Fatal(err)
		}
		return &train.Event{Moment: moment, Model: m, Config: &how, Data: samples(t, 1), History: &train.History{}}
	}
	mustFail(t, rec.Save(event(train.Epochal)), "train.Begin")
	if err := rec.Observe(event(train.Begin)); err != nil {
		t.Fatal(err)
	}
	for i, done := range outcome.history.Epochs {
		if err := rec.Epoch(done, at[i].Step); err != nil {
			t.Fatal(err)
		}
		ev := event(train.Epochal)
		ev.Model, ev.Position = models[i], at[i]
		if err := ev.Config.Optimizer.SetState(states[i]); err != nil {
			t.Fatal(err)
		}
		if err := rec.Save(ev); err != nil {
			t.Fatal(err)
		}
	}
	if err := rec.Finish(outcome.Result); err != nil {
		t.Fatal(err)
	}
	mustFail(t, rec.Save(nil), "lacks its model")
	if err := rec.Close(); err != nil {
		t.Fatal(err)
	}
	sameFiles(t, files(t, was), files(t, dir))
	mustFail(t, rec.Save(event(train.Epochal)), "closed")
	mustFail(t, rec.Epoch(train.Epoch{}, 1), "closed")
}
