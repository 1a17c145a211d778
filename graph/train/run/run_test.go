package run

import (
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/train"
)

const tinySteps = 5

// samples are 36 random ones of 6 values in 3 classes.
func samples(t testing.TB, seed uint64) *datasets.Dataset {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 0))
	rows, labels := make([]float32, 36*6), make([]int, 36)
	for i := range rows {
		rows[i] = r.Float32()
	}
	for i := range labels {
		labels[i] = i % 3
	}
	d, err := datasets.New("samples", []int{2, 3}, rows, labels, nil)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// unsynced is the real disk without waiting for it: what a crash of the machine would leave is not what most tests are about.
type unsynced struct{ osDisk }

type unsyncedFile struct{ file }

func (unsyncedFile) Sync() error { return nil }

func (d unsynced) create(root *os.Root, name string) (file, error) {
	f, err := d.osDisk.create(root, name)
	return unsyncedFile{f}, err
}

func (d unsynced) append(root *os.Root, name string) (file, error) {
	f, err := d.osDisk.append(root, name)
	return unsyncedFile{f}, err
}

func (unsynced) syncDir(*os.Root, string) error { return nil }

// files reads all of a run's folder but the lock and the seconds.
func files(t testing.TB, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == lockFile || d.Name() == timingsLog+logSuffix {
			return err
		}
		text, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		all[name] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// sameFiles compares two runs byte for byte.
func sameFiles(t testing.TB, want, got map[string]string) {
	t.Helper()
	if w, g := slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got)); !slices.Equal(w, g) {
		t.Fatalf("the folder has %q, want %q", g, w)
	}
	for name := range want {
		if want[name] != got[name] {
			t.Errorf("%s differs: %d and %d bytes", name, len(want[name]), len(got[name]))
		}
	}
}

func mustFail(t *testing.T, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("got no error, want one with %q", words)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("the error %q does not say %q", err, w)
		}
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("the error %q has more than one line", err)
	}
}

func TestARunIsAFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	result := trained(t, dir, tiny("adam", .3), Options{Keep: 1, Every: Every{Steps: 2}, disk: osDisk{}})
	f, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	m, err := Load(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range m.Params() {
		if !slices.Equal(p.Value.Float32s(), result.model.Params()[i].Value.Float32s()) {
			t.Errorf("%s is not what was trained", p.Name)
		}
	}
	epochs, err := f.Epochs()
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range epochs {
		if !reflect.DeepEqual(e, result.history.Epochs[i]) {
			t.Errorf("epoch %d is %+v on disk, want %+v", i+1, e, result.history.Epochs[i])
		}
	}
	r, err := f.Result()
	if err != nil || !reflect.DeepEqual(r.Test, result.Test) || !reflect.DeepEqual(r.NoisyTest, result.NoisyTest) || r.PredictedClasses != result.PredictedClasses {
		t.Errorf("the result is %+v, %v", r, err)
	}
	want := Experiment{
		Name: "tiny", Network: "x = input 6\ndense 5 tanh\ndropout 0.3\ndense 4 tanh\ndropout 0.3\ndense 3 softmax", Loss: "cross-entropy", Optimizer: "adam 0.05",
		BatchSize: 8, Epochs: 3, Scale: 1, Noise: .5,
	}
	if !reflect.DeepEqual(f.Config.Experiment, want) || f.Config.Seed != 7 || !slices.Equal(f.Config.Shape, []int{2, 3}) {
		t.Errorf("the configuration is %+v", f.Config)
	}
	if who := InUse(dir); who != "" {
		t.Errorf("a run that has ended is in use by %s", who)
	}
	for name := range files(t, dir) {
		if strings.HasSuffix(name, temporary) {
			t.Errorf("%s was left", name)
		}
	}
}

func TestKeepsTheNewestAndTheBest(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	bestAt := uint64(0)
	least := 0.0
	watch := train.ObserverFunc("watch", func(e *train.Event) error {
		if e.Moment == train.Epochal {
			if l := e.History.Epochs[len(e.History.Epochs)-1].Running.Loss; bestAt == 0 || l < least {
				bestAt, least = e.Position.Step, l
			}
		}
		return nil
	})
	e := tiny("sgd", 0)
	e.LearningRate, e.Epochs = 6, 6 // so large that the loss goes up and down
	trained(t, dir, e, Options{Keep: 3, Every: Every{Steps: 2}}, watch)
	if bestAt >= 26 {
		t.Fatalf("the best epoch ended at step %d, which is among the newest: choose another learning rate for this test", bestAt)
	}
	f, _ := Open(dir)
	all, err := f.Checkpoints()
	if err != nil {
		t.Fatal(err)
	}
	var steps []uint64
	for _, c := range all {
		steps = append(steps, c.Step)
	}
	if want := []uint64{bestAt, 26, 28, 30}; !slices.Equal(steps, want) {
		t.Errorf("kept checkpoints %v, want %v", steps, want)
	}
	for which, want := range map[string]uint64{"latest": 30, "previous": 28, "best": bestAt, "26": 26} {
		if c, err := f.Checkpoint(which); err != nil || c.Step != want {
			t.Errorf("checkpoint %s is %+v, %v, want step %d", which, c, err, want)
		}
	}
	for _, which := range []string{"27", "-1", "last"} {
		if _, err := f.Checkpoint(which); err == nil {
			t.Errorf("there is a checkpoint %q", which)
		}
	}
}

func TestDivergedRun(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	e := tiny("sgd", 0)
	e.Activation, e.LearningRate = "relu", 1e30
	result := trained(t, dir, e, Options{Every: Every{Steps: 1}})
	if result.Diverged == nil {
		t.Fatal("it did not diverge")
	}
	f, _ := Open(dir)
	r, err := f.Result()
	if err != nil || r.Diverged == nil || r.Diverged.Error() != result.Diverged.Error() {
		t.Errorf("the result says %+v, %v, want %v", r, err, result.Diverged)
	}
	if all, _ := f.Checkpoints(); len(all) > 0 { // what there is must load
		if _, err := Load(dir, nil); err != nil {
			t.Error(err)
		}
	}
}
