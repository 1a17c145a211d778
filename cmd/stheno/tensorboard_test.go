package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var tensorboard = flag.String("tensorboard", "", "the Python `interpreter` of an environment with tensorboard, to read what runs and sweeps write with the real one")

// A run's curves, pictures and diagnosis lie in a folder called as the run, and go on there; a sweep's trials have one each, with their settings.
func TestTensorBoard(t *testing.T) {
	dir := t.TempDir()
	logs, one := filepath.Join(dir, "logs"), filepath.Join(dir, "one")
	few := []string{"--train-samples", "300", "--batch-size", "10", "--hidden", "16"}
	ok(t, append([]string{"run", "relu", "--epochs", "2", "--out", one, "--tensorboard", logs}, few...)...)
	ok(t, "run", "--resume", one, "--epochs", "4", "--tensorboard", logs)
	ok(t, append([]string{"sweep", "relu", "--epochs", "2", "--out", filepath.Join(dir, "rates"), "--tensorboard", logs, "--dropout", "0.1,0.2", "--learning-rate", "0.1,0.5"}, few...)...)

	has := func(folder string, texts ...string) {
		t.Helper()
		files, _ := filepath.Glob(filepath.Join(logs, folder, "events.out.tfevents.*"))
		all := ""
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			all += string(content)
		}
		for _, text := range texts {
			if !strings.Contains(all, text) {
				t.Errorf("%d files of %s have no %q", len(files), folder, text)
			}
		}
	}
	has("one", "diagnosis", "still-learning", "confusion", "most_wrong", "step_milliseconds", "gradient_norm/dense_2", "outputs/dense_1", "dense 16 relu")
	for _, trial := range []string{"1-seed1", "2-seed1", "3-seed1", "4-seed1"} {
		has("rates/"+trial, "learning_rate", "dropout", trial)
		has("rates/"+trial+"/validation", "accuracy/epoch", "confusion")
	}

	table := filepath.Join(dir, "points.csv")
	rows := "x,y,side\n"
	for i := range 40 {
		rows += fmt.Sprintf("%d,%d,%s\n", i%7-3, i, []string{"left", "right"}[i%7/4])
	}
	if err := os.WriteFile(table, []byte(rows), 0o666); err != nil {
		t.Fatal(err)
	}
	ok(t, "train", table, "--target", "side", "--quiet", "--epochs", "3", "--out", filepath.Join(dir, "points"), "--tensorboard", logs)
	has("points", "diagnosis", "gradient_norm/dense_1", "dense 64 relu")
	has("points/validation", "confusion", "loss/epoch")

	if *tensorboard == "" {
		t.Log("go test ./cmd/stheno -run TestTensorBoard -tensorboard PYTHON, which .ci/run does, reads them with the real one")
		return
	}
	type said struct {
		Read map[string]struct {
			Scalars map[string][][2]float64
			Texts   []string
		}
		Served struct {
			HParams  []string
			Sessions []map[string]any
		}
	}
	read := func(folder string) (got said) {
		t.Helper()
		out, err := exec.Command(*tensorboard, "../../graph/train/events/testdata/read.py", folder).Output()
		if err == nil {
			err = json.Unmarshal(out, &got)
		}
		if err != nil {
			t.Fatalf("%v in %s", err, out)
		}
		return got
	}
	got := read(logs)
	var steps []float64
	for _, p := range got.Read["one"].Scalars["loss/epoch"] {
		steps = append(steps, p[0])
	}
	if !slices.Equal(steps, []float64{30, 60, 90, 120}) {
		t.Errorf("the curve of a run that went on has points at %v, want 30, 60, 90, 120", steps)
	}
	if texts := got.Read["one"].Texts; !slices.Contains(texts, "diagnosis") {
		t.Errorf("got the texts %v, want a diagnosis", texts)
	}
	got = read(filepath.Join(logs, "rates")) // above it, the table has the columns of the first run alone
	if !slices.Contains(got.Served.HParams, "dropout") || len(got.Served.Sessions) != 4 {
		t.Fatalf("the table has columns %v and %d rows, want dropout, and 4", got.Served.HParams, len(got.Served.Sessions))
	}
	tried := map[[2]any]bool{}
	for _, s := range got.Served.Sessions {
		if s["dropout"] != nil {
			tried[[2]any{s["dropout"], s["learning_rate"]}] = true
		}
	}
	want := map[[2]any]bool{{.1, .1}: true, {.1, .5}: true, {.2, .1}: true, {.2, .5}: true}
	if !maps.Equal(tried, want) {
		t.Errorf("the table has dropout and learning rate %v, want %v", tried, want)
	}
}

func TestTensorBoardErrors(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{"run", "relu", "--tensorboard", ""}, 2, "--tensorboard: got \"\", want a folder"},
		{[]string{"sweep", "relu", "--tensorboard", ""}, 2, "--tensorboard: got \"\", want a folder"},
		{[]string{"run", "relu", "--epochs", "1", "--train-samples", "100", "--tensorboard", file}, 1, "file"},
	} {
		if status, _, errOut := stheno(c.args...); status != c.status || !strings.Contains(errOut, c.want) {
			t.Errorf("%v: got status %d and %q, want %d and %q", c.args, status, errOut, c.status, c.want)
		}
	}
}
