package session

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/runs"
	"github.com/stheno-ml/stheno/cmd/stheno/lab/look"
	kept "github.com/stheno-ml/stheno/graph/train/run"
	"github.com/stheno-ml/stheno/models"
)

// TestBeganAtItsBeginning: what a run's layers are compared with is its step 0, wherever it was trained, and whichever steps of it were recorded.
func TestBeganAtItsBeginning(t *testing.T) {
	e, err := models.Find("relu")
	if err != nil {
		t.Fatal(err)
	}
	if err := keptIn(t, "", nil).Change(&e); err != nil {
		t.Fatal(err)
	}
	o := Options{Name: "relu", Seed: 1, Dataset: "tiny", Open: tinyData(t), Change: keptIn(t, "", nil).Change}
	l := serve(t, o)
	id := l.do(Command{Do: "play"})
	end := l.until(id, over).Head
	first := func(l *lab, id string, step uint64) (all []look.FirstLayer) {
		t.Helper()
		l.until(id, func(Run) bool {
			l.mu.Lock()
			defer l.mu.Unlock()
			for _, m := range l.told {
				if m, is := m.Data.(Layers); is && m.Run == id && m.Step == step {
					all = nil
					for _, layer := range m.Layers {
						all = append(all, layer.First)
					}
				}
			}
			return all != nil
		})
		return all
	}
	want := first(l, id, end)
	l.ends()
	var tenth []byte
	for _, s := range l.Session.runs[0].snapshots {
		if s.Step == 10 {
			tenth, err = json.Marshal(s)
		}
	}
	if tenth == nil || err != nil {
		t.Fatalf("step 10 was not recorded: %v", err)
	}
	c, err := e.RunConfig(1, "", tiny(t, 60))
	if err != nil {
		t.Fatal(err)
	}
	for name, log := range map[string][]byte{"of step 10": append(tenth, '\n'), "none": nil} {
		dir := recorded(t, e, c, kept.Options{})
		if log != nil {
			if err := os.WriteFile(filepath.Join(dir, runs.GradientsLog+".jsonl"), log, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		l := serve(t, Options{Name: dir, Seed: 9, Dataset: "tiny", Open: tinyData(t)})
		id := l.State().Current
		if got := first(l, id, end); !reflect.DeepEqual(got, want) {
			t.Errorf("recorded %s: it began with %+v, want %+v", name, got, want)
		}
		l.goTo(id, 20)
		b := l.do(Command{Do: "branch"})
		l.do(Command{Do: "step"})
		if got := first(l, b, 20); !reflect.DeepEqual(got, want) {
			t.Errorf("recorded %s: a branch from step 20 began with %+v, want %+v", name, got, want)
		}
		l.ends()
	}
}
