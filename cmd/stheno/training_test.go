package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestTrainingFlags: all flags of a training together; what is part of its bits is kept, so that a run that was stopped goes on without them to the same files.
func TestTrainingFlags(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	all := []string{"--validation", "0.2", "--early-stopping", "3", "--schedule", "warmup 5, cosine", "--clip", "layer=0.5", "--weight-decay", "0.01", "--ema", "0.9", "--freeze", "dense_1", "--shards", "2"}
	whole, stopped := filepath.Join(t.TempDir(), "whole"), filepath.Join(t.TempDir(), "stopped")
	ok(t, smallRun("relu", append(all, "--out", whole)...)...)
	out := ok(t, smallRun("relu", append(all, "--out", stopped, "--until", "loss=9")...)...)
	if !strings.Contains(out, "validation: loss ") {
		t.Errorf("no validation figures: %s", out)
	}
	log := filepath.Join(t.TempDir(), "log.csv")
	out = ok(t, "run", "--resume", stopped, "--log", log)
	sameRun(t, kept(t, whole), kept(t, stopped))
	for _, word := range []string{"clipped in ", "validation: loss "} {
		if !strings.Contains(out, word) {
			t.Errorf("no word of %q: %s", word, out)
		}
	}
	if text, err := os.ReadFile(log); err != nil || !strings.HasPrefix(string(text), "epoch,step,rate,loss,accuracy,validation_loss,validation_accuracy,clipped,seconds\n2,") {
		t.Errorf("log: %q, %v", text, err)
	}
	for _, args := range [][]string{{"gradients", whole}, {"report", whole, "-o", "-"}} {
		if out := ok(t, args...); !strings.Contains(out, "clipped in ") || !strings.Contains(out, "; the largest ") {
			t.Errorf("%v says nothing of what was clipped:\n%.300s", args, out)
		}
	}
	config := kept(t, whole)["run.json"]
	for _, word := range []string{`"optimizer": "ema(clip(scheduled(sgd 0.1 weight-decay=0.01 matrices-only) (warmup 5, cosine)) layer=0.5) 0.9"`, `"validation": 0.2`, `"patience": 3`, `"shards": 2`, `"dense_1"`} {
		if !strings.Contains(config, word) {
			t.Errorf("run.json has no %s: %s", word, config)
		}
	}
	refused(t, 2, "run", "--resume", whole, "--clip", "1")
}

// TestEarlyStopping: a run that stops early says so, and is afterwards looked at with its best weights.
func TestEarlyStopping(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	dir := filepath.Join(t.TempDir(), "run")
	var lines []map[string]any
	out := ok(t, smallRun("adam", "--validation", "0.2", "--early-stopping", "1", "--epochs", "200", "--learning-rate", "0.02", "--out", dir, "--log", "-")...)
	for line := range strings.Lines(out) {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		lines = append(lines, m)
	}
	n := len(lines) - 1
	last := lines[n]
	if n == 200 || last["test"] == nil || lines[n-1]["epoch"] != float64(n) || !strings.Contains(last["reason"].(string), "has not gone down for 1 epochs") {
		t.Fatalf("%d epochs, then %v", n, last)
	}
	var eval map[string]any
	if err := json.Unmarshal([]byte(ok(t, "eval", dir, "--json")), &eval); err != nil || eval["test"].(map[string]any)["loss"] != last["test"].(map[string]any)["loss"] || eval["epoch"] != float64(n-1) {
		t.Errorf("eval has %v of epoch %v, the run ended with %v; %v", eval["test"], eval["epoch"], last["test"], err)
	}
}

// TestClimb: eval tells in which epoch the running accuracy was .95, as the run did, up to the checkpoint that it looks at.
func TestClimb(t *testing.T) {
	atHome(t)
	climb := func(args ...string) any {
		var of map[string]any
		if err := json.Unmarshal([]byte(ok(t, append(args, "--json")...)), &of); err != nil {
			t.Fatal(err)
		}
		return of["epochs_to_95"]
	}
	ran := climb("run", "adam", "--train-samples", "60", "--hidden", "40", "--batch-size", "10", "--epochs", "30", "--out", "r", "--quiet")
	if in := climb("eval", "r"); ran == nil || in != ran {
		t.Errorf("the run climbed in epoch %v, eval says %v", ran, in)
	}
	if out := ok(t, "eval", "r"); !strings.Contains(strings.Join(strings.Fields(out), " "), fmt.Sprint("running training accuracy 0.95 in epoch ", ran)) {
		t.Error(out)
	}
}

