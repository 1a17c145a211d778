package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/graph/train/run"
)

// sameAsTrain checks that a trial of a sweep is to the bit what train makes of its settings.
func sameAsTrain(t *testing.T, sweep string, trial run.Trial, flags []string, after, last string) {
	t.Helper()
	args := append(append([]string{"train"}, flags...), "--seed", fmt.Sprint(trial.Config.Seed), "--quiet")
	for _, s := range trial.Settings {
		if s.Name != "hidden" {
			args = append(args, "--"+s.Name, s.Value)
			continue
		}
		layers := ""
		for width := range strings.SplitSeq(s.Value, ",") {
			layers += fmt.Sprintf("dense %s relu%s, ", width, after)
		}
		args = append(args, "--layers", layers+last)
	}
	alone := sweep + "-alone" + trial.Name
	ok(t, append(args, "--out", alone)...)
	var report struct {
		Partings []struct {
			Same bool
			Says string
		}
	}
	if err := json.Unmarshal([]byte(ok(t, "compare", filepath.Join(sweep, trial.Name), alone, "--json")), &report); err != nil || len(report.Partings) != 1 || !report.Partings[0].Same || !strings.Contains(report.Partings[0].Says, "weights after step") {
		t.Errorf("%s: got %+v, %v", trial.Name, report, err)
	}
	for _, name := range []string{"result.json", "metrics.jsonl"} {
		a, err := os.ReadFile(filepath.Join(sweep, trial.Name, name))
		b, err2 := os.ReadFile(filepath.Join(alone, name))
		if err != nil || err2 != nil || string(a) != string(b) {
			t.Errorf("%s of %s: got\n%s\nwant\n%s (%v, %v)", name, trial.Name, a, b, err, err2)
		}
	}
}

// TestSweepOwn: on data of one's own each trial is what train makes of its flags, to the bit; trials that are lost, damaged or stopped on the way come to the same table.
func TestSweepOwn(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	t.Chdir(dir)
	write(t, "plants.csv", plants(60))
	flags := []string{"plants.csv", "--target", "kind", "--epochs", "6", "--early-stopping", "2", "--optimizer", "sgd"}
	args := append(append([]string{"sweep"}, flags...), "--hidden", "4/6,5", "--dropout", "0.1", "--learning-rate", "0.01,0.3", "--seeds", "2")
	want := ok(t, append(args, "--out", "swept", "--jobs", "3")...)
	fitted(t, want)
	if !strings.Contains(want, "accuracy") || strings.Contains(want, "test") || strings.Count(want, "2/2") != 4 {
		t.Errorf("got\n%s", want)
	}
	sweep, err := run.OpenSweep("swept")
	if err != nil {
		t.Fatal(err)
	}
	for _, trial := range sweep.Plan.Trials[5:7] { // of two settings
		sameAsTrain(t, "swept", trial, flags, ", dropout 0.1", "dense 3 softmax")
	}
	lost := filepath.Join("swept", sweep.Plan.Trials[1].Name)
	if err := os.RemoveAll(lost); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename("plants.csv", "moved.csv"); err != nil {
		t.Fatal(err)
	}
	if said := refused(t, 1, "sweep", "--resume", "swept"); !strings.Contains(said, "no longer at") {
		t.Errorf("got %q", said)
	}
	if got := ok(t, "sweep", "--resume", "swept", "moved.csv"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	write(t, "plants.csv", plants(61))
	if said := refused(t, 1, "sweep", "--resume", "swept"); !strings.Contains(said, "other samples") {
		t.Errorf("got %q", said)
	}
	write(t, "plants.csv", plants(60))
	if err := os.WriteFile(filepath.Join(lost, "run.json"), []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"sweep", "--resume", "swept"}, {"compare", "swept"}, {"report", "swept", "-o", "-"}} {
		status, out, errOut := stheno(args...)
		if status != 1 || !strings.Contains(errOut, filepath.Base(lost)) || !strings.Contains(out, "learning-rate 0.3") {
			t.Errorf("%v: status %d, standard error %q, standard output\n%.500s", args, status, errOut, out)
		}
	}
	if out := ok(t, "predict", filepath.Join("swept", sweep.Plan.Trials[0].Name), "plants.csv"); !strings.Contains(out, "\n") {
		t.Errorf("got %q", out)
	}

	// Numbers are compared by r2; with halving the worse half is dropped, and what is dropped is shown.
	out := ok(t, "sweep", "plants.csv", "--target", "price", "--hidden", "4/8/16/32", "--epochs", "8", "--halving", "--out", "halved")
	if !strings.Contains(out, "r2") || strings.Count(out, "8/8") != 1 {
		t.Errorf("got\n%s", out)
	}
	if sweep, err = run.OpenSweep("halved"); err != nil {
		t.Fatal(err)
	}
	for _, trial := range sweep.Plan.Trials { // the one that was stopped at 1, 2 and 4 epochs, and gone on with
		if _, err := os.Stat(filepath.Join("halved", trial.Name, "result.json")); err == nil {
			sameAsTrain(t, "halved", trial, []string{"plants.csv", "--target", "price", "--epochs", "8"}, "", "dense 1")
		}
	}
	for _, c := range []struct {
		status int
		args   string
		want   string
	}{
		{2, "plants.csv", "--target"},
		{2, "plants.csv --target knd", "did you mean"},
		{2, "plants.csv --target kind --noise 1", "--noise: it is of the experiments"},
		{2, "plants.csv --target kind --layers dense --hidden 4", "--layers: got --hidden"},
		{2, "plants.csv --target kind --hidden 0", "--hidden"},
		{2, "plants.csv --target kind --by r2", "--by: got \"r2\", want what is measured: loss or accuracy"},
		{2, "plants.csv --target kind --validation 0 --early-stopping 0", "--validation"},
		{2, "plants.csv --target kind --dataset mnist", "--dataset"},
		{2, "plants.csv --target price --window 5 --hidden 4", "is no perceptron"},
		{2, "relu --target kind", "--target: it is of data of your own"},
		{1, "none.csv --target kind", "none.csv"},
		{2, "rleu", "did you mean"},
	} {
		if said := refused(t, c.status, append([]string{"sweep", "--out", "none"}, strings.Fields(c.args)...)...); !strings.Contains(said, c.want) {
			t.Errorf("%s: got %q, want %q in it", c.args, said, c.want)
		}
	}
	if _, err := os.Lstat("none"); err == nil {
		t.Error("a sweep that was refused has a folder")
	}
}
