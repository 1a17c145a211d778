package report_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/inspect/report"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/models"
)

// images are small pictures in three classes, a bright row each, of 0 to 255.
func images(t *testing.T, shape []int, n int, seed uint64) *datasets.Dataset {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 0))
	var rows []float32
	var labels []int
	for i := range n {
		labels = append(labels, i%3)
		for j := range 30 {
			v := 90 * r.Float64()
			if j/10 == i%3 {
				v += 60
			}
			rows = append(rows, float32(v))
		}
	}
	d, err := datasets.New("rows", shape, rows, labels, []string{"top", "middle", "<b>bottom</b>"})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// record trains a small experiment.
func record(t *testing.T, name string, shape []int, change func(*models.Experiment)) report.Run {
	t.Helper()
	e, err := models.Find("relu")
	if err != nil {
		t.Fatal(err)
	}
	e.Name, e.Hidden, e.BatchSize, e.Epochs, e.Noise = name, []int{8, 8}, 10, 4, .5
	if change != nil {
		change(&e)
	}
	r, err := e.Record(context.Background(), images(t, shape, 60, 1), images(t, shape, 40, 2), models.RunOptions{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	findings, err := inspect.Diagnose(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	return report.Run{
		Record: r, Findings: findings, Command: "stheno run " + name,
		Lecture:  []report.Setting{{Name: "test accuracy", Value: ".9564"}},
		Settings: []report.Setting{{Name: "seed", Value: "1"}},
	}
}

func write(t *testing.T, runs ...report.Run) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.Write(context.Background(), &b, runs); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestReportHoldsEverything(t *testing.T) {
	one := record(t, "rows", []int{3, 10}, nil)
	page := write(t, one)
	for _, want := range []string{
		"<title>Stheno: rows</title>", "<title>Loss</title>", "<title>Accuracy</title>", "rows, running", "rows, test set",
		"<title>Gradient norm by layer and step</title>", "<title>Confusion, test set</title>", "<title>Confusion, noisy test set</title>",
		"<title>Most confidently wrong, noisy test set (", "<title>Weights of the first layer, largest first</title>",
		".9564", "stheno run rows", "<dt>seed</dt><dd>1</dd>", "says top", string(one.Findings[0].Code), "data:image/png;base64,",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the report lacks %q", want)
		}
	}
	if strings.Contains(page, "<b>bottom</b>") {
		t.Error("a class's name went into the page as HTML")
	}
	if links := strings.ReplaceAll(page, `xmlns="http://www.w3.org/2000/svg"`, ""); strings.Contains(links, "http") || strings.Contains(links, "<script") {
		t.Error("the page has a link or a script")
	}
	if again := write(t, one); again != page {
		t.Error("the same run makes another page")
	}
}

func TestReportOfSeveralRuns(t *testing.T) {
	flat := record(t, "flat", []int{30}, nil) // no images
	twin := record(t, "flat", []int{30}, func(e *models.Experiment) { e.Epochs = 1 })
	page := write(t, flat, twin, record(t, "broken", []int{3, 10}, func(e *models.Experiment) { e.Activation, e.LearningRate, e.Scale = layers.Linear, 1e30, 1 }))
	for _, want := range []string{"Stheno: 3 runs", "flat, running", "flat (2), running", "<h2>flat (2)</h2>", "<h2>broken</h2>", "not-finite"} {
		if !strings.Contains(page, want) {
			t.Errorf("the report lacks %q", want)
		}
	}
	if n := strings.Count(page, "Weights of the first layer"); n != 3 {
		t.Errorf("got the first layer's weights %d times, want them of the one run on images (label, title and heading)", n)
	}
	for _, bad := range []string{"NaN\"", "%!", "ZgotmplZ"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page has %q", bad)
		}
	}
}

// Two or three steps are drawn as bars beside one another, more as a map.
func TestReportOfFewSnapshots(t *testing.T) {
	one := record(t, "rows", []int{3, 10}, nil)
	all := one.Snapshots
	for n, want := range map[int]string{1: "<title>Gradient norm by layer</title>", 2: "<title>Gradient norm by layer</title>", 4: "<title>Gradient norm by layer and step</title>"} {
		few := *one.Record
		few.Snapshots = all[:n]
		one.Record = &few
		page := write(t, one)
		if !strings.Contains(page, want) || n > 1 != strings.Contains(page, fmt.Sprintf("step %d", all[1].Step)) {
			t.Errorf("%d snapshots: want %q, and the steps that there are", n, want)
		}
	}
}

func TestReportErrors(t *testing.T) {
	var b bytes.Buffer
	if err := report.Write(context.Background(), &b, nil); err == nil {
		t.Error("no runs: got no error")
	}
	if err := report.Write(context.Background(), &b, []report.Run{{}}); err == nil || !strings.Contains(err.Error(), "want both") {
		t.Errorf("an empty run: got %v", err)
	}
	run := record(t, "rows", []int{3, 10}, nil)
	stopped, cancel := context.WithCancel(context.Background())
	cancel()
	if err := report.Write(stopped, &b, []report.Run{run}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
	full := errors.New("disk full")
	if err := report.Write(context.Background(), failing{full}, []report.Run{run}); !errors.Is(err, full) {
		t.Errorf("a full disk: got %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// TestReportLooksInside: of a convolution there are its filters and feature maps, of an autoencoder samples and what it makes of them.
func TestReportLooksInside(t *testing.T) {
	in := func(words string) func(*models.Experiment) {
		return func(e *models.Experiment) {
			var err error
			if e.Layers, err = layers.Parse(words); err != nil {
				t.Fatal(err)
			}
			e.Epochs, e.Noise, e.Scale = 1, 0, 1./255
		}
	}
	conv := record(t, "convolution", []int{3, 10}, func(e *models.Experiment) {
		in("conv 5 2 relu, batchnorm, maxpool 2x3, conv 3 1x2 relu, flatten, dense 3 softmax")(e)
		e.Input = graph.Floats(3, 10)
	})
	again := record(t, "autoencoder", []int{3, 10}, func(e *models.Experiment) {
		in("dense 4 relu, dense 30")(e)
		e.Reconstruct, e.Loss = true, losses.MSE{}
	})
	page := write(t, conv, again)
	for want, times := range map[string]int{
		"<title>Filters of conv_1, largest first</title>": 1, ">filter 5</text>": 1, "Feature maps of batchnorm_1, 2×9, of one sample: 5 of 5</title>": 1, "<title>Feature maps of conv_1": 0,
		"<title>Feature maps of maxpool_1": 0, "<title>Weights of the first layer": 1, "<title>Samples, and what the network makes of them</title>": 1, ">made anew</text>": 12, ">sample</text>": 12,
	} {
		if n := strings.Count(page, want); n != times {
			t.Errorf("the report has %q %d times, want %d", want, n, times)
		}
	}
}

// TestReportOfSequences: of a recurrent layer there is the gradient by time step, of attention what its heads look at, with the numbers behind both; of ids that mean something the numbers say what.
func TestReportOfSequences(t *testing.T) {
	over := record(t, "over-time", []int{3, 10}, func(e *models.Experiment) {
		e.Layers, _ = layers.Parse("rnn 4 sequence, attention 2, flatten, dense 3 softmax")
		e.Input, e.Epochs, e.Noise, e.Scale = graph.Floats(3, 10), 2, 0, 1./255
	})
	page := write(t, over)
	for want, times := range map[string]int{
		"<title>Gradient by time step, of what rnn_1 is given</title>": 1, "<title>What attention_1 looks at</title>": 1, "<summary>the numbers</summary>": 2,
		">sample 2</text>": 2, `<th class="n">head 2</th>`: 1, `<th>time step</th><th class="n">step 0</th>`: 1, "<tr><td>3</td>": 2, "<tr><td>4</td>": 0,
	} {
		if n := strings.Count(page, want); n != times {
			t.Errorf("the report has %q %d times, want %d", want, n, times)
		}
	}
	chapters, test, err := datasets.Alice()
	if err != nil {
		t.Fatal(err)
	}
	e, err := models.Find("char-lm")
	if err != nil {
		t.Fatal(err)
	}
	if e.Layers, err = layers.Parse("embedding 71 4, positions, attention 1 causal, dense 71 softmax"); err != nil {
		t.Fatal(err)
	}
	e.TrainSamples, e.Epochs = 20, 1
	few, err := datasets.Rows(test, []int{0, 1, 2})
	if err != nil {
		t.Fatal(err)
	}
	r, err := e.Record(context.Background(), chapters, few, models.RunOptions{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	page = write(t, report.Run{Record: r})
	for _, want := range []string{"<tr><td>1 &#34;C&#34;</td><td class=\"n\">1 &#34;C&#34;: 1.0000</td></tr>", "<tr><td>11 &#34;\\n&#34;</td>"} {
		if !strings.Contains(page, want) {
			t.Errorf("the report of a text lacks %s", want)
		}
	}
}

// TestReportWithSections: what somebody puts above the runs is there, and escaped; a brief run is in the curves alone, without a model.
func TestReportWithSections(t *testing.T) {
	one := record(t, "rows", []int{30}, func(e *models.Experiment) { e.Optimizer, e.LearningRate, e.Epochs = "clip(sgd 0.1) 0.001", 0, 3 })
	brief := report.Run{Record: &inspect.Record{Name: "short", Epochs: one.Epochs}, Brief: true}
	var b bytes.Buffer
	err := report.Write(context.Background(), &b, []report.Run{one, brief}, report.Section{
		Title: "What <differs>", Head: []string{"", "rate"}, Rows: [][]string{{"rows", "<b>0.1</b>"}}, Text: []string{"a & b"}, Figures: []string{"<svg>here</svg>"},
	})
	if err != nil {
		t.Fatal(err)
	}
	page := b.String()
	for _, want := range []string{"What &lt;differs&gt;", "&lt;b&gt;0.1", "<p>a &amp; b</p>", "<figure><svg>here</svg></figure>", "short, running", "<h2>rows</h2>",
		"Gradients were clipped in 18 steps; the largest was ", "<title>Steps in which gradients were clipped</title>"} {
		if !strings.Contains(page, want) {
			t.Errorf("the report lacks %q", want)
		}
	}
	if strings.Contains(page, "<h2>short</h2>") {
		t.Error("a brief run has a part of its own")
	}
}
