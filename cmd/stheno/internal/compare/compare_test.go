package compare

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/graph/train/run"
)

var update = flag.Bool("update", false, "write the golden files anew")

func near(a, b float64) bool { return a == b || a != a && b != b || math.Abs(a-b) <= 1e-12 }

// The chances are those of scipy.stats.ttest_ind (SciPy 1.17.1), the deviations those of numpy.
func TestDifference(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		of, from        []float64
		by, std, chance float64
		says            string
	}{
		{[]float64{.91, .92, .90}, []float64{.95, .93, .96}, -0.036666666666666625, 0.012909944487358032, 0.025386447936615205, "0.0367 lower than of b: more than seeds make (2.8 times their standard deviation of 0.0129, pooled of 3 and 3 seeds; by chance in 2.5 of 100 cases)"},
		{[]float64{.5, .5}, []float64{.5, .6}, -0.050000000000000044, 0.04999999999999999, 0.4226497308103738, "no more than seeds make"},
		{[]float64{1, 2, 3, 4}, []float64{2, 3}, 0, 1.1726039399558574, 1, "is that of b"},
		{[]float64{.9, .9, .9}, []float64{.7, .7, .7}, .2, 0, 0, "which do not differ at all"},
		{[]float64{.9}, []float64{.8, .9}, .05, nan, nan, "1 seed of one of them and 2 of the other cannot tell"},
		{nil, []float64{.8, .9}, nan, nan, nan, "is not known of both"},
		{[]float64{.9, .9}, []float64{.8, .8}, .1, 0, 0, "more than seeds make, which do not differ"},
		{[]float64{.9, .9}, []float64{.9, .9}, 0, 0, 1, "is that of b"},
	} {
		d := difference(c.of, c.from)
		if !near(d.By, c.by) || !near(d.Std, c.std) || !near(d.Chance, c.chance) || d.N != [2]int{len(c.of), len(c.from)} {
			t.Errorf("%v and %v: got %+v, want %v, %v, %v", c.of, c.from, d, c.by, c.std, c.chance)
		}
		if says := d.sentence("a", "b", "accuracy"); !strings.Contains(says, c.says) {
			t.Errorf("%v and %v: got %q, want %q in it", c.of, c.from, says, c.says)
		}
	}
}

func TestApart(t *testing.T) {
	near, far, one := []float64{.5, .6, .55}, []float64{.8, .81, .82}, []float64{.5}
	from := [][]float64{near, near, near, near, near}
	for _, c := range []struct {
		of          [][]float64
		first, last int
		says        string
	}{
		{[][]float64{near, near, far, far, far}, 3, 5, "from epoch 3 on"},
		{[][]float64{far, near, near, far, far}, 4, 5, "from epoch 4 on"},
		{[][]float64{near, far, near, near, near}, 2, 2, "at epoch 2, but not in the end"},
		{[][]float64{far, far, near, far, near}, 1, 2, "from epoch 1 to 2, but not in the end"},
		{[][]float64{near, near}, 0, 0, "at no epoch"},
		{[][]float64{near, far}, 2, 2, "from epoch 2 on"}, // as far as both have come
	} {
		a := apart(c.of, from)
		if a == nil || a.From != c.first || a.Until != c.last || !strings.Contains(a.sentence("accuracy"), c.says) {
			t.Errorf("%v: got %+v, want %d to %d", c.of, a, c.first, c.last)
		}
	}
	if a := apart([][]float64{one, one}, from); a != nil {
		t.Errorf("of one seed: got %+v", a)
	}
	if a := apart(nil, from); a != nil {
		t.Errorf("of no epoch: got %+v", a)
	}
}

