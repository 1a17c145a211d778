package inspect

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/train"
)

// anyRun makes facts of any record there may be: of classes or numbers, learnt or not, with a test set of any size that does as well or worse, in the midst of the run or at its end.
type anyRun struct {
	*rand.Rand
	model *graph.Model
	data  datasets.Data
}

func (r anyRun) pick(of ...float64) float64 { return of[r.IntN(len(of))] }

// seldom is v in one of four cases, and else usual.
func (r anyRun) seldom(usual, v float64) float64 { return r.pick(usual, usual, usual, v) }

func (r anyRun) answers(kind kind, n int, rate float64) *answers {
	const classes = 3
	a := &answers{samples: &samples{rows: make([]int, n), width: 1, features: 4, flat: true}, kind: kind, rate: rate, skill: rate}
	if kind == ofNumbers {
		for range n {
			a.y, a.out = append(a.y, float32(r.NormFloat64())), append(a.out, 0)
		}
		return a
	}
	a.confusion = [][]int{make([]int, classes), make([]int, classes), make([]int, classes)}
	right := 0
	for i := range n {
		is := r.IntN(classes)
		said := is
		if r.Float64() > rate {
			said = (is + 1 + r.IntN(classes-1)) % classes
		} else {
			right++
		}
		a.at, a.said, a.sure, a.classes = append(a.at, i), append(a.said, said), append(a.sure, r.Float64()), append(a.classes, int32(is))
		a.confusion[is][said]++
	}
	a.rate, a.chance = float64(right)/float64(n), float64(slices.Max(a.counts()))/float64(n)
	a.skill = skill(a.rate, a.chance)
	return a
}

func (r anyRun) facts() *facts {
	kind, rate := kind(r.pick(float64(ofClasses), float64(ofNumbers))), r.pick(.3, .7, .9, .97, 1)
	size := func() int { return int(r.pick(40, 400, 4000)) }
	record := &Record{Name: "any run", Model: r.model, Loss: losses.CrossEntropy{}, Optimizer: []string{"sgd 0.1", "adam 0.001", "adam 0.001 weight-decay=1"}[r.IntN(3)], BatchSize: int(r.pick(1, 4, 32, 500)),
		Steps: uint64(r.pick(30, 3000)), Ahead: uint64(r.seldom(0, r.pick(10, 10000))), Train: Tested{Name: "training set", Data: r.data, Result: &train.Evaluation{}}}
	f := &facts{Record: record, fit: r.answers(kind, size(), rate), names: []string{"dense_1", "dense_2"}, common: .4, starved: r.seldom(1, 30), highest: r.seldom(1, 1e5), where: "dense_1"}
	for range r.IntN(2) {
		record.Tests = append(record.Tests, Tested{Name: "test set", Data: r.data, Result: &train.Evaluation{}})
		f.tests = append(f.tests, r.answers(kind, size(), rate-r.pick(-.02, 0, .03, .065, .07, .09, .3)))
		of := &values{features: 4, mean: 1, std: 1}
		f.shifts = append(f.shifts, shift{distance: r.seldom(.01, .3), spread: r.seldom(1, r.pick(.7, 10)), values: of})
	}
	f.values = &values{features: 4, min: -1, max: 1, mean: 0, std: r.seldom(1, r.pick(.001, 100)), means: make([]float64, 4), largest: 1}
	if r.IntN(6) == 0 {
		f.values.constant = []int{1}
	}
	if r.IntN(6) == 0 {
		f.values.duplicated = []int{3}
	}
	loss := 2.0
	for e := range 1 + r.IntN(8) {
		record.Epochs = append(record.Epochs, train.Epoch{Epoch: e + 1, Running: train.Metrics{Loss: loss}, Evaluated: &train.Metrics{Loss: loss * (1 + r.Float64())}})
		loss *= r.pick(1, .99, .8)
	}
	f.fall = fall(record.Epochs)
	if r.IntN(2) == 0 {
		f.neighbours = &neighbours{skill: r.Float64(), test: r.Float64(), plain: r.Float64(), alike: r.Float64()}
	}
	for at := range 2 {
		s := &Snapshot{Step: uint64(at * 100)}
		for _, name := range f.names {
			s.Layers = append(s.Layers, Layer{Name: name, Kind: "dense", Units: int(r.seldom(32, 1)), Dead: r.seldom(0, 1), Saturated: r.seldom(0, .9),
				Params: []Param{{Name: "weight", Shape: []int{4, 3}, Alike: at == 0 && r.IntN(8) == 0, Value: Array{Stats: Stats{Norm: r.seldom(1, .2)}}, Grad: Array{Stats: Stats{Norm: f.highest}}}}})
		}
		record.Snapshots = append(record.Snapshots, s)
	}
	if r.IntN(4) == 0 {
		record.Stopped = "the loss has not gone down for 2 epochs"
	}
	first := r.seldom(1, 1e-6)
	f.flow, f.begun, f.now = []float64{first, 1}, []float64{first, 1}, []float64{first, 1}
	f.update, f.start = []float64{r.seldom(.001, r.pick(1e-7, .5)), .001}, []float64{.01, math.NaN()}
	return f
}

