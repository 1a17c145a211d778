package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/flags"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/results"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/runs"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/blas"
	"github.com/stheno-ml/stheno/graph/train/run"
)

var kills = flag.Int("kills", 0, "run the long form of TestKilled: so many kills of each of its runs")

// smallRun is a run of a moment.
func smallRun(experiment string, more ...string) []string {
	return append([]string{"run", experiment, "--train-samples", "300", "--hidden", "12", "--batch-size", "25", "--epochs", "3", "--quiet"}, more...)
}

// kept reads all files of a run but the lock and the seconds.
func kept(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == "lock" || d.Name() == "timings.jsonl" {
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

func sameRun(t *testing.T, want, got map[string]string) {
	t.Helper()
	if w, g := slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got)); !slices.Equal(w, g) {
		t.Fatalf("the folder has %q, want %q", g, w)
	}
	for name := range want {
		if want[name] != got[name] {
			t.Errorf("%s is not what it is in the run that was never stopped", name)
		}
	}
}

// TestKilled kills runs at random moments, some of them while a checkpoint is being written, has them go on, and compares all that
// they leave, byte for byte, with what the same run leaves that was never stopped.
func TestKilled(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no signals of this kind")
	}
	wanted := *kills
	campaigns := [][]string{
		{"relu", "--optimizer", "momentum"},
		{"adam"},
		{"dropout", "--record-gradients", "7"},
	}
	if wanted == 0 {
		wanted, campaigns = 2, campaigns[2:]
	}
	r := rand.New(rand.NewPCG(5, 0))
	total, writing := 0, 0
	for _, c := range campaigns {
		args := append([]string{"run"}, c...)
		args = append(args, "--train-samples", "1500", "--hidden", "48", "--batch-size", "25", "--epochs", "4", "--quiet", "--checkpoint-every", "5", "--keep", "3", "--threads", "1")
		whole := filepath.Join(t.TempDir(), "whole")
		start := time.Now()
		if out, err := command(t, append(args, "--out", whole)...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		length := time.Since(start)
		want := kept(t, whole)
		for killed := 0; killed < wanted; {
			dir := filepath.Join(t.TempDir(), "run")
			next := append(args, "--out", dir)
			for ended := false; !ended; {
				cmd := command(t, next...)
				var said bytes.Buffer
				cmd.Stdout, cmd.Stderr = &said, &said
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				done := make(chan error, 1)
				go func() { done <- cmd.Wait() }()
				if killed < wanted {
					time.Sleep(time.Duration(r.Int64N(int64(length))))
					if r.IntN(2) == 0 {
						waitForTemporary(dir, length)
					}
					_ = cmd.Process.Kill()
				}
				if err := <-done; err == nil {
					ended = true
				} else if status := exitStatus(t, err); status != -1 {
					t.Fatalf("after %d kills: status %d: %s", killed, status, said.String())
				} else {
					killed++
					total++
					left, _ := filepath.Glob(filepath.Join(dir, "checkpoints", "*.tmp"))
					writing += min(1, len(left))
				}
				if _, err := os.Stat(filepath.Join(dir, "run.json")); err == nil {
					next = []string{"run", "--resume", dir, "--quiet"}
				} else { // killed before there was a run
					next = append(args, "--out", dir)
				}
			}
			sameRun(t, want, kept(t, dir))
			if t.Failed() {
				t.Fatalf("%v: after %d kills", c, killed)
			}
		}
	}
	t.Logf("%d kills, %d of them while a checkpoint was being written, none lost", total, writing)
}

// waitForTemporary returns when a checkpoint is being written, or after a while.
func waitForTemporary(dir string, atMost time.Duration) {
	for end := time.Now().Add(atMost); time.Now().Before(end); time.Sleep(50 * time.Microsecond) {
		if left, _ := filepath.Glob(filepath.Join(dir, "checkpoints", "*.tmp")); len(left) > 0 {
			return
		}
	}
}