// recorded is a run with a snapshot at each of some steps, all of them alike.
func recorded(title string, epochs int, at ...uint64) *Run {
	r := &Run{Title: title, Folder: &run.Folder{Config: run.Config{Seed: 7}}}
	for i := range epochs {
		r.Epochs = append(r.Epochs, train.Epoch{Epoch: i + 1, Running: train.Metrics{Loss: 1 / float64(i+1)}, Seconds: float64(len(title))})
	}
	for _, step := range at {
		array := func(v float64) inspect.Array { return inspect.Array{Stats: inspect.Stats{Count: 4, Norm: v}} }
		r.snapshots = append(r.snapshots, &inspect.Snapshot{Step: step, Stepped: true, Layers: []inspect.Layer{{
			Name: "dense_1", Units: 2, Output: array(3), Params: []inspect.Param{{Name: "weight", Value: array(1), Grad: array(2), Update: .5}},
		}}})
	}
	return r
}

// TestPart: the first of what was recorded that is not the same is found, be it the last bit of it.
func TestPart(t *testing.T) {
	bit := func(v *float64) { *v = math.Nextafter(*v, 10) }
	for _, c := range []struct {
		name   string
		change func(r *Run)
		step   int
		epoch  int
		says   string
	}{
		{"nothing", func(*Run) {}, -1, 0, "the same to the bit at steps 0, 10, 100; the figures of all 3 epochs are the same"},
		{"weights later", func(r *Run) { bit(&r.snapshots[2].Layers[0].Params[0].Value.Norm) }, 2, 0, "at steps 0, 10; they part by step 100, with other weights in dense_1.weight"},
		{"first weights", func(r *Run) { r.snapshots[0].Layers[0].Params[0].Value.Norm = 2 }, 0, 0, "they begin with other weights in dense_1.weight (norm 2 and 1)"},
		{"update", func(r *Run) { r.snapshots[0].Layers[0].Params[0].Update = .25 }, 0, 0, "the same to the bit at step 0, where they part with another update of dense_1.weight: 0.25 and 0.5"},
		{"gradient", func(r *Run) { bit(&r.snapshots[1].Layers[0].Params[0].Grad.Mean) }, 1, 0, "at step 0; they part at step 10, with another gradient of dense_1.weight"},
		{"output", func(r *Run) { bit(&r.snapshots[1].Layers[0].Output.Max) }, 1, 0, "with another output of dense_1"},
		{"loss", func(r *Run) { r.snapshots[1].Loss = 1 }, 1, 0, "with another loss"},
		{"first output", func(r *Run) { r.snapshots[0].Layers[0].Output.Norm = 2 }, 0, 0, "they begin with the same weights, and another output of dense_1 (norm 2 and 3)"},
		{"network", func(r *Run) { r.snapshots[0].Layers = nil }, 0, 0, "another network"},
		{"epoch", func(r *Run) { bit(&r.Epochs[1].Running.Loss) }, -1, 2, "the figures of epoch 2 are the first that differ"},
		{"validation", func(r *Run) {
			r.Epochs[2].Evaluated = &train.Metrics{Loss: 1}
		}, -1, 0, "all 3 epochs"}, // of which the other has none
		{"fewer", func(r *Run) { r.Epochs, r.snapshots = r.Epochs[:1], r.snapshots[1:2] }, -1, 0, "the same to the bit at step 10; the figures of the one epoch"},
		{"none", func(r *Run) { r.Epochs, r.snapshots = nil, nil }, -1, 0, "nothing was recorded of both"},
	} {
		a, b := recorded("a", 3, 0, 10, 100), recorded("bb", 3, 0, 10, 100)
		c.change(a)
		p := part(a, b)
		if says := p.sentence(); p.Step != c.step || p.Epoch != c.epoch || !strings.Contains(says, c.says) {
			t.Errorf("%s: got step %d, epoch %d, %q, want %d, %d, %q", c.name, p.Step, p.Epoch, says, c.step, c.epoch, c.says)
		}
	}
}