// TestTrainingFlagsRefuse: what contradicts, or is out of range, is a wrong command line.
func TestTrainingFlagsRefuse(t *testing.T) {
	for want, args := range map[string][]string{
		"nothing is held out":       {"--early-stopping", "2"},
		"a share of at least 0":     {"--validation", "1"},
		"at least 0 epochs":         {"--validation", "0.1", "--early-stopping", "-1"},
		"--clip: got":               {"--clip", "0"},
		"did you mean \"cosine\"?":  {"--schedule", "cosin"},
		"got another clip":          {"--clip", "1", "--optimizer", "clip adam 1"},
		"--freeze: got \"dense_7\"": {"--freeze", "dense_7"},
		"some that are left":        {"--freeze", "dense_1,dense_2"},
		"at most 25":                {"--shards", "26"},
		"ends in .csv":              {"--log", "x"},
		"a time above 0":            {"--time-limit", "0s"},
		"--until: got":              {"--until", "accuracy"},
		"leave out --check":         {"--check", "--ema", "0.9"},
	} {
		if said := refused(t, 2, smallRun("relu", args...)...); !strings.Contains(said, want) && !(want == "leave out --check") {
			t.Errorf("%v: got %q, want a word of %q", args, said, want)
		}
	}
	if said := refused(t, 2, "run", "early-stopping", "--validation", "0"); !strings.Contains(said, "give --early-stopping 0 too") {
		t.Errorf("nothing for an experiment that stops early to look at: %q", said)
	}
	atHome(t)
	ok(t, "run", "early-stopping", "--early-stopping", "1", "--train-samples", "200", "--hidden", "5", "--epochs", "1", "--quiet") // it has a validation of its own
	if said := refused(t, 2, "run", "relu", "adam", "--log", "x.csv"); !strings.Contains(said, "one file cannot hold") {
		t.Errorf("a log of two: %q", said)
	}
}

// TestFindRate: a suggestion within the range, as a word, as JSON and as a picture.
func TestFindRate(t *testing.T) {
	args := []string{"find-rate", "relu", "--train-samples", "500", "--hidden", "24"}
	if out := ok(t, args...); !strings.Contains(out, "try --learning-rate ") || !strings.Contains(out, "1e-06") {
		t.Errorf("%s", out)
	}
	var got struct {
		Suggestion              float64
		Rates, Losses, Smoothed []float64
	}
	if err := json.Unmarshal([]byte(ok(t, append(args, "--json")...)), &got); err != nil || got.Suggestion < 1e-3 || got.Suggestion > 3 || len(got.Rates) != len(got.Losses) || len(got.Rates) != len(got.Smoothed) {
		t.Errorf("%+v, %v", got, err)
	}
	if out := ok(t, append(args, "-o", "-")...); !strings.Contains(out, "</svg>") {
		t.Errorf("%s", out)
	}
}

// TestStoppedIsNotTooShort: of a run of noise that stopped early the diagnosis does not say that it was too short.
func TestStoppedIsNotTooShort(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	rows := "a,b,c,y\n"
	for range 200 {
		rows += fmt.Sprintf("%.3f,%.3f,%.3f,%.3f\n", rng.NormFloat64(), rng.NormFloat64(), rng.NormFloat64(), rng.NormFloat64())
	}
	dir := t.TempDir()
	file, kept := filepath.Join(dir, "noise.csv"), filepath.Join(dir, "run")
	if err := os.WriteFile(file, []byte(rows), 0o644); err != nil {
		t.Fatal(err)
	}
	ok(t, "train", file, "--target", "y", "--early-stopping", "5", "--seed", "1", "--quiet", "--out", kept)
	if result, err := os.ReadFile(filepath.Join(kept, "result.json")); err != nil || !strings.Contains(string(result), "has not gone down") {
		t.Fatalf("it was not stopped early: %s, %v", result, err)
	}
	if out := ok(t, "diagnose", kept, "--json"); strings.Contains(out, "too-few-updates") || strings.Contains(out, "for more epochs") || !strings.Contains(out, "it ended by itself after") {
		t.Errorf("got %s", out)
	}
}
