package run

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
)

// freezing freezes the first layer from the start, and lets it learn from the second epoch on, when it freezes the next.
func freezing() train.Observer {
	return train.ObserverFunc("freezing", func(e *train.Event) error {
		switch {
		case e.Moment == train.Begin && e.Position.Step == 0:
			return e.Model.Freeze("dense_1")
		case e.Moment == train.Epochal && e.Position.Epoch == 1:
			return errors.Join(e.Model.Unfreeze(), e.Model.Freeze("dense_2"))
		}
		return nil
	})
}

// TestResumeFrozenIsExact: a checkpoint holds what is frozen, and the optimizer's running values of the rest alone, however often that changes.
func TestResumeFrozenIsExact(t *testing.T) {
	every := Every{Steps: 2}
	e := tiny("adamw", .2)
	whole := filepath.Join(t.TempDir(), "whole")
	kept := filepath.Join(t.TempDir(), "kept")
	trained(t, kept, e, Options{Every: every, Keep: 100}, freezing())
	all := files(t, kept)
	if strings.Contains(all["checkpoints/step-000000004.safetensors"], "optimizer.m.dense_1") || !strings.Contains(all["checkpoints/step-000000006.safetensors"], "optimizer.m.dense_1") {
		t.Error("the checkpoint of step 4 has running values of a frozen layer, or that of step 6 none of one that learns")
	}
	trained(t, whole, e, Options{Every: every}, freezing())
	want := files(t, whole)
	for step := range uint64(3 * tinySteps) {
		dir := filepath.Join(t.TempDir(), "run")
		trained(t, dir, e, Options{Every: every}, freezing(), stopAt(step+1))
		resumed(t, dir, "", 0, Options{Every: every}, freezing())
		sameFiles(t, want, files(t, dir))
		if t.Failed() {
			t.Fatalf("stopped after step %d", step+1)
		}
	}
}

// TestFrozenOtherwise: a model that has other layers frozen than the checkpoint is refused, and left as it was.
func TestFrozenOtherwise(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	e := tiny("adam", 0)
	trained(t, dir, e, Options{}, freezing(), stopAt(7))
	f, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	c, err := f.Checkpoint("latest")
	if err != nil {
		t.Fatal(err)
	}
	m, err := f.Config.Model()
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Freeze("dense_3"); err != nil {
		t.Fatal(err)
	}
	bits := func(m *graph.Model) []float32 { return slices.Clone(m.Params()[0].Value.Float32s()) }
	was := bits(m)
	o, err := optim.New(e.Optimizer, e.LearningRate)
	if err != nil {
		t.Fatal(err)
	}
	restore := func() error {
		return f.open(c, func(file *tensorFile) error {
			described, err := file.describe()
			if err != nil {
				return err
			}
			return file.restore(described, m, o)
		})
	}
	mustFail(t, restore(), c.Path, `frozen layers are ["dense_2"], the model's ["dense_3"]`)
	if !slices.Equal(m.Frozen(), []string{"dense_3"}) || !slices.Equal(bits(m), was) {
		t.Error("a restore that failed changed the model")
	}
	// One that fails later leaves nothing frozen.
	if err := m.Unfreeze(); err != nil {
		t.Fatal(err)
	}
	text, _ := os.ReadFile(c.Path)
	text[len(text)-1] ^= 1
	if err := os.WriteFile(c.Path, text, 0o644); err != nil {
		t.Fatal(err)
	}
	mustFail(t, restore(), "checksum")
	if m.Frozen() != nil {
		t.Errorf("a restore that failed froze %v", m.Frozen())
	}
}
