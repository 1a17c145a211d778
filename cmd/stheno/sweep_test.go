package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stheno-ml/stheno/graph/train/run"
)

// TestSweepKilled: a sweep of twelve trials that is killed three times, wherever that finds it, ends with the table of one that never was.
func TestSweepKilled(t *testing.T) {
	dir := t.TempDir()
	whole, killed := filepath.Join(dir, "whole"), filepath.Join(dir, "killed")
	args := []string{"sweep", "relu", "--learning-rate", "0.1,0.5,2", "--hidden", "8/8,8", "--seeds", "2", "--train-samples", "100", "--batch-size", "20", "--epochs", "3", "--jobs", "2"}
	want := ok(t, append(args, "--out", whole)...)
	if n := strings.Count(want, "\n"); n != 8 || !strings.Contains(want, "hidden 8,8, learning-rate 0.5") {
		t.Errorf("got the table\n%s", want)
	}
	ended := func() int {
		files, _ := filepath.Glob(filepath.Join(killed, "*", "result.json"))
		return len(files)
	}
	for i, args := range [][]string{append(args, "--out", killed), {"sweep", "--resume", killed}, {"sweep", "--resume", killed}} {
		cmd := command(t, args...)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		over := make(chan error, 1)
		go func() { over <- cmd.Wait() }()
		for begun := time.Now(); ended() < 2+3*i && time.Since(begun) < time.Minute; {
			time.Sleep(5 * time.Millisecond)
		}
		_ = cmd.Process.Kill()
		<-over
		if n := ended(); n < 2+3*i || i == 0 && n == 12 {
			t.Fatalf("killed %d times, %d trials of 12 are over", i+1, n)
		}
	}
	if got := ok(t, "sweep", "--resume", killed, "--jobs", "1"); got != want {
		t.Errorf("killed three times, it came to\n%s\nwant\n%s", got, want)
	}
	if again := ok(t, "sweep", "--resume", whole); again != want {
		t.Errorf("what is over is shown as\n%s\nwant\n%s", again, want)
	}
	for line := range strings.Lines(ok(t, "sweep", "--resume", killed, "--json")) {
		var v struct {
			Settings   []run.Setting
			Validation struct {
				Mean, Std float64
				N         int
			}
			Trials []struct {
				Name, Dir, State string
				Epoch            int
			}
		}
		if err := json.Unmarshal([]byte(line), &v); err != nil || len(v.Settings) != 2 || v.Validation.N != 2 || len(v.Trials) != 2 || v.Trials[0].State != "finished" || v.Trials[1].Epoch != 3 {
			t.Errorf("got %s, %v", line, err)
		}
		// A trial is a run like others.
		ok(t, "eval", v.Trials[0].Dir)
	}
	// A plan stands as it is.
	for _, more := range []string{"--learning-rate 0.1", "--seeds 3", "--seed 1", "--halving", "--out x"} {
		refused(t, 2, append([]string{"sweep", "--resume", killed}, strings.Fields(more)...)...)
	}
	refused(t, 1, append(args, "--out", killed)...)
	if said := refused(t, 1, "eval", killed); !strings.Contains(said, "folder of a sweep") {
		t.Errorf("got %q", said)
	}
	plan := filepath.Join(killed, "sweep.json")
	text, err := os.ReadFile(plan)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(plan, []byte(strings.Replace(string(text), `"0.5"`, `"0.6"`, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	if said := refused(t, 1, "sweep", "--resume", killed); !strings.Contains(said, "checksum") {
		t.Errorf("got %q", said)
	}
}

// TestSweepValues: what a flag's text is taken for.
func TestSweepValues(t *testing.T) {
	dir := t.TempDir()
	small := []string{"sweep", "relu", "--train-samples", "50", "--epochs", "1", "--batch-size", "25"}
	net := filepath.Join(dir, "net.txt")
	if err := os.WriteFile(net, []byte("dense 4 tanh, dense 10 softmax"), 0o644); err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct {
		args []string
		want []string // settings
	}{
		{[]string{"--hidden", "4"}, []string{"relu"}},
		{[]string{"--hidden", "4", "--dropout", "0, 0.5"}, []string{"dropout 0", "dropout 0.5"}},
		{[]string{"--hidden", "4", "--optimizer", "adam 0.01,ema(sgd 0.1) 0.9"}, []string{"optimizer adam 0.01", "optimizer ema(sgd 0.1) 0.9"}},
		{[]string{"--layers", "dense 3 relu, dense 10 softmax/dense 10 softmax", "--layers", "@" + net}, []string{"layers dense 3 relu, dense 10 softmax", "layers dense 10 softmax", "layers @" + net}},
		{[]string{"--hidden", "4", "--learning-rate", "log:0.001..1", "--batch-size", "10..30", "--trials", "3"}, []string{"batch-size ", "batch-size ", "batch-size "}},
	} {
		args := small
		if i == 4 {
			args = args[:len(args)-2]
		}
		out := ok(t, append(append(args[:len(args):len(args)], c.args...), "--out", filepath.Join(dir, strings.Repeat("x", i+1)))...)
		for _, want := range c.want {
			if strings.Count(out, want) == 0 {
				t.Errorf("%q: got\n%s\nwant %q in it", c.args, out, want)
			}
		}
		if n := len(regexp.MustCompile(`(?m) 1/1 +1/1$`).FindAllString(out, -1)); n != len(c.want) {
			t.Errorf("%q: got %d rows, want %d:\n%s", c.args, n, len(c.want), out)
		}
	}
	for _, wrong := range []string{
		"--learning-rate 0.1,0.1", "--learning-rate 0.1,", "--learning-rate 1..0.1 --trials 2", "--learning-rate log:0..1 --trials 2", "--learning-rate 0.1..1", "--learning-rate 0.1 --learning-rate 0.1..1", "--hidden 8/", "--hidden 8,,8",
		"--optimizer adam,nosuch", "--batch-size 1..1.5 --trials 2", "--learning-rate 0.1,-1", "--train-samples 10,100000", "--trials 2", "--layers dense --hidden 8", "--seeds 10001", "--seeds 0", "--jobs -1",
	} {
		refused(t, 2, append([]string{"sweep", "relu", "--out", filepath.Join(dir, "none")}, strings.Fields(wrong)...)...)
	}
	if said := refused(t, 2, "sweep", "relu", "--out", filepath.Join(dir, "none"), "--by", "f1"); !strings.Contains(said, "what is measured: loss or accuracy") {
		t.Errorf("got %q", said)
	}
	if _, err := os.Lstat(filepath.Join(dir, "none")); err == nil {
		t.Error("a sweep that was refused has a folder")
	}
}

// TestSweepsAmongRuns: stheno runs shows a sweep as one, with how far it is, and other commands take its trials.
func TestSweepsAmongRuns(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	out := ok(t, "sweep", "relu", "--learning-rate", "0.1,0.5", "--hidden", "4", "--train-samples", "50", "--epochs", "1")
	if !strings.Contains(out, "learning-rate 0.5") {
		t.Errorf("got %s", out)
	}
	dirs, err := run.List()
	if err != nil || len(dirs) != 1 {
		t.Fatalf("got %q, %v", dirs, err)
	}
	name := filepath.Base(dirs[0])
	out = ok(t, "runs")
	for _, want := range []string{name, "sweep", "2 trials, 2 finished", "learning-rate 0.1, 0.5"} {
		if !strings.Contains(out, want) {
			t.Errorf("runs: got\n%s\nwant %q in it", out, want)
		}
	}
	ok(t, "eval", name+"/1-seed1")
	if offers, _ := offered(t, "eval", ""); len(offers) > 0 && offers[0] == name {
		t.Errorf("eval is offered the sweep: %q", offers)
	}
	if runtime.GOOS != "windows" {
		ok(t, "runs", "rm", name, "--yes")
		if dirs, err := run.List(); err != nil || len(dirs) != 0 {
			t.Errorf("removed, there are %q, %v", dirs, err)
		}
	}
}
