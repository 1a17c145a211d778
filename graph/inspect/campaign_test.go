package inspect_test

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
)

var (
	diagnoseHalf = flag.String("diagnosis", "", "run the diagnosis' campaign: open, frozen, all, second, or scores, which trains all and diagnoses nothing")
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

// secondSum is that of the second set, as it was when it was run first.
const secondSum = "23978a31c95d4641d539ef6b5a0de3b564a0f8e4834fd392a677e310b03b9061"

func TestFrozenHalf(t *testing.T) {
	second, err := published.ReadFile("testdata/diagnosis/second.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintf("%x", sha256.Sum256(second)); got != secondSum {
		t.Errorf("the second set: got %s, want %s", got, secondSum)
	}

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

// record trains the network, and keeps what there is to judge.
func (c trial) record(t testing.TB, seed uint64) *inspect.Record {
	t.Helper()
	fitPart, heldPart := makeData(t, c.data, seed)
	return c.recordOn(t, seed, fitPart.data(t, "train", c.network, c.loss), heldPart.data(t, "test", c.network, c.loss))
}

// recordOn is record on other data.
func (c trial) recordOn(t testing.TB, seed uint64, fit, held datasets.Data) *inspect.Record {
	t.Helper()
	fail := func(err error) {
		if err != nil {
			t.Fatalf("%s, seed %d: %v", c.line, seed, err)
		}
	}
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
	tallies := map[string]*[2]tally{} // of the open half, and of the frozen one
	var kinds []string
	file, seeds := "campaign.txt", []uint64{1, 2}
	if *diagnoseHalf == "second" {
		file, seeds = "second.txt", []uint64{3, 4}
	}
	for _, c := range trials(t, file) {
		c.frozen = c.frozen || file == "second.txt"
		if c.frozen && *diagnoseHalf == "open" || !c.frozen && *diagnoseHalf == "frozen" || !strings.Contains(c.line, *only) {
			continue
		}
		for _, seed := range seeds {
			r := c.record(t, seed)
			if *diagnoseHalf == "scores" {
				t.Logf("%s\n    training %v, test %v, %d steps, %v", c.line, r.Train.Result.Metrics, r.Tests[0].Result.Metrics, r.Steps, r.Diverged)
				continue
			}
			if tallies[c.kind] == nil {
				tallies[c.kind] = &[2]tally{{want: c.want}, {want: c.want}}
				kinds = append(kinds, c.kind)
			}
			half := 0
			if c.frozen {
				half = 1
			}
			c.judge(t, r, &tallies[c.kind][half])
		}
	}
	if *diagnoseHalf == "scores" {
		return
	}
	var failing, healthy [2]tally
	fmt.Printf("//\t%-38s %-20s %-9s %s\n", "planted", "code", "frozen", "open")
	for _, kind := range kinds {
		n := tallies[kind]
		fmt.Printf("//\t%-38s %-20s %-9s %s\n", cmp.Or(planted[kind], kind), n[0].want[0], n[1], n[0])
		for half := range n {
			if kind == "healthy" {
				healthy[half].add(n[half])
			} else {
				failing[half].add(n[half])
			}
		}
	}
	fmt.Printf("//\t%-59s %-9s %s\n", "right first, of those that fail", failing[1], failing[0])
	fmt.Printf("//\t%-59s %-9d %d\n", "a wrong one first", failing[1].wrong, failing[0].wrong)
	fmt.Printf("//\t%-59s %-9d %d\n", "false alarms, of those that are healthy", healthy[1].wrong, healthy[0].wrong)
}

// planted says what is wrong with a kind.
var planted = map[string]string{
	"rate-high": "learning rate too high", "dying": "a rate that kills units in ten steps", "rate-low": "learning rate too low", "vanishing": "7 to 10 layers of sigmoids",
	"zero": "first weights zero", "symmetric": "first weights all the same", "shuffled": "labels shuffled", "shifted": "classes of one set numbered otherwise", "noisy": "a third of the labels wrong",
	"imbalance": "rare classes", "one": "one class only", "constant": "inputs the same in every sample", "duplicated": "a column in the place of others", "large": "inputs times 255, in the thousands",
	"tiny": "inputs times 0.001, scaled twice", "test": "test set scaled or moved", "dropout": "dropout of 0.9 and more", "decay": "weight decay or penalty too large",
	"small": "one or two units", "linear": "no activation", "last": "last activation out of the targets", "mse": "squared error of sigmoids for classes", "limit": "nothing: the data tell no more",
	"few": "16 updates", "moments": "moving moments lag", "overfit": "few samples", "targets": "targets in the thousands", "healthy": "nothing",
}

// The first network of each kind, for every day.
func TestCauses(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range trials(t, "campaign.txt") {
		if seen[c.kind] {
			continue
		}
		seen[c.kind] = true
		var n tally
		if c.judge(t, c.record(t, 1), &n); n.right != 1 {
			t.Errorf("%s: want %v", c.line, c.want)
		}
	}
}

// A tally counts the runs of a kind.
type tally struct {
	want              []inspect.Code
	all, right, wrong int
}

func (n tally) String() string {
	if n.all == 0 {
		return "-"
	}
	return fmt.Sprintf("%d of %d", n.right, n.all)
}

func (n *tally) add(m tally) { n.all, n.right, n.wrong = n.all+m.all, n.right+m.right, n.wrong+m.wrong }

// noCause are codes that name no cause: they are not right where there is one, and not wrong either.
var noCause = append([]inspect.Code{inspect.Healthy, inspect.Unexplained, inspect.NotJudged}, symptoms...)

// judge holds a diagnosis against what is right: of a healthy network no error and no warning, of another one the cause first.
func (c trial) judge(t *testing.T, r *inspect.Record, n *tally) {
	findings, err := inspect.Diagnose(context.Background(), r)
	if err != nil {
		t.Fatalf("%s: %v", c.line, err)
	}
	n.all++
	var codes []string
	first := inspect.Healthy
	for _, f := range slices.Backward(findings) {
		codes = append([]string{string(f.Code)}, codes...)
		if !slices.Contains(noCause, f.Code) {
			first = f.Code
		}
	}
	ok := slices.Contains(c.want, first)
	alarm := slices.ContainsFunc(findings, func(f inspect.Finding) bool { return f.Severity == inspect.Error || f.Severity == inspect.Warning })
	if c.healthy() {
		ok, first = !alarm, inspect.Healthy
		if alarm {
			n.wrong++
		}
	} else if !ok && first != inspect.Healthy {
		n.wrong++
	}
	if ok {
		n.right++
	}
	if !ok || testing.Verbose() {
		fmt.Printf("%v %s, seed %d: %s\n    %s\n", ok, c.line, r.Seed, strings.Join(codes, ", "), inspect.Facts(r))
	}
	if testing.Verbose() {
		fmt.Println(words(findings))
	}
	for _, wrong := range misplaced(findings, r) {
		t.Errorf("%s, seed %d: %s", c.line, r.Seed, wrong)
	}
	for _, why := range contradictions(findings, r) {
		t.Errorf("%s, seed %d: %s\n%s", c.line, r.Seed, why, words(findings))
	}
}

// contradictions are remedies on one page that do not go together, or that the network has.
func contradictions(findings []inspect.Finding, r *inspect.Record) (found []string) {
	page := ""
	for _, f := range findings {
		page += " " + f.Advice
	}
	for _, pair := range [][2]string{
		{"a larger learning rate", "learning rate ten times smaller"}, {"learning rate ten times larger", "learning rate ten times smaller"}, {"learning rate ten times larger", "smaller learning rate"},
		{"a larger learning rate", "a smaller learning rate"}, {"for more epochs", "More epochs will not help"}, {"wider layers", "nor a larger network"}, {"use dropout", "Drop a fifth"},
		{"drop more", "Drop a fifth"}, {"more epochs", "Do not train until"}, {"Train on more samples", "belongs to its sample"}, {"fewer layers", "wider layers"},
	} {
		if strings.Contains(page, pair[0]) && strings.Contains(page, pair[1]) {
			found = append(found, fmt.Sprintf("advises %q and %q", pair[0], pair[1]))
		}
	}
	network := ""
	for _, l := range r.Model.Layers() {
		network += fmt.Sprintf(" %s %s,", l.Kind, layers.ActivationOf(l.Layer))
	}
	for advice, has := range map[string]bool{
		"Adam": strings.Contains(r.Optimizer, "adam"), "use dropout": strings.Contains(network, "dropout"), "relu in place of sigmoid": !strings.Contains(network, "sigmoid"),
	} {
		if has && strings.Contains(page, advice) {
			found = append(found, fmt.Sprintf("advises %q to a network of%s %s", advice, network, r.Optimizer))
		}
	}
	return found
}
