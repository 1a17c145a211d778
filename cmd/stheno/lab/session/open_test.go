package session

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/own"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/training"
	"github.com/stheno-ml/stheno/cmd/stheno/lab/look"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/train"
	kept "github.com/stheno-ml/stheno/graph/train/run"
	"github.com/stheno-ml/stheno/models"
)

// contents are a folder's files, with when they were written.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		text, err := os.ReadFile(path)
		all[path] = fmt.Sprint(info.ModTime().UnixNano(), " ", info.Mode(), " ", string(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// recorded trains a run into a folder, with checkpoints of all epochs.
func recorded(t *testing.T, e models.Experiment, c kept.Config, o kept.Options) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "was")
	rec, err := kept.Create(dir, c, o)
	if err != nil {
		t.Fatal(err)
	}
	result, err := e.Run(t.Context(), tiny(t, 60), tiny(t, 30), models.RunOptions{Seed: 1, Observers: []train.Observer{rec}})
	if err == nil {
		err = rec.Finish(result.RunResult())
	}
	if err == nil {
		err = rec.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestRunOnDisk(t *testing.T) {
	for name, patience := range map[string]int{"to its end": 0, "its best": 2} {
		t.Run(name, func(t *testing.T) {
			e, err := models.Find("relu")
			if err != nil {
				t.Fatal(err)
			}
			e.Hidden, e.BatchSize, e.Epochs, e.Scale, e.Dropout, e.Optimizer, e.LearningRate = []int{8}, 8, 6, 1, .3, "adam", .01
			if patience > 0 {
				e.Validation, e.Patience = .3, patience
			}
			c, err := e.RunConfig(1, "", tiny(t, 60))
			if err != nil {
				t.Fatal(err)
			}
			dir := recorded(t, e, c, kept.Options{Keep: 3, Every: kept.Every{Steps: 5}})
			was := contents(t, dir)
			l := serve(t, Options{Name: dir, Seed: 9, Dataset: "tiny", Open: tinyData(t)})
			id := l.State().Current
			r := l.until(id, over)
			folder, err := kept.Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			epochs, _ := folder.Epochs()
			result, _ := folder.Result()
			if !r.OnDisk || r.Settings.Seed != 1 || r.Epoch != len(epochs) || float64(*r.Result.Train) != result.Train.Accuracy() || float64(*r.Result.Test) != result.Test.Accuracy() {
				t.Errorf("got %+v, want %d epochs and %+v", r, len(epochs), result)
			}
			if _, err := l.Do(t.Context(), Command{Do: "play"}); !errors.As(err, new(Over)) || !strings.Contains(err.Error(), "is over") {
				t.Errorf("played on: %v", err)
			}
			if patience == 0 {
				want := uninterrupted(t, e)
				for _, step := range []uint64{3, 48, 1, 37, 20} {
					if l.goTo(id, step); l.hash(id) != want[step] {
						t.Errorf("step %d: other bits", step)
					}
				}
				longer := e
				longer.Epochs = 8
				l.goTo(id, r.Head)
				b := l.do(Command{Do: "change", Change: &look.Change{Epochs: of(8)}})
				if l.do(Command{Do: "play"}) != b {
					t.Error("the branch branched")
				}
				if end := l.until(b, over); b == id || end.OnDisk || end.Parent != id || end.Epoch != 8 || l.hash(b) != uninterrupted(t, longer)[end.Head] {
					t.Errorf("the branch: got %+v, or other bits", end)
				}
			}
			if now := contents(t, dir); !maps.Equal(was, now) {
				t.Error("the folder was written to")
			}
			if patience > 0 {
				return
			}
			for _, step := range []uint64{r.Head - 1, r.Head} { // another process keeps the newest checkpoints only
				for _, c := range r.Checkpoints {
					if c <= step {
						_ = os.Remove(filepath.Join(dir, "checkpoints", fmt.Sprintf("step-%09d.safetensors", c)))
					}
				}
				for _, to := range []uint64{step, 2} {
					if l.goTo(id, to); l.hash(id) != uninterrupted(t, e)[to] {
						t.Errorf("step %d, without the checkpoints up to %d: other bits", to, step)
					}
				}
			}
		})
	}
}

// table is a CSV file of three classes.
func table(t *testing.T, target func(class int) string) string {
	t.Helper()
	rng := rand.New(rand.NewPCG(5, 6))
	var b strings.Builder
	b.WriteString("width,height,color,kind\n")
	for i := range 80 {
		c := i % 3
		fmt.Fprintf(&b, "%.2f,%.2f,%s,%s\n", rng.NormFloat64()+2*float64(c), rng.NormFloat64(), []string{"red", "blue"}[i%2], target(c))
	}
	path := filepath.Join(t.TempDir(), "flowers.csv")
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestOwnData trains a table in the lab, which comes to what stheno train comes to.
// planned is what stheno train makes of a table, with the seed that the tests have.
func planned(t *testing.T, path, target string) *training.Own {
	t.Helper()
	f := suiting(4)
	f.Reading.Columns.Target = []string{target}
	data, err := own.Open(path, "", f.Reading)
	if err != nil {
		t.Fatal(err)
	}
	o, _, err := training.Plan(path, "", "", data, f)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestOwnData(t *testing.T) {
	for name, target := range map[string]func(int) string{
		"classes": func(c int) string { return []string{"iris", "rose", "lily"}[c] },
		"numbers": func(c int) string { return fmt.Sprint(1.5*float64(c) - 1) },
	} {
		t.Run(name, func(t *testing.T) {
			path := table(t, target)
			o := planned(t, path, "kind")
			at := map[uint64]string{}
			o.How.Validation = o.Parts.Held
			o.How.Epochs = 3
			o.How.Observers = []train.Observer{train.ObserverFunc("hash", func(ev *train.Event) (err error) {
				if ev.Moment == train.Epochal {
					at[ev.Position.Step], err = hash(ev.Weights(), ev.Config.Optimizer, ev.Position)
				}
				return err
			})}
			if _, err := train.Fit(t.Context(), o.Model, o.Parts.Fit, o.How); err != nil {
				t.Fatal(err)
			}

			l := serve(t, Options{Seed: 4, Open: tinyData(t), Dataset: "tiny"})
			id := l.do(Command{Do: "open", Path: path, Target: "kind"})
			l.do(Command{Do: "change", Change: &look.Change{Epochs: of(3)}})
			l.do(Command{Do: "play"})
			r := l.until(id, over)
			if strings.Contains(r.Settings.Layers, "input") || r.Dataset != "flowers.csv" || r.Epoch != 3 || l.hash(id) != at[r.Head] {
				t.Errorf("got %+v, or other bits than stheno train has", r)
			}
			types := ""
			for _, c := range r.Input.Columns {
				types += c.Name + " " + c.Type + " " + strings.Join(c.Categories, "/") + "; "
				if c.Example == "" {
					t.Errorf("column %s has no example", c.Name)
				}
			}
			kind := map[string]string{"classes": "classes", "numbers": "regression"}[name]
			if r.Kind != kind || r.Input.Kind != "row" || types != "width number ; height number ; color category blue/red; " {
				t.Errorf("got %s of %+v", r.Kind, r.Input)
			}
			if got := ask[*look.Prediction](l, Command{Do: "predict", Row: map[string]string{"width": "1", "height": "0.5", "color": "red"}}); got.Refused != nil || len(got.Probabilities)+len(got.Values) == 0 {
				t.Errorf("got %+v", got)
			}
			if got := ask[look.CommandLine](l, Command{Do: "command"}); got.Command == nil || !strings.Contains(*got.Command, "stheno train flowers.csv") || got.Why == "" {
				t.Errorf("of what was uploaded: got %+v", got)
			}
			named := serve(t, Options{Name: path, Seed: 4, Reading: own.Reading{Columns: datasets.Columns{Target: []string{"kind"}}}, Change: func(e *models.Experiment) error { e.Epochs = 3; return nil }})
			if got := ask[look.CommandLine](named, Command{Do: "command"}); got.Command == nil || !strings.Contains(*got.Command, "stheno train") || !strings.Contains(*got.Command, "--epochs 3") {
				t.Errorf("got %+v", got)
			}
			if named.until(named.do(Command{Do: "play"}), over); named.hash("") != at[r.Head] {
				t.Error("opened by its name: other bits")
			}
			if _, err := l.Do(t.Context(), Command{Do: "open", Path: path, Target: "nosuch"}); err == nil || !strings.HasPrefix(err.Error(), `column to foretell: got "nosuch"`) || strings.Contains(err.Error(), path) {
				t.Errorf("of a column that there is not: %v", err)
			}
			last := l.do(Command{Do: "open", Path: path}) // the last column
			if r := l.run(last); r.Input.Columns[len(r.Input.Columns)-1].Name == "kind" {
				t.Errorf("without a target: got %+v", r)
			}
			l.do(Command{Do: "remove", Run: last})
			l.do(Command{Do: "select", Run: id})
			b := l.do(Command{Do: "change", Change: &look.Change{Validation: of(.5), Layers: of("dense 5 tanh, dense " + map[string]string{"classes": "3 softmax", "numbers": "1"}[name])}})
			if r := l.run(b); b == id || r.Samples != 40 && name == "numbers" || r.Condition != Ready {
				t.Errorf("got %+v", r)
			}
			l.do(Command{Do: "play"})
			l.until(b, over)
		})
	}
}

func TestOpenWhatIsNot(t *testing.T) {
	for name, want := range map[string]string{"rellu": "relu", filepath.Join(t.TempDir(), "x.csv"): "no such file", t.TempDir(): ""} {
		if _, err := New(Options{Name: name, Seed: 1}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// tinyData are tiny samples in the place of an experiment's.
func tinyData(t testing.TB) func(models.Experiment) (datasets.Data, datasets.Data, error) {
	return func(models.Experiment) (datasets.Data, datasets.Data, error) { return tiny(t, 60), tiny(t, 30), nil }
}

// TestPatience stops a run as train.EarlyStopping does, with the best weights, from which it can go on.
func TestPatience(t *testing.T) {
	var e models.Experiment
	l := open(t, func(of *models.Experiment) {
		of.Epochs, of.Validation, of.Patience, of.LearningRate = 60, .4, 1, .5
		e = *of
	})
	id := l.do(Command{Do: "play"})
	r := l.until(id, over)
	result, err := e.Run(t.Context(), tiny(t, 60), tiny(t, 30), models.RunOptions{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if best := train.Best(result.History.Epochs, "loss"); best == len(result.History.Epochs)-1 {
		t.Fatalf("the best epoch is the last, %d: nothing was put back", best+1)
	}
	if got := ask[float64](l, Command{Do: "tested"}); got != result.Test.Loss {
		t.Errorf("got a test loss of %v, want %v, that of the best weights", got, result.Test.Loss)
	}
	if r.Why.EN == "" || r.Why.EN != result.History.Stopped || float64(*r.Result.Test) != result.Test.Accuracy() || r.Step != result.History.Position.Step {
		t.Errorf("got %+v, want %v after %d steps, test %v", r, result.History.Stopped, result.History.Position.Step, result.Test.Accuracy())
	}
	if _, err := l.Do(context.Background(), Command{Do: "play"}); err == nil {
		t.Error("it went on")
	}
	l.goTo(id, r.Head-1)
	l.do(Command{Do: "play"})
	if again := l.until(id, over); again.Step != r.Step || ask[float64](l, Command{Do: "tested"}) != result.Test.Loss {
		t.Errorf("the second time it stopped at step %d, the first at %d, or has other weights", again.Step, r.Step)
	}
}

// TestResultOfOwnData has a table stop early in the lab, step by step to the end in one case: its figures are those of stheno train, to the last digit.
func TestResultOfOwnData(t *testing.T) {
	n := 0
	for name, target := range map[string]func(int) string{
		"classes": func(c int) string { return []string{"iris", "rose", "lily"}[c] },
		"numbers": func(c int) string { n++; return fmt.Sprintf("%.2f", 150*float64(c)+float64(n%7)/3) },
	} {
		t.Run(name, func(t *testing.T) {
			path := table(t, target)
			o := planned(t, path, "kind")
			o.How.Validation = o.Parts.Held
			o.How.Observers = []train.Observer{&train.EarlyStopping{Patience: o.Config.Experiment.Patience, Restore: true}}
			history, err := train.Fit(t.Context(), o.Model, o.Parts.Fit, o.How)
			if err != nil {
				t.Fatal(err)
			}
			if history.Stopped == "" || train.Best(history.Epochs, "loss") == len(history.Epochs)-1 {
				t.Fatalf("it did not stop early after %d epochs", len(history.Epochs))
			}
			want := map[string]float64{}
			for set, data := range map[string]datasets.Data{"train": o.Parts.RawFit, "test": o.Parts.RawHeld} {
				judged, err := own.Judge(t.Context(), o.Model, o.How, o.Parts.Prepare, data)
				if err != nil {
					t.Fatal(err)
				}
				want[set+" loss"] = judged.Metrics.Loss
				for _, s := range judged.Metrics.Scores {
					want[set+" "+s.Name] = s.Value
				}
			}
			l := serve(t, Options{Seed: 4, Open: tinyData(t), Dataset: "tiny"})
			id := l.do(Command{Do: "open", Path: path, Target: "kind"})
			l.do(Command{Do: "play"})
			r := l.until(id, over)
			if train, test := float64(*r.Result.Train), float64(*r.Result.Test); r.Why.EN != history.Stopped || train != want["train "+r.Metric] || test != want["test "+r.Metric] {
				t.Errorf("got %s of %v and %v, %q, want %v, %q", r.Metric, train, test, r.Why.EN, want, history.Stopped)
			}
			if got := ask[float64](l, Command{Do: "tested"}); got != want["test loss"] {
				t.Errorf("got a loss of %v, want %v", got, want["test loss"])
			}
		})
	}
}

// TestText trains a network of characters, which goes on with a text.
func TestText(t *testing.T) {
	l := serve(t, Options{Name: "char-lm", Seed: 1, Change: func(e *models.Experiment) error {
		e.TrainSamples, e.Epochs = 60, 1
		return nil
	}})
	id := l.do(Command{Do: "step"})
	if r := l.run(id); r.Kind != "text" || r.Input.Kind != "text" || len(r.Input.Columns) != 1 || r.Input.Columns[0].Example == "" {
		t.Errorf("got %s of %+v", r.Kind, r.Input)
	}
	if got := ask[*look.Continuation](l, Command{Do: "continue", Text: "Alice ", Length: 5, Temperature: 1}); len([]rune(got.Text)) != 5 {
		t.Errorf("got %+v", got)
	}
	// A long one holds neither the run nor others, and ends with who asked.
	l.resting <- struct{}{} // somebody else's
	ctx, gone := context.WithCancel(t.Context())
	long := make(chan error)
	go func() {
		_, err := l.Do(ctx, Command{Do: "continue", Text: "A", Length: 5000, Temperature: 1})
		long <- err
	}()
	l.do(Command{Do: "step"})
	if r := l.run(id); r.Step != 2 {
		t.Errorf("the run is at step %d", r.Step)
	}
	gone()
	if err := <-long; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	<-l.resting
	if _, err := l.Do(t.Context(), Command{Do: "continue", Length: 5001}); err == nil || !strings.Contains(err.Error(), "want 1 to 5000") {
		t.Errorf("got %v", err)
	}
}