// Of whatever record, nobody says that nothing is wrong beside somebody who says that something is: not in a warning, and not in a note. Nor is it said of a run that has not learnt what
// it could, or of one whose test set does worse than chance makes of it.
func TestHealthyIsAlone(t *testing.T) {
	data, err := datasets.New("d", []int{4}, make([]float32, 4*900), make([]int, 900), []string{"a", "b", "c"})
	if err != nil {
		t.Fatal(err)
	}
	model, err := graph.NewModel(graph.Config{Input: graph.Floats(4)}, layers.Dense{Units: 5, Activation: layers.ReLU}, layers.Dense{Units: 3, Activation: layers.Softmax})
	if err != nil {
		t.Fatal(err)
	}
	r, alone, slow := anyRun{rand.New(rand.NewPCG(1, 2)), model, data}, 0, 0
	seen := map[Code]bool{}
	for i := range 10_000 {
		f := r.facts()
		findings := f.findings()
		if len(findings) == 0 {
			t.Fatalf("record %d: got nothing, want something said of every run", i)
		}
		at := slices.IndexFunc(findings, func(f Finding) bool { return f.Code == Healthy })
		for _, g := range findings {
			seen[g.Code] = true
			if f.Stopped != "" && (strings.Contains(g.Advice, "for more epochs") || strings.Contains(g.Advice, "stop where") || g.Code == TooFewUpdates) {
				t.Fatalf("record %d: %s advises a run that stopped by itself: %s", i, g.Code, g.Advice)
			}
			if at >= 0 && g.Code != Healthy && (g.Code != BatchTooSmall || g.Severity != Note) {
				t.Fatalf("record %d: got %s beside %s (%s: %s)", i, Healthy, g.Code, g.Severity, g.Evidence)
			}
		}
		if at < 0 {
			continue
		}
		says := fmt.Sprintf("record %d: got %s (%s)", i, Healthy, findings[at].Evidence)
		if at > 0 {
			t.Fatalf("%s behind %s, want it first", says, findings[0].Code)
		}
		if f.struggling() {
			t.Fatalf("%s of a run of skill %v after %d steps of %d, want what it falls short of", says, f.fit.skill, f.Steps, f.Steps+f.Ahead)
		}
		if f.gap() >= noteGap && f.gap() >= 2*f.test().uncertainty() {
			t.Fatalf("%s of a test set that lies %v below", says, f.gap())
		}
		if alone++; len(findings) > 1 {
			slow++
		}
	}
	if alone < 100 || slow < 10 || len(seen) < 20 {
		t.Errorf("got %d healthy ones, %d with small batches, and %d codes, want enough of all", alone, slow, len(seen))
	}
}
