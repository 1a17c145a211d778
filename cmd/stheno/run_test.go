package main

import (
	"bytes"
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/flags"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/results"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/training"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/models"
)

// quick makes a run of any experiment a matter of a moment.
var quick = []string{"--train-samples", "500", "--epochs", "2", "--hidden", "24", "--batch-size", "50"}

func TestRunTable(t *testing.T) {
	out := ok(t, append([]string{"run", "relu", "dropout"}, quick...)...)
	lines := strings.Split(strings.TrimRight(out, "\n"), "\n")
	want := []string{
		`^ +accuracy$`, // of changed experiments the lecture shows nothing
		`^experiment +train +test +noisy +seconds$`,
		`^relu +0\.\d{4} +0\.\d{4} +– +\d+\.\d$`,
		`^dropout +0\.\d{4} +0\.\d{4} +0\.\d{4} +\d+\.\d$`,
	}
	lines = slices.DeleteFunc(lines, func(line string) bool { return strings.HasPrefix(line, "  it says only ") })
	if len(lines) != len(want) {
		t.Fatalf("got\n%s", out)
	}
	for i, line := range lines {
		if !regexp.MustCompile(want[i]).MatchString(line) {
			t.Errorf("line %d: got %q, want %s", i+1, line, want[i])
		}
		if n := len([]rune(line)); n > 80 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	if strings.ContainsAny(out, "\r\x1b") {
		t.Errorf("progress on something that is no terminal: %q", out)
	}
}

// TestRunJSON reads what run --json prints with the fields of its description, and no others.
func TestRunJSON(t *testing.T) {
	type metrics struct {
		Loss     *float64 `json:"loss"`
		Accuracy float64  `json:"accuracy"`
	}
	var r struct {
		Experiment       string   `json:"experiment"`
		Seed             uint64   `json:"seed"`
		Epochs           int      `json:"epochs"`
		BatchSize        int      `json:"batch_size"`
		Params           int      `json:"params"`
		Train            *metrics `json:"train"`
		Test             *metrics `json:"test"`
		NoisyTest        *metrics `json:"noisy_test"`
		PredictedClasses int      `json:"predicted_classes"`
		History          []struct {
			Epoch    int     `json:"epoch"`
			Loss     float64 `json:"loss"`
			Accuracy float64 `json:"accuracy"`
			Seconds  float64 `json:"seconds"`
		} `json:"history"`
		Diverged bool   `json:"diverged"`
		Reason   string `json:"reason"`
	}
	out := ok(t, append([]string{"run", "noise", "mse", "--json", "--seed", "7"}, quick...)...)
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	if len(lines) != 2 {
		t.Fatalf("got %d lines, want an object a line:\n%s", len(lines), out)
	}
	for i, name := range []string{"noise", "mse"} {
		var keys map[string]any
		if err := json.Unmarshal([]byte(lines[i]), &keys); err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{"experiment", "seed", "epochs", "batch_size", "params", "train", "test", "predicted_classes", "history", "diverged", "reason"} {
			if _, there := keys[key]; !there {
				t.Errorf("%s: no %q in %s", name, key, lines[i])
			}
		}
		if _, there := keys["noisy_test"]; there != (name == "noise") {
			t.Errorf("%s: noisy_test is there: %v", name, there)
		}
		r.NoisyTest, r.History = nil, nil
		decoder := json.NewDecoder(strings.NewReader(lines[i]))
		if err := decoder.Decode(&r); err != nil {
			t.Fatalf("%s: %v in %s", name, err, lines[i])
		}
		if r.Experiment != name || r.Seed != 7 || r.Epochs != 2 || r.BatchSize != 50 || r.Params != 784*24+24+24*10+10 || r.Diverged || r.Reason != "" {
			t.Errorf("%s: %+v", name, r)
		}
		for _, m := range []*metrics{r.Train, r.Test} {
			if m == nil || m.Loss == nil || !(*m.Loss > 0) || m.Accuracy < 0 || m.Accuracy > 1 {
				t.Errorf("%s: %+v", name, m)
			}
		}
		if len(r.History) != 2 || r.History[1].Epoch != 2 || !(r.History[1].Loss > 0) || !(r.History[1].Seconds > 0) || r.PredictedClasses < 1 || r.PredictedClasses > 10 {
			t.Errorf("%s: %+v", name, r)
		}
	}
	if again := ok(t, append([]string{"run", "noise", "--json", "--seed", "7"}, quick...)...); withoutSeconds(again) != withoutSeconds(lines[0]+"\n") {
		t.Errorf("one seed, two results:\n%s%s", again, lines[0])
	}
}

func withoutSeconds(line string) string {
	return regexp.MustCompile(`"(seconds":[^,}]*|(run|dir)":"[^"]*")`).ReplaceAllString(line, "")
}

// TestRunDiverges: a run that leaves the finite numbers has a row, or an object that is JSON, a word about why on standard error, and status 1; those after it
// are run all the same, and counted.
func TestRunDiverges(t *testing.T) {
	args := []string{"run", "raw-pixels", "--loss", "cross-entropy", "--train-samples", "500", "--hidden", "24", "--epochs", "1", "--learning-rate", "1e30"}
	why := regexp.MustCompile(`^stheno: raw-pixels, seed 1: train: diverged in epoch 1, step \d+: .*\n$`)
	for _, more := range []string{"", "--quiet", "--json"} {
		status, out, errOut := stheno(append(args, strings.Fields(more)...)...)
		if errOut = aRunsWay.ReplaceAllString(errOut, ""); status != 1 || !why.MatchString(errOut) {
			t.Errorf("%s: status %d, %q", more, status, errOut)
		}
		switch more {
		case "--json":
			var r struct {
				Train    struct{ Loss *float64 }
				Diverged bool
				Reason   string
			}
			if err := json.Unmarshal([]byte(out), &r); err != nil || !r.Diverged || r.Train.Loss != nil || !strings.Contains(r.Reason, "diverged in epoch 1, step ") {
				t.Errorf("--json: %v, %+v", err, r)
			}
		case "":
			if !strings.Contains(out, "\nraw-pixels ") || !strings.Contains(out, "  collapsed: it says 0 of every test image") {
				t.Errorf("got\n%s", out)
			}
		default:
			if strings.Count(out, "\n") != 3 {
				t.Errorf("--quiet: got\n%s", out)
			}
		}
	}
	status, out, errOut := stheno("run", "raw-pixels", "mse", "--loss", "cross-entropy", "--train-samples", "100", "--epochs", "1", "--hidden", "4", "--learning-rate", "1e37", "--json")
	if status != 1 || strings.Count(out, "\n") != 2 || !strings.HasSuffix(errOut, "stheno: 1 of 2 experiments failed: raw-pixels\n") {
		t.Errorf("one of two: status %d, %q, %q", status, out, errOut)
	}
}

// TestFlagsChangeTheExperiment: each flag ends where it belongs, and nowhere else.
func TestFlagsChangeTheExperiment(t *testing.T) {
	parse := func(name string, args ...string) models.Experiment {
		t.Helper()
		var f flags.Experiment
		cmd := &cobra.Command{}
		f.Add(cmd)
		if err := cmd.ParseFlags(args); err != nil {
			t.Fatal(err)
		}
		e, err := f.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	e := parse("dropout")
	if want, _ := models.Find("dropout"); e.Hidden[0] != want.Hidden[0] || e.LearningRate != want.LearningRate || e.Noise != 1 || e.Dropout != .7 || e.Epochs != 20 {
		t.Errorf("no flags: %+v", e)
	}
	e = parse("dropout", "--epochs", "3", "--batch-size", "7", "--train-samples", "99", "--learning-rate", ".5", "--dropout", "0", "--noise", "0",
		"--hidden", "4,5", "--optimizer", "sgd", "--loss", "mse", "--activation", "leaky-relu")
	if e.Epochs != 3 || e.BatchSize != 7 || e.TrainSamples != 99 || e.LearningRate != .5 || e.Dropout != 0 || e.Noise != 0 ||
		!slices.Equal(e.Hidden, []int{4, 5}) || e.Optimizer != "sgd" || e.Loss.Name() != "mse" || e.Activation.String() != "leaky-relu" {
		t.Errorf("all flags: %+v", e)
	}
	// Another optimizer takes its own learning rate; the one that the experiment has keeps it.
	for _, c := range []struct {
		args []string
		want float64
	}{
		{[]string{"--optimizer", "adam"}, 0},
		{[]string{"--optimizer", "sgd"}, .1},
		{[]string{"--optimizer", "adam", "--learning-rate", ".01"}, .01},
		{[]string{"--learning-rate", ".01", "--optimizer", "adam"}, .01},
	} {
		if e := parse("relu", c.args...); e.LearningRate != c.want {
			t.Errorf("%v: learning rate %v, want %v", c.args, e.LearningRate, c.want)
		}
	}
}

// TestCheck: a result outside its band is named on standard error and fails the command; one inside is not and does not.
func TestCheck(t *testing.T) {
	trainSet, testSet, err := datasets.MNIST()
	if err != nil {
		t.Fatal(err)
	}
	e, err := models.Find("relu")
	if err != nil {
		t.Fatal(err)
	}
	e.Hidden, e.TrainSamples, e.Epochs = []int{24}, 500, 1
	for _, c := range []struct {
		band models.Band
		ok   bool
		want string
	}{
		{models.Band{Train: models.Range{Low: 0, High: 1}}, true, ""},
		{models.Band{Train: models.Range{Low: 1, High: 1}}, false, "stheno: check: relu, seed 4: training: accuracy 0."},
	} {
		e.Band = c.band
		var out, errOut bytes.Buffer
		cmd := &cobra.Command{}
		cmd.SetContext(context.Background())
		cmd.SetOut(&out)
		cmd.SetErr(&errOut)
		r := &runner{how: training.Run{Check: true, JSON: true, Quiet: true}}
		r.flags.Seed = 4
		ok, err := r.one(cmd, e, flags.Sets{Train: trainSet, Test: testSet}, results.Table(&out))
		if err != nil || ok != c.ok || !strings.HasPrefix(errOut.String(), c.want) || (c.ok && errOut.Len() > 0) || !json.Valid(out.Bytes()) {
			t.Errorf("band %v: ok %v, error %v, standard error %q", c.band, ok, err, errOut.String())
		}
	}
	if usage.Status(usage.ErrSaid) != 1 {
		t.Error("a failed check does not end with status 1")
	}
}