// TestFigure: what is compared is what all have, or else what the first shares with another, on the first set on which all have it.
func TestFigure(t *testing.T) {
	of := func(loss string, diverged bool, scores ...string) *Run {
		m := &train.Metrics{Loss: 1}
		for _, name := range scores {
			m.Scores = append(m.Scores, train.Score{Name: name, Value: .5})
		}
		r := &Run{Title: loss, Folder: &run.Folder{Config: run.Config{Experiment: run.Experiment{Name: strings.Join(scores, "-") + loss, Loss: loss}}}, Epochs: []train.Epoch{{Epoch: 1, Running: *m}}, Ended: &run.Result{Test: m}}
		if diverged {
			r.Ended.Diverged = &train.DivergedError{}
		}
		return r
	}
	going := of("mse", false, "accuracy")
	going.Ended = nil
	for _, c := range []struct {
		runs       []*Run
		figure, on string
	}{
		{[]*Run{of("cross-entropy", false, "auc", "accuracy"), of("mse", false, "accuracy", "auc")}, "accuracy", test},
		{[]*Run{of("mse", false, "r2"), of("huber", false, "rmse", "r2")}, "r2", test},
		{[]*Run{of("mse", false), of("mse", false, "r2")}, "r2", test},
		{[]*Run{of("mse", false), of("mse", true)}, "loss", test},
		{[]*Run{of("cross-entropy", false, "accuracy"), of("mse", false, "mae"), of("hinge", false, "accuracy")}, "accuracy", test},
		{[]*Run{of("cross-entropy", false, "accuracy"), of("mse", false, "mae")}, "", test},
		{[]*Run{of("cross-entropy", false, "accuracy"), going}, "accuracy", running},
		{[]*Run{of("cross-entropy", false, "accuracy"), of("mse", true, "accuracy")}, "accuracy", test},
	} {
		s := New(c.runs, nil)
		if s.Figure != c.figure || s.On != c.on {
			t.Errorf("%s: got %s on %s, want %s on %s", c.runs[1].Folder.Config.Experiment.Name, s.Figure, s.On, c.figure, c.on)
		}
		if c.figure == "" && len(s.remarks()) != 1 {
			t.Errorf("got %q, want that nothing says which is better", s.remarks())
		}
		if _, err := json.Marshal(s.JSON()); err != nil {
			t.Error(err)
		}
	}
	lost := of("mse", true, "r2")
	lost.Folder.Config.Seed = 3
	s := New([]*Run{of("mse", false, "r2"), lost}, nil)
	if says := strings.Join(s.remarks(), ""); len(s.Groups) != 1 || says != "r2mse: of 2 seeds 1 diverged (3), and stands in none of these figures" || len(s.Groups[0].values(test, "r2")) != 1 {
		t.Errorf("got %q of %d groups", says, len(s.Groups))
	}
}

// TestPrint: what is printed of three seeds each of two kinds, of figures and gradients that are made up.
func TestPrint(t *testing.T) {
	t.Setenv("LC_ALL", "C.UTF-8")
	var all []*Run
	for k, words := range []string{"sgd 0.1", "adam 0.001"} {
		for seed := range 3 {
			r := recorded(fmt.Sprintf("%c%d", 'a'+k, seed+1), 5, 0, 10)
			c := &r.Folder.Config
			c.Seed = uint64(seed + 1)
			c.Experiment = run.Experiment{Name: "relu", Network: "dense 4 relu\ndense 10 softmax", Loss: "cross-entropy", Optimizer: words, BatchSize: 10, Epochs: 5}
			r.Folder.Dir = r.Title
			at := func(epoch float64) train.Metrics {
				return train.Metrics{Loss: (2 - float64(k)/2) / epoch, Scores: []train.Score{{Name: "accuracy", Value: 1 - (.5-.2*float64(k)+.01*float64(seed))/epoch}}}
			}
			for i := range r.Epochs {
				r.Epochs[i].Running = at(float64(i + 1))
			}
			end := at(8)
			r.Ended = &run.Result{Train: &end, Test: &r.Epochs[4].Running}
			r.snapshots[0].Layers[0].Params[0].Update /= float64(k + 1)
			r.snapshots[1].Layers[0].Params[0].Grad.Norm /= float64(10*k + 1)
			all = append(all, r)
		}
	}
	var b bytes.Buffer
	if err := New(all, nil).Print(&b); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", "compare.txt")
	if *update {
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}
