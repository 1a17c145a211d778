package optim

import (
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
)

// testdata/schedules.json holds the learning rates that PyTorch's schedulers gave, by the text of what they are here; schedules.py beside it wrote it.
func TestSchedulesAgainstPyTorch(t *testing.T) {
	var golden struct {
		Rate         float64
		Steps, Epoch int
		Figures      []float64
		Rates        map[string][]float64
	}
	text, err := os.ReadFile("testdata/schedules.json")
	if err == nil {
		err = json.Unmarshal(text, &golden)
	}
	if err != nil || len(golden.Rates) < 20 {
		t.Fatalf("%v, %d cases", err, len(golden.Rates))
	}
	for text, want := range golden.Rates {
		schedule, err := ParseSchedule(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		written, err := FormatSchedule(schedule)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if schedule, err = ParseSchedule(written); err != nil {
			t.Errorf("%q, written as %q: %v", text, written, err)
			continue
		}
		steps := golden.Steps
		if strings.HasPrefix(text, "one-cycle") {
			steps++ // PyTorch steps it once more than there are steps
		}
		o := &Scheduled{Optimizer: &SGD{LearningRate: golden.Rate}, Schedule: schedule}
		o.plan = Plan{Steps: steps, Epoch: golden.Epoch}
		model := newModel[float64](1, []int{1})
		for s, want := range want {
			if got := o.Rate(); !(math.Abs(got-want) <= 1e-9*golden.Rate) {
				t.Errorf("%q: step %d: got a learning rate of %v, PyTorch's is %v", text, s, got, want)
				break
			}
			before := model[0].Value().Data().([]float64)[0]
			mustStep(t, o, model)
			moved, g := before-model[0].Value().Data().([]float64)[0], model[0].(*parameter).gradient.Data().([]float64)[0]
			if math.Abs(moved-want*g) > 1e-9 {
				t.Errorf("%q: step %d: the weight moved by %v, want %v", text, s, moved, want*g)
			}
			if o.Watches() == "accuracy" {
				o.Watch(1-golden.Figures[s], true)
			} else {
				o.Watch(golden.Figures[s], false)
			}
		}
		if o.Optimizer.Rate() != golden.Rate {
			t.Errorf("%q: it left the optimizer's own rate at %v", text, o.Optimizer.Rate())
		}
	}
}

// A schedule is gone on with at any step: a fresh optimizer with the state has the same rates and the same weights.
func TestScheduleResumes(t *testing.T) {
	for _, text := range []string{"warmup 3, cosine 0.2", "one-cycle 0.3", "plateau 0.5 2", "step 1epoch 0.5", "warmup 1epoch, plateau 0.3 1"} {
		run := func(o Optimizer, model []gorgonia.ValueGrad, from, to int) {
			s, _ := Find[*Scheduled](o)
			for i := from; i < to; i++ {
				refill(model, uint64(i))
				mustStep(t, o, model)
				if i%4 == 3 {
					s.Watch(math.Abs(float64(i%5)), false)
				}
			}
		}
		text = "ema(clip(scheduled adam (" + text + ")) 0.5) 0.7"
		fresh := func() Optimizer { return mustNew(t, text) }
		plan := func(o Optimizer) Optimizer { s, _ := Find[*Scheduled](o); s.Plan(5, 4); return o }
		whole, want := plan(fresh()), newModel[float32](3, []int{4, 3}, []int{3})
		run(whole, want, 0, 20)
		for stop := range 20 {
			a, model := plan(fresh()), newModel[float32](3, []int{4, 3}, []int{3})
			run(a, model, 0, stop)
			b := fresh()
			if err := b.SetState(a.State()); err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			if a.Rate() != b.Rate() {
				t.Fatalf("%s: after %d steps the rate is %v, resumed %v", text, stop, a.Rate(), b.Rate())
			}
			run(b, model, stop, 20)
			if !equalModels(model, want) {
				t.Fatalf("%s: resumed after %d steps it ends in other weights", text, stop)
			}
			x, _ := Find[*EMA](whole)
			y, _ := Find[*EMA](b)
			for i := range want {
				if !equalData(x.Averages()[i].Data(), y.Averages()[i].Data()) {
					t.Fatalf("%s: resumed after %d steps it ends in other averages", text, stop)
				}
			}
		}
	}
}

// Another model's parameters begin the schedule, the averages and the plateau's count anew.
func TestScheduleStartsAfresh(t *testing.T) {
	o := &Scheduled{Optimizer: &EMA{Optimizer: &SGD{LearningRate: 1}}, Schedule: Step{Every: Steps(2), Factor: 0.5}}
	first, second := newModel[float32](1, []int{3}), newModel[float32](1, []int{3})
	for range 5 {
		mustStep(t, o, first)
	}
	if o.Rate() != 0.25 {
		t.Errorf("after five steps: got a rate of %v, want 0.25", o.Rate())
	}
	mustStep(t, o, second)
	want := newModel[float32](1, []int{3})
	mustStep(t, &SGD{LearningRate: 1}, want)
	if !equalModels(second, want) || o.State().Steps != 1 {
		t.Errorf("the second model's first step is not that of a fresh optimizer; %d steps", o.State().Steps)
	}
}

// A rate of 0 trains nothing, whoever gave it.
func TestRateZeroTrainsNothing(t *testing.T) {
	for _, text := range []string{"scheduled adamw (constant 0)", "scheduled sgd (polynomial 0 0)", "layer-rates adamw a:0 ", "clip adamw"} {
		o := mustNew(t, text)
		model := newModel[float32](1, []int{3, 2})
		model[0].(*parameter).name = "a.weight"
		before := newModel[float32](1, []int{3, 2})
		if !strings.Contains(text, "layer-rates") {
			o.SetRate(0)
		}
		if s, ok := o.(*Scheduled); ok {
			s.Plan(1, 10)
		}
		mustStep(t, o, model)
		if !equalModels(model, before) {
			t.Errorf("%s: the weights moved", text)
		}
	}
}

func TestScheduleRefusals(t *testing.T) {
	for text, words := range map[string][]string{
		"":                          {"got nothing", "cosine"},
		"cosin":                     {`"cosin"`, `did you mean "cosine"`},
		"step 0.5":                  {"Every", "step 10epochs 0.5"},
		"cosine, constant 0.1":      {"schedule 1 of 2", "length=5epochs"},
		"plateau 1.5":               {"Factor is 1.5"},
		"exponential 0":             {"above 0"},
		"cosine growth=2":           {"Cycle"},
		"cosine -0.1":               {"From is -0.1"},
		"warmup 0":                  {"warmup"},
		"warmup 5, plateau, step 3": {"schedule 2 of 3"},
		"sequence(warmup 3, sequence(warmup 2, cosine)), cosine": {"sequence within"},
	} {
		_, err := ParseSchedule(text)
		wantError(t, text, err, words...)
	}
	o := mustNew(t, "scheduled adam cosine")
	wantError(t, "no plan", o.Step(newModel[float32](1, []int{2})), "length=1000", "train.Fit")
	o = mustNew(t, "scheduled adam (exponential 0.9)")
	wantError(t, "no epoch", o.Step(newModel[float32](1, []int{2})), "epochs")
	if _, err := Rates(nil, Plan{}); err == nil {
		t.Error("a nil schedule is taken")
	}
	if _, err := New("scheduled(scheduled adam cosine) cosine", 0); err == nil {
		t.Error("a schedule within a schedule is taken")
	}
	wantError(t, "state", mustNew(t, "scheduled adam").SetState(State{Steps: 3}), "schedule")
	wantError(t, "state", mustNew(t, "adam").SetState(mustNew(t, "scheduled adam").State()), "schedule")
}
