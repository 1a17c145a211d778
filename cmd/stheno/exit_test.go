package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/help"
	"github.com/stheno-ml/stheno/datasets"
)

// refused is what a command line that is wrong, or fails, must end like: the status, one line on standard error, nothing on standard output.
func refused(t *testing.T, status int, args ...string) string {
	t.Helper()
	got, out, errOut := stheno(args...)
	if got != status || out != "" || !strings.HasPrefix(errOut, "stheno: ") || strings.Count(errOut, "\n") != 1 || strings.Contains(errOut, "goroutine") {
		t.Errorf("stheno %s: status %d, want %d; standard output %q, standard error %q", strings.Join(args, " "), got, status, out, errOut)
	}
	return errOut
}

// TestExitStatus holds every command to one rule: 2 for a command line that is wrong, 1 for what is right and fails, as where a file is not there.
func TestExitStatus(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	dir := t.TempDir()
	run, none := filepath.Join(dir, "run"), filepath.Join(dir, "none")
	ok(t, smallRun("relu", "--out", run)...)
	other := filepath.Join(dir, "other")
	copied(t, run, other)
	file, plantsCSV := filepath.Join(run, "run.json"), filepath.Join(dir, "plants.csv")
	write(t, plantsCSV, plants(40))
	network := filepath.Join(dir, "network.onnx")
	ok(t, "export", run, "-o", network)
	const no = "-" // it has no such thing
	type command struct{ right, missing, unknown, absent string }
	table := map[string]command{
		"lab":        {"relu --no-open", no, "rleu", none + ".csv"},
		"list":       {"", no, no, no},
		"layers":     {"", no, "dens", no},
		"summary":    {"relu", "", "rleu", "relu --data-dir " + none},
		"run":        {"relu", "", "relu rleu", "relu --data-dir " + none},
		"train":      {plantsCSV + " --target kind", "", "--resume nosuch", none + ".csv --target kind"},
		"find-rate":  {"relu", "", "rleu", "relu --data-dir " + none},
		"sweep":      {"relu", "", "rleu", "relu --data-dir " + none},
		"schedule":   {"cosine", "", "cosin", "cosine -o " + filepath.Join(none, "s.svg")},
		"gradients":  {"relu", "", "relu rleu", "--checkpoint " + none},
		"diagnose":   {"relu", "", "rleu", none},
		"graph":      {"relu", "", "rleu", "relu --data-dir " + none},
		"gradcheck":  {"relu", "", "rleu", "relu --data-dir " + none},
		"runs":       {"", no, no, no},
		"runs rm":    {run, "", "nosuch", none},
		"runs prune": {"", no, no, no},
		"eval":       {run, "", "nosuch", none},
		"predict":    {run + " " + file, run, "nosuch " + file, run + " " + none},
		"sample":     {run, "", "nosuch", none},
		"compare":    {run + " " + other, "", "nosuch " + run, none + " " + run},
		"report":     {run, "", "nosuch", none},
		"save":       {run, "", "nosuch", none},
		"export":     {run, "", "nosuch", none},
		"import":     {network, "", no, none + ".onnx"},
		"data":       {"", no, "foo", no},
		"data info":  {"", no, no, "--data-dir " + none},
		"data fetch": {"mnist", "", "mnst", no},
		"info":       {"", no, no, no},
		"bench":      {"", no, "--regime x", no},
		"completion": {"bash", "", "tcsh", no},
		"man":        {dir, "", no, filepath.Join(file, "man")},
		"version":    {"", no, no, no},
	}
	files := []string{"out", "output", "data-dir", "tensorboard", "prompt"} // whose value is any file, or text
	for _, c := range help.WithCommands(rootCommand()) {
		name := strings.TrimPrefix(strings.TrimPrefix(c.CommandPath(), "stheno"), " ")
		row, known := table[name]
		if !known && c.HasParent() {
			t.Errorf("%s is not in the table", name)
			continue
		}
		delete(table, name)
		line := func(args string) []string { return strings.Fields(name + " " + args) }
		refused(t, 2, line(row.right+" --nosuch")...)
		refused(t, 2, line(row.right+" -Z")...)
		if c.Args != nil && c.Args(c, slices.Repeat([]string{"x"}, 9)) != nil {
			refused(t, 2, line(strings.Repeat("x ", 9))...)
		}
		for _, f := range help.Flags(c) {
			if f.NoOptDefVal == "" {
				refused(t, 2, line(row.right+" --"+f.Name)...)
			}
			wrong := []string{"nonsense"}
			if slices.Contains([]string{"int", "uint64", "float64", "intSlice"}, f.Value.Type()) {
				wrong = append(wrong, "-1", "NaN", "")
			}
			for _, value := range wrong {
				if !slices.Contains(files, f.Name) {
					refused(t, 2, append(line(row.right), "--"+f.Name+"="+value)...)
				}
			}
		}
		for _, args := range []string{row.missing, row.unknown} {
			if known && args != no {
				refused(t, 2, line(args)...)
			}
		}
		if known && row.absent != no {
			refused(t, 1, line(row.absent)...)
		}
	}
	if len(table) > 0 {
		t.Errorf("there are no commands %v", table)
	}
	// Where a file is to be written, too, and where one is damaged.
	for _, args := range []string{"run relu --out " + file, "gradients relu --plot " + none + "/p.svg", "report " + run + " -o " + none + "/r.html", "export " + run + " -o " + none + "/w.npz", "save " + run + " -o " + none + "/m.safetensors", "predict " + run + " " + file} {
		refused(t, 1, strings.Fields(args)...)
	}
	if err := os.WriteFile(file, []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range []string{"eval", "save", "export", "report", "diagnose", "gradients --checkpoint", "run --resume"} {
		refused(t, 1, strings.Fields(args+" "+run)...)
	}
	for _, where := range []string{ok(t), ok(t, "help")} {
		for _, status := range help.Statuses {
			if !strings.Contains(where, "\n  "+status[0]) {
				t.Errorf("the help does not say when the status is %s", status[0])
			}
		}
	}
}

// TestBeyondMemory: a network that no machine holds is refused at once, by every command that would make it.
func TestBeyondMemory(t *testing.T) {
	for _, name := range []string{"summary", "gradients", "graph", "gradcheck", "diagnose", "run"} {
		for _, widths := range []string{"20000000000", "100,20000000000", "99999999999999,3", "9223372036854775807", "9223372036854775807,9223372036854775807"} {
			said := refused(t, 1, name, "relu", "--hidden", widths)
			if !strings.Contains(said, "memory") && !strings.Contains(said, "counted") && !strings.Contains(said, "weights in all") {
				t.Errorf("%s %s: %s", name, widths, said)
			}
		}
	}
	refused(t, 1, "graph", "relu", "--level", "op", "--batch-size", "9223372036854775807")
	ok(t, "run", "relu", tiny, "--train-samples", "30", "--epochs", "1", "--batch-size", "9223372036854775807", "--quiet", "--out", filepath.Join(t.TempDir(), "run"))
}

// TestOneBadOfSeveral: what is good is done, what is bad is named on standard error, and the status is 1.
func TestOneBadOfSeveral(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	dir := t.TempDir()
	a, b, bad := filepath.Join(dir, "a"), filepath.Join(dir, "b"), filepath.Join(dir, "bad.webp")
	ok(t, smallRun("relu", "--out", a)...)
	ok(t, smallRun("mse", "--out", b)...)
	if err := os.WriteFile(bad, []byte("RIFF\x10\x00\x00\x00WEBPVP8 "), 0o644); err != nil {
		t.Fatal(err)
	}
	_, testSet, err := datasets.MNIST()
	if err != nil {
		t.Fatal(err)
	}
	seven := drawDigit(t, testSet, 0)
	several := filepath.Join(dir, "several")
	if err := os.Mkdir(several, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(several, "mse"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		args []string
		want int // lines of standard output that hold a good one
		says string
	}{
		{"predict", []string{"predict", a, seven, bad, filepath.Join(dir, "none.png"), seven}, 2, "bad.webp: it is not a PNG, JPEG, GIF, BMP, TIFF or WebP image"},
		{"predict --json", []string{"predict", a, bad, seven, "--json"}, 1, "bad.webp"},
		{"eval", []string{"eval", a, "nosuch", filepath.Join(dir, "none"), b, "--json"}, 2, "there is no run nosuch"},
		{"compare", []string{"compare", a, filepath.Join(dir, "none"), b, "--json"}, 1, "none: no such file or directory"},
		{"report", []string{"report", a, filepath.Join(dir, "none"), b, "-o", "-"}, -1, "none: no such file or directory"},
		{"run", []string{"run", "relu", "mse", "adam", "--train-samples", "50", tiny, "--epochs", "1", "--quiet", "--json", "--out", several}, 2, "mse"},
	} {
		status, out, errOut := stheno(c.args...)
		good := strings.Count(out, "\n")
		if c.want < 0 && strings.Contains(out, "Stheno: 2 runs") {
			good = c.want
		}
		if status != 1 || good != c.want || !strings.Contains(errOut, c.says) {
			t.Errorf("%s: status %d, standard error %q, standard output\n%.300s", c.name, status, errOut, out)
		}
	}
	// Where all are bad, it is as with the first.
	if status, out, errOut := stheno("eval", "nosuch", "neither"); status != 2 || out != "" || strings.Count(errOut, "\n") != 2 {
		t.Errorf("two names that no run has: status %d, %q, %q", status, out, errOut)
	}
	if status, out, errOut := stheno("predict", a, bad, bad); status != 1 || out != "" || strings.Count(errOut, "\n") != 2 {
		t.Errorf("two bad images: status %d, %q, %q", status, out, errOut)
	}
}

// TestGradientsOfARunAreItsOwn: what would have no effect on a checkpoint is refused, and so is a step that will not come.
func TestGradientsOfARunAreItsOwn(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	ok(t, smallRun("relu", "--out", dir)...)
	for _, flag := range []string{"--at=3", "--learning-rate=.5", "--hidden=4", "--epochs=9", "--batch-size=5", "--train-samples=20", "--optimizer=adam", "--loss=mse", "--activation=tanh", "--dropout=.2", "--noise=1", "--seed=3"} {
		name, _, _ := strings.Cut(flag, "=")
		if said := refused(t, 2, "gradients", "--checkpoint", dir, flag); !strings.Contains(said, "leave out "+name) {
			t.Errorf("%s: %s", flag, said)
		}
	}
	for _, args := range []string{"relu --at 5000000 --epochs 1", "relu --at 0,100 --epochs 1", "batch-10000 --at 20", "relu batch-10000 --at 20", "relu --at 9223372036854775807"} {
		if said := refused(t, 2, append([]string{"gradients"}, strings.Fields(args)...)...); !strings.Contains(said, "want a step of 0 to ") {
			t.Errorf("%s: %s", args, said)
		}
	}
	// A bad checkpoint is found before the training, and what diverges says so after what it has.
	refused(t, 1, "gradients", "relu", "--epochs", "1000", "--at", "99999", "--checkpoint", dir+"/none")
	status, out, errOut := stheno("gradients", "raw-pixels", tiny, "--at", "0,50", "--epochs", "1", "--loss", "cross-entropy", "--learning-rate", "1e30", "--json")
	if status != 1 || strings.Count(out, "\n") != 1 || !strings.Contains(errOut, "there is no step 50: train: diverged") {
		t.Errorf("diverged: status %d, %q, %q", status, out, errOut)
	}
}

// TestRepeatedFlag: the last counts, of a list as of a number.
func TestRepeatedFlag(t *testing.T) {
	if got, want := ok(t, "summary", "relu", "--hidden", "32", "--hidden", "64,8"), ok(t, "summary", "relu", "--hidden", "64,8"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got, want := ok(t, "gradients", "relu", tiny, "--at", "1", "--at", "0", "--json"), ok(t, "gradients", "relu", tiny, "--at", "0", "--json"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestDataThatLackTheLastClass: a run's network is right for them.
func TestDataThatLackTheLastClass(t *testing.T) {
	dir := t.TempDir()
	run := filepath.Join(dir, "run")
	ok(t, smallRun("relu", "--out", run)...)
	own := filepath.Join(dir, "own")
	writeDigits(t, own, 0, 1, 8)
	for _, args := range []string{"eval " + run, "gradients --checkpoint " + run, "report -o - " + run, "diagnose " + run} {
		ok(t, append(strings.Fields(args), "--data-dir", own)...)
	}
	writeDigits(t, own, 0, 1, 11)
	if said := refused(t, 1, "eval", run, "--data-dir", own); !strings.Contains(said, "in 10 classes, ") {
		t.Errorf("more classes than the run has: %s", said)
	}
}

// writeDigits makes a folder of IDX files with a digit of each label in both sets.
func writeDigits(t *testing.T, dir string, labels ...byte) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	n := byte(len(labels))
	images := append([]byte{0, 0, 8, 3, 0, 0, 0, n, 0, 0, 0, 28, 0, 0, 0, 28}, make([]byte, int(n)*784)...)
	for i := range labels {
		images[16+i*784+400+i] = 255
	}
	for name, content := range map[string][]byte{
		"train-images": images, "test-images": images, "train-labels": append([]byte{0, 0, 8, 1, 0, 0, 0, n}, labels...), "test-labels": append([]byte{0, 0, 8, 1, 0, 0, 0, n}, labels...),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := datasets.Load(dir); err != nil {
		t.Fatal(fmt.Errorf("the test's own files: %w", err))
	}
}