// TestStoppedRunGoesOn: a signal ends a run after the step in hand with a checkpoint, and --resume ends in the same files.
func TestStoppedRunGoesOn(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no signals of this kind")
	}
	dir := filepath.Join(t.TempDir(), "run")
	args := []string{"run", "dropout", "--train-samples", "1000", "--hidden", "24", "--batch-size", "10", "--epochs", "1000000", "--quiet"}
	cmd := command(t, append(args, "--out", dir)...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for {
		if text, _ := os.ReadFile(filepath.Join(dir, "metrics.jsonl")); len(text) > 0 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if status, _, errOut := stheno("run", "--resume", dir); status != 1 || !strings.Contains(errOut, fmt.Sprintf("in use by process %d on ", cmd.Process.Pid)) {
		t.Errorf("a run in use: status %d, %q", status, errOut)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if status := exitStatus(t, cmd.Wait()); status != 143 {
		t.Errorf("status %d, want 143", status)
	}
	f, err := run.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	c, err := f.Checkpoint("latest")
	if err != nil {
		t.Fatal(err)
	}
	_, at, err := f.Model(c, nil)
	if err != nil {
		t.Fatal(err)
	}
	epochs := fmt.Sprint(at.Epoch + 1)
	whole := filepath.Join(t.TempDir(), "whole")
	for i := range args {
		if args[i] == "1000000" {
			args[i] = epochs
		}
	}
	ok(t, append(args, "--out", whole)...)
	ok(t, "run", "--resume", dir, "--epochs", epochs, "--quiet")
	want, got := kept(t, whole), kept(t, dir)
	sameEpochs := got["metrics.jsonl"] == want["metrics.jsonl"] && got["result.json"] == want["result.json"] && got["run.json"] == want["run.json"]
	latest := fmt.Sprintf("checkpoints/step-%09d.safetensors", (at.Epoch+1)*100)
	if !sameEpochs || got[latest] == "" || got[latest] != want[latest] {
		t.Errorf("a run that was stopped at epoch %d, batch %d does not end as one that was not", at.Epoch, at.Batch)
	}
}

func TestResumeFlags(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	first := ok(t, smallRun("dropout", "--out", dir)...)
	for _, c := range []struct {
		args   []string
		status int
		says   string
	}{
		{[]string{"run", "--resume", dir}, 0, "is finished, after 3 epochs: to train it further, give --epochs"},
		{[]string{"run", "--resume", dir, "--epochs", "2"}, 1, "has trained 3 epochs"},
		{[]string{"run", "relu", "--resume", dir}, 2, "leave out relu"},
		{[]string{"run", "--resume", dir, "--seed", "4", "--hidden", "3"}, 2, "leave out --hidden, --seed"},
		{[]string{"run", "--resume", filepath.Join(dir, "none")}, 1, "no such file"},
		{[]string{"run", "--resume", dir, "--resume-from", "best", "--dataset", "fashion"}, 2, "--dataset"},
		{[]string{"run", "--resume", dir, "--resume-from", "7"}, 1, "no checkpoint of step 7: there are [24 36]"},
		{[]string{"run", "--resume", dir, "--resume-from", "beest"}, 2, "--resume-from: got \"beest\", want latest, previous, best, or the number of a step; did you mean \"best\"?"},
		{[]string{"run", "relu", "--resume-from", "7"}, 2, "--resume-from"},
		{smallRun("relu", "--out", dir), 1, "holds a run already"},
		{smallRun("relu", "--keep", "0"), 2, "--keep: got 0, want at least 1"},
		{smallRun("relu", "--checkpoint-every", "-3"), 2, "--checkpoint-every: got \"-3\""},
		{smallRun("relu", "--checkpoint-every", "0s"), 2, "--checkpoint-every"},
		{smallRun("relu", "--record-gradients", "-1"), 2, "--record-gradients"},
		{smallRun("relu", "--out", filepath.Join(dir, "run.json")), 1, "run.json"},
		{smallRun("relu", "--epochs", "-1"), 2, "--epochs: got -1"},
		{smallRun("relu", "--batch-size", "0"), 2, "--batch-size: got 0"},
		{smallRun("relu", "--learning-rate", "nan"), 2, "--learning-rate: got NaN"},
		{smallRun("relu", "--dropout", "1"), 2, "--dropout: got 1"},
	} {
		status, _, errOut := stheno(c.args...)
		if status != c.status || !strings.Contains(errOut, c.says) || strings.Count(errOut, "\n") != 1 {
			t.Errorf("%v: status %d, %q; want %d, %q", c.args, status, errOut, c.status, c.says)
		}
	}
	status, out, errOut := stheno("run", "--resume", dir, "--resume-from", "24", "--quiet")
	if seconds := regexp.MustCompile(`[0-9.]+\n`); status != 0 || !strings.Contains(errOut, "from step 24 as told") || seconds.ReplaceAllString(out, "\n") != seconds.ReplaceAllString(first, "\n") {
		t.Errorf("--resume-from: status %d, %q, %q; want %q", status, out, errOut, first)
	}
	longer := filepath.Join(t.TempDir(), "longer")
	ok(t, "run", "--resume", dir, "--epochs", "5", "--quiet")
	ok(t, smallRun("dropout", "--epochs", "5", "--out", longer)...)
	sameRun(t, kept(t, longer), kept(t, dir))
}

// TestARefusedResumeChangesNothing: other data are found out once the training begins, before anything of the run is touched.
func TestARefusedResumeChangesNothing(t *testing.T) {
	dir, other := filepath.Join(t.TempDir(), "run"), t.TempDir()
	ok(t, smallRun("relu", "--out", dir, "--keep", "9", "--blas", "gonum")...)
	for _, name := range []string{"train", "t10k"} {
		images, labels := []byte("\x00\x00\x08\x03\x00\x00\x01\x2c\x00\x00\x00\x1c\x00\x00\x00\x1c"), []byte("\x00\x00\x08\x01\x00\x00\x01\x2c")
		images = append(images, make([]byte, 300*784)...)
		for i := range 300 {
			labels = append(labels, byte(i%10))
		}
		for file, text := range map[string][]byte{name + "-images-idx3-ubyte": images, name + "-labels-idx1-ubyte": labels} {
			if err := os.WriteFile(filepath.Join(other, file), text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	lock := filepath.Join(dir, "lock")
	if err := os.WriteFile(lock, []byte("process 1 on nowhere"), 0o644); err != nil { // of one that was killed
		t.Fatal(err)
	}
	want := kept(t, dir)
	for _, more := range [][]string{{"--resume-from", "12"}, {"--epochs", "8"}, {"--epochs", "8", "--keep", "1"}, {"--resume-from", "12", "--blas", "builtin"}} {
		args := append([]string{"run", "--resume", dir, "--data-dir", other, "--quiet"}, more...)
		if status, _, errOut := stheno(args...); status != 1 || !strings.Contains(errOut, "trained on other samples") || strings.Contains(errOut, "; to go on: ") {
			t.Errorf("%q: status %d, %q", args, status, errOut)
		}
		sameRun(t, want, kept(t, dir))
		if text, err := os.ReadFile(lock); err != nil || string(text) != "process 1 on nowhere" {
			t.Errorf("%q: the lock says %q, %v", args, text, err)
		}
	}
}

// TestNoRunBeforeAllHaveAPlace: of several experiments none is trained where a later one could not be kept.
func TestNoRunBeforeAllHaveAPlace(t *testing.T) {
	dir := t.TempDir()
	ok(t, smallRun("mse", "--out", filepath.Join(dir, "mse"))...)
	want := kept(t, dir)
	for says, args := range map[string][]string{
		"holds a run already": append(smallRun("relu"), "mse", "--out", dir),
		"kept twice":          append(smallRun("relu"), "relu", "--out", dir),
	} {
		if status, out, errOut := stheno(args...); status == 0 || out != "" || !strings.Contains(errOut, says) {
			t.Errorf("%q: status %d, %q, %q, want %q", args, status, out, errOut, says)
		}
	}
	sameRun(t, want, kept(t, dir))
}

func TestSeveralRunsAndTheirList(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	if out := ok(t, "runs"); !strings.Contains(out, "no runs in ") {
		t.Errorf("got %q", out)
	}
	ok(t, append([]string{"run", "mse"}, smallRun("relu")[1:]...)...)
	diverging := smallRun("raw-pixels", "--loss", "cross-entropy", "--learning-rate", "1e30")
	if status, _, errOut := stheno(diverging...); status != 1 || !strings.HasPrefix(errOut, "stheno: raw-pixels, seed 1: train: diverged in epoch 1") {
		t.Errorf("diverging: status %d, %q", status, errOut)
	}
	home, err := run.Home()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(home, "zzz"), 0o755); err != nil {
		t.Fatal(err)
	}
	var got []runs.Summary
	for _, line := range strings.Split(strings.TrimSpace(ok(t, "runs", "--json")), "\n") {
		var s runs.Summary
		if err := json.Unmarshal([]byte(line), &s); err != nil {
			t.Fatal(err)
		}
		got = append(got, s)
	}
	if len(got) != 4 {
		t.Fatalf("%d runs, want 4: %+v", len(got), got)
	}
	for i, want := range []runs.Summary{{Experiment: "mse", State: "finished"}, {Experiment: "raw-pixels", State: "diverged"}, {Experiment: "relu", State: "finished"}, {State: "damaged"}} {
		if got[i].Experiment != want.Experiment || got[i].State != want.State || want.State == "finished" && (got[i].Epoch != 3 || got[i].Epochs != 3 || got[i].Test == nil || got[i].Loss == nil) {
			t.Errorf("run %d is %+v, want %+v", i, got[i], want)
		}
	}
	if out := ok(t, "runs"); !regexp.MustCompile(`(?m)^zzz +0/0 +– +– +damaged\n  run: `).MatchString(out) {
		t.Errorf("got %q", out)
	}
	if out := ok(t, "eval", got[2].Name); !strings.Contains(out, "relu") {
		t.Errorf("a run by its name: %q", out)
	}
	// Without a place for runs it trains all the same, and says so; with --out it does not.
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_STATE_HOME", blocked)
	if status, out, errOut := stheno(smallRun("relu")...); status != 0 || !strings.Contains(out, "relu") || !strings.Contains(errOut, "without being saved") {
		t.Errorf("status %d, %q, %q", status, out, errOut)
	}
	if status, _, errOut := stheno(smallRun("relu", "--out", filepath.Join(blocked, "run"))...); status != 1 || !strings.Contains(errOut, blocked) {
		t.Errorf("status %d, %q", status, errOut)
	}
}

func TestEvalExportPredict(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	var trained results.Report
	if err := json.Unmarshal([]byte(ok(t, "run", "noise", "--train-samples", "2000", "--hidden", "64", "--epochs", "4", "--json", "--out", dir)), &trained); err != nil {
		t.Fatal(err)
	}
	var e evalReport
	if err := json.Unmarshal([]byte(ok(t, "eval", dir, "--json")), &e); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(e.Train, trained.Train) || !reflect.DeepEqual(e.Test, trained.Test) || !reflect.DeepEqual(e.NoisyTest, trained.NoisyTest) || e.Epoch != 4 || e.Step != 80 {
		t.Errorf("eval says %+v, the run %+v", e, trained)
	}
	quieter := e
	if err := json.Unmarshal([]byte(ok(t, "eval", dir, "--json", "--noise", "0.1")), &quieter); err != nil || quieter.NoisyTest.Accuracy() <= trained.NoisyTest.Accuracy() {
		t.Errorf("with less noise: %+v, %v", quieter.NoisyTest, err)
	}
	file := filepath.Join(t.TempDir(), "w.npz")
	ok(t, "export", dir, "-o", file)
	if status, _, errOut := stheno("export", dir, "-o", file); status != 1 || !strings.Contains(errOut, "there already") {
		t.Errorf("status %d, %q", status, errOut)
	}
	ok(t, "export", dir, "-o", filepath.Join(t.TempDir(), "w.safetensors"), "--checkpoint", "best")
	if status, _, errOut := stheno("export", dir, "-o", "w.pb"); status != 2 || !strings.Contains(errOut, ".safetensors, .npz") {
		t.Errorf("status %d, %q", status, errOut)
	}

	_, test, err := datasets.MNIST()
	if err != nil {
		t.Fatal(err)
	}
	const digits = 60
	args := []string{"predict", dir, "--json"}
	for i := range digits {
		args = append(args, drawDigit(t, test, i))
	}
	right := 0
	for i, line := range strings.Split(strings.TrimSpace(ok(t, args...)), "\n") {
		var p predictReport
		if err := json.Unmarshal([]byte(line), &p); err != nil {
			t.Fatal(err)
		}
		sum := 0.
		for _, v := range p.Probabilities {
			sum += v
		}
		if p.Image != args[3+i] || len(p.Probabilities) != 10 || sum < .999 || sum > 1.001 || p.Probability != p.Probabilities[p.Class] || p.Name != fmt.Sprint(p.Class) {
			t.Errorf("got %+v", p)
		}
		if p.Class == test.Label(i) {
			right++
		}
	}
	if right < digits*3/4 {
		t.Errorf("it reads %d of %d digits that were drawn large and dark, want three of four", right, digits)
	}
	if out := ok(t, "predict", dir, args[3]); !regexp.MustCompile(`^.+\.png: (not sure: \d or )?\d( or \d)*  [01]\.\d{4}   then \d 0\.\d{4}, \d 0\.\d{4}, \d 0\.\d{4}\n$`).MatchString(out) {
		t.Errorf("got %q", out)
	}
	image, err := os.ReadFile(args[3])
	if err != nil {
		t.Fatal(err)
	}
	var out, errOut bytes.Buffer
	if status := execute([]string{"predict", dir, "-"}, bytes.NewReader(image), &out, &errOut); status != 0 || !strings.HasPrefix(out.String(), "-: ") {
		t.Errorf("standard input: status %d, %q, %q", status, out.String(), errOut.String())
	}
	for _, c := range []struct{ image, says string }{
		{filepath.Join(dir, "run.json"), "not a PNG, JPEG"},
		{filepath.Join(dir, "none.png"), "no such file"},
		{dir, "is a folder"},
		{"-", "standard input: it is not a PNG, JPEG"},
	} {
		if status, _, errOut := stheno("predict", dir, c.image); status != 1 || !strings.Contains(errOut, c.says) || strings.Count(errOut, "\n") != 1 {
			t.Errorf("%s: status %d, %q, want %q", c.image, status, errOut, c.says)
		}
	}
}

// drawDigit draws a test image of MNIST four times as large, dark on light, and returns the file.
func drawDigit(t *testing.T, set *datasets.Dataset, i int) string {
	t.Helper()
	row := make([]float32, 784)
	set.Row(row, i)
	img := image.NewGray(image.Rect(0, 0, 150, 130))
	for y := range 130 {
		for x := range 150 {
			ink := float32(0)
			if x >= 20 && x < 20+112 && y >= 10 && y < 10+112 {
				ink = row[(y-10)/4*28+(x-20)/4]
			}
			img.SetGray(x, y, color.Gray{Y: uint8(240 - ink*.8)})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), fmt.Sprintf("%d.png", i))
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestResumeKeepsTheBLAS: a run goes on with what it began with, whatever is the default by then, or it is said.
func TestResumeKeepsTheBLAS(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	stheno := func(args ...string) string {
		t.Helper()
		status, _, errOut := stheno(args...)
		if status != 0 {
			t.Fatalf("%q: status %d: %s", args, status, errOut)
		}
		return errOut
	}
	stheno(smallRun("relu", "--out", dir, "--blas", "gonum", "--threads", "1")...)
	if errOut := stheno("run", "--resume", dir, "--epochs", "4", "--quiet"); errOut != "" {
		t.Errorf("with what the run began with, it says %q", errOut)
	}
	said := regexp.MustCompile(`^stheno: the run was trained with gonum v\S+ on 1 threads and goes on with gonum v\S+ on 2 threads, as run.json will say: the bits may differ from .+\n$`)
	if errOut := stheno("run", "--resume", dir, "--epochs", "5", "--threads", "2", "--quiet"); !said.MatchString(errOut) {
		t.Errorf("on more threads it says %q", errOut)
	}
	absent := "accelerate"
	if runtime.GOOS == "darwin" {
		absent = "mkl"
	}
	cmd, errOut := runCommand(), new(strings.Builder)
	cmd.SetErr(errOut)
	var f flags.BLAS
	if err := f.UseFor(cmd, run.Config{BLAS: blas.Info{Name: absent, Threads: 1}}); err != nil {
		t.Fatal(err)
	}
	if want := "stheno: the run was trained with " + absent + " on 1 threads and goes on with "; !strings.HasPrefix(errOut.String(), want) {
		t.Errorf("where its BLAS is not, it says %q, want %q", errOut, want)
	}
}

// TestRefusedBeforeItsFirstStep: nothing is left of a new run, and nobody is told to go on with it.
func TestRefusedBeforeItsFirstStep(t *testing.T) {
	home, dir := t.TempDir(), filepath.Join(t.TempDir(), "run")
	t.Setenv("XDG_STATE_HOME", home)
	none := func(where string) {
		t.Helper()
		if all, err := filepath.Glob(where); err != nil || len(all) > 0 {
			t.Errorf("there are %q, %v", all, err)
		}
	}
	for _, args := range [][]string{{"run", "relu", "--loss", "hinge", "--quiet"}, {"run", "relu", "--loss", "hinge", "--json", "--out", dir}} {
		status, out, errOut := stheno(args...)
		if status != 1 || out != "" && args[4] == "--quiet" || !strings.Contains(errOut, "loss hinge on an output") || strings.Contains(errOut, "to go on") {
			t.Errorf("%q: status %d, %q, %q", args, status, out, errOut)
		}
		none(filepath.Join(home, "stheno", "runs", "*"))
		none(dir)
	}
}
