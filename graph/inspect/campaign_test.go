package inspect_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
)

var (
	diagnoseHalf = flag.String("diagnosis", "", "run the diagnosis' campaign: open, frozen, or scores, which trains both and diagnoses nothing")
)

// A trial is a network of the campaign: a line of campaign.txt.
type trial struct {
	line, kind                     string
	want                           []inspect.Code
	data, network, loss, optimizer string
	batch, epochs                  int
	frozen                         bool
}

func (c trial) healthy() bool { return c.kind == "healthy" }

// trials are the lines of a campaign's text.
func trials(t testing.TB, file string) (all []trial) {
	text, err := published.ReadFile("testdata/diagnosis/" + file)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, line := range strings.Split(string(text), "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		parts := strings.Split(line, " | ")
		kind, want, ok := strings.Cut(parts[0], ": ")
		if !ok || len(parts) != 6 {
			t.Fatalf("%s: %d parts", line, len(parts))
		}
		c := trial{line: line, kind: kind, data: parts[1], network: parts[2], loss: parts[3], optimizer: parts[4]}
		for _, code := range strings.Fields(want) {
			c.want = append(c.want, inspect.Code(code))
		}
		numbers := strings.Fields(parts[5])
		c.batch, _ = strconv.Atoi(numbers[0])
		c.epochs, _ = strconv.Atoi(numbers[1])
		c.frozen = seen[kind]%2 == 1
		seen[kind]++
		all = append(all, c)
	}
	return all
}

// frozenSum is the SHA-256 of the frozen half's lines, the code that makes their data, and the data that are published: what it was when no rule had been written.
const frozenSum = "9fbb7c6f1054ae40959d73582c2febd6939d3adbef74aaca6bc89932c9d310d0"

func TestFrozenHalf(t *testing.T) {
	h := sha256.New()
	for _, c := range trials(t, "campaign.txt") {
		if c.frozen {
			fmt.Fprintln(h, c.line)
		}
	}
	made, err := os.ReadFile("campaigndata_test.go")
	if err != nil {
		t.Fatal(err)
	}
	h.Write(made)
	for _, file := range []string{"breast_cancer.csv", "diabetes.csv", "wine.csv", "fashion/train-images-idx3-ubyte.gz", "fashion/train-labels-idx1-ubyte.gz", "fashion/t10k-images-idx3-ubyte.gz", "fashion/t10k-labels-idx1-ubyte.gz"} {
		text, err := published.ReadFile("testdata/diagnosis/" + file)
		if err != nil {
			t.Fatal(err)
		}
		h.Write(text)
	}
	if got := fmt.Sprintf("%x", h.Sum(nil)); got != frozenSum {
		t.Errorf("got %s, want %s: the frozen half is not what it was before there were rules", got, frozenSum)
	}
}

// campaignSeeds are those with which each network is run.
var campaignSeeds = []uint64{1, 2}

// record trains the network, and keeps what there is to judge.
func (c trial) record(t testing.TB, seed uint64) *inspect.Record {
	t.Helper()
	fail := func(err error) {
		if err != nil {
			t.Fatalf("%s, seed %d: %v", c.line, seed, err)
		}
	}
	fitPart, heldPart := makeData(t, c.data, seed)
	fit, held := fitPart.data(t, "train", c.network, c.loss), heldPart.data(t, "test", c.network, c.loss)
	network, err := layers.Parse(c.network)
	fail(err)
	loss, err := losses.Parse(c.loss)
	fail(err)
	optimizer, err := optim.New(c.optimizer, 0)
	fail(err)
	model, err := graph.NewModel(graph.Config{Input: graph.Floats(fit.Info().Shape()...), Seed: seed}, network...)
	fail(err)
	ctx := context.Background()
	recorder := &inspect.Recorder{Epochs: true, At: []uint64{1, 10, 100}}
	config := train.Config{Loss: loss, Optimizer: optimizer, BatchSize: c.batch, Epochs: c.epochs, Seed: seed, Validation: held, Observers: []train.Observer{recorder}}
	history, err := train.Fit(ctx, model, fit, config)
	var diverged *train.DivergedError
	if err != nil && !errors.As(err, &diverged) {
		fail(err)
	}
	last, err := inspect.TakeNext(model, loss, fit, c.batch, seed, history.Position)
	fail(err)
	fail(last.Pass(ctx, model, fit))
	config.BatchSize, config.Validation, config.Observers = 0, nil, nil
	onFit, err := train.Evaluate(ctx, model, fit, config)
	fail(err)
	onHeld, err := train.Evaluate(ctx, model, held, config)
	fail(err)
	return &inspect.Record{
		Name: c.kind, Seed: seed, Model: model, Loss: loss, Optimizer: c.optimizer, LearningRate: optimizer.Rate(), BatchSize: min(c.batch, fit.Len()),
		Steps: history.Position.Step, Epochs: history.Epochs, Diverged: diverged, Snapshots: append(recorder.Snapshots, last),
		Train: inspect.Tested{Name: "training set", Data: fit, Result: onFit},
		Tests: []inspect.Tested{{Name: "test set", Data: held, Result: onHeld}},
	}
}

func TestCampaign(t *testing.T) {
	if *diagnoseHalf == "" {
		t.Skip("run with -diagnosis open or frozen; TestDiagnosis is the short form")
	}
	for _, c := range trials(t, "campaign.txt") {
		if c.frozen && *diagnoseHalf == "open" || !c.frozen && *diagnoseHalf == "frozen" || !strings.Contains(c.line, *only) {
			continue
		}
		for _, seed := range campaignSeeds {
			r := c.record(t, seed)
			if *diagnoseHalf == "scores" {
				n := len(r.Epochs)
				text := fmt.Sprintf("%-90.90s", c.line)
				for _, e := range []*train.Evaluation{r.Train.Result, r.Tests[0].Result} {
					text += fmt.Sprintf(" [%.3g %v]", e.Loss, e.Scores)
				}
				if n > 1 {
					text += fmt.Sprintf(" running %.3g %.3g", r.Epochs[n-2].Running.Loss, r.Epochs[n-1].Running.Loss)
				}
				fmt.Println(text, r.Steps, r.Diverged)
			}
		}
	}
}
