package run_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/graph/train/run"
)

// TestRestore goes on from a checkpoint without the folder's lock, and comes to the bits of a run that never stopped.
func TestRestore(t *testing.T) {
	rows, labels := make([]float32, 40*3), make([]int, 40)
	for i := range rows {
		rows[i] = float32(i*7%11) / 11
		labels[i/3] = i / 3 % 2
	}
	data, err := datasets.New("rows", []int{3}, rows, labels, nil)
	if err != nil {
		t.Fatal(err)
	}
	m, err := graph.NewModel(graph.Config{Input: graph.Floats(3), Seed: 5}, layers.Dense{Units: 4, Activation: layers.Tanh}, layers.Dropout{Rate: .3}, layers.Dense{Units: 2, Activation: layers.Softmax})
	if err != nil {
		t.Fatal(err)
	}
	how := train.Config{Optimizer: &optim.Adam{LearningRate: .01}, BatchSize: 8, Epochs: 4, Seed: 5}
	c, err := run.NewConfig("rows", m, data, how)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "run")
	rec, err := run.Create(dir, c, run.Options{Keep: 9})
	if err != nil {
		t.Fatal(err)
	}
	defer rec.Close() // which has the lock all the time
	how.Observers = []train.Observer{rec}
	if _, err := train.Fit(t.Context(), m, data, how); err != nil {
		t.Fatal(err)
	}

	folder, err := run.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	all, err := folder.Checkpoints()
	if err != nil || len(all) != 4 {
		t.Fatalf("got %v, %v", all, err)
	}
	again, err := folder.Config.Model()
	if err != nil {
		t.Fatal(err)
	}
	on, err := folder.Config.Training()
	if err != nil {
		t.Fatal(err)
	}
	if on.Start, err = folder.Restore(all[1], again, on.Optimizer, data); err != nil || on.Start.Epoch != 2 || on.Start.Step != 10 {
		t.Fatalf("got %+v, %v", on.Start, err)
	}
	if _, err := train.Fit(t.Context(), again, data, on); err != nil {
		t.Fatal(err)
	}
	for i, p := range again.Params() {
		if want := m.Params()[i].Value.Float32s(); !equalBits(p.Value.Float32s(), want) {
			t.Errorf("%s is another one than in the run that never stopped", p.Name)
		}
	}

	other, err := data.Slice(0, 30)
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []struct {
		m    *graph.Model
		o    optim.Optimizer
		data datasets.Data
		want string
	}{{nil, &optim.Adam{}, data, "nil"}, {again, nil, data, "nil"}, {again, &optim.Adam{}, other, "other samples"}, {again, &optim.SGD{}, data, "optimizer"}} {
		if _, err := folder.Restore(all[1], bad.m, bad.o, bad.data); err == nil || !strings.Contains(err.Error(), bad.want) {
			t.Errorf("got %v, want an error of %q", err, bad.want)
		}
	}
}

func equalBits(a, b []float32) bool {
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return len(a) == len(b)
}

func TestWriteModel(t *testing.T) {
	m, err := graph.NewModel(graph.Config{Input: graph.Floats(3), Seed: 5}, layers.Dense{Units: 2})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "m.safetensors")
	var b bytes.Buffer
	if err := run.SaveModel(path, m, nil); err != nil {
		t.Fatal(err)
	}
	if err := run.WriteModel(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	if want, err := os.ReadFile(path); err != nil || !bytes.Equal(b.Bytes(), want) {
		t.Errorf("got %d bytes other than the file's %d (%v)", b.Len(), len(want), err)
	}
	if run.WriteModel(nil, m, nil) == nil || run.WriteModel(&b, nil, nil) == nil {
		t.Error("nil is taken")
	}
}
