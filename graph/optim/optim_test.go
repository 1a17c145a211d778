package optim

import (
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/graph/internal/parallel"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// wantError checks that an error is there and says all of the words.
func wantError(t *testing.T, what string, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("%s: no error, want one about %q", what, words)
		return
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%s: error %q does not say %q", what, err, w)
		}
	}
}

func TestNames(t *testing.T) {
	for _, name := range Names() {
		o, err := New(name, 0.25)
		if err != nil {
			t.Fatal(err)
		}
		if o.Name() != name {
			t.Errorf("New(%q) is named %q", name, o.Name())
		}
		if o.Rate() != 0.25 {
			t.Errorf("New(%q, 0.25) has a rate of %v", name, o.Rate())
		}
		o.SetRate(0.5)
		if o.Rate() != 0.5 {
			t.Errorf("%s: rate %v after SetRate(0.5)", name, o.Rate())
		}
		o.SetRate(0)
		if o.Rate() != 0 || o.Validate() != nil {
			t.Errorf("%s: rate %v after SetRate(0), %v", name, o.Rate(), o.Validate())
		}
		if mustNew(t, name).Rate() <= 0 {
			t.Errorf("New(%q, 0) has no default rate", name)
		}
	}
	_, err := New("adma", 0)
	wantError(t, "New", err, append(Names(), `"adma"`)...)
	for _, lr := range []float64{-1, math.NaN(), math.Inf(1)} {
		o, err := New("adam", lr)
		wantError(t, "New with a bad rate", err, "adam", "LearningRate")
		if o != nil {
			t.Errorf("New with a rate of %v returned an optimizer", lr)
		}
	}
}

func TestValidate(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		o     Optimizer
		words []string
	}{
		{&SGD{LearningRate: -0.1}, []string{"sgd", "LearningRate", "-0.1", "0 or more"}},
		{&SGD{LearningRate: nan}, []string{"LearningRate", "NaN"}},
		{&SGD{LearningRate: inf}, []string{"LearningRate", "Inf", "finite"}},
		{&SGD{Momentum: 1}, []string{"momentum", "Momentum is 1", "below 1"}},
		{&SGD{Nesterov: true}, []string{"nesterov", "Momentum is 0"}},
		{&Adam{Beta1: 1}, []string{"adam", "Beta1"}},
		{&Adam{Beta2: -0.5}, []string{"adam", "Beta2", "-0.5"}},
		{&Adam{Epsilon: -1}, []string{"adam", "Epsilon"}},
		{&Adam{Beta2: nan}, []string{"adam", "Beta2", "NaN"}},
		{&AdamW{LearningRate: inf}, []string{"adamw", "LearningRate"}},
		{&AdamW{Beta1: 2}, []string{"adamw", "Beta1"}},
		{&AdamW{Beta2: 1}, []string{"adamw", "Beta2"}},
		{&AdamW{Epsilon: inf}, []string{"adamw", "Epsilon"}},
		{&AdamW{WeightDecay: -1}, []string{"adamw", "WeightDecay"}},
		{&RMSProp{LearningRate: -1}, []string{"rmsprop", "LearningRate"}},
		{&RMSProp{Rho: 1}, []string{"rmsprop", "Rho"}},
		{&RMSProp{Epsilon: nan}, []string{"rmsprop", "Epsilon"}},
		{&AdaGrad{LearningRate: nan}, []string{"adagrad", "LearningRate"}},
		{&AdaGrad{Epsilon: -1}, []string{"adagrad", "Epsilon"}},
	} {
		wantError(t, c.o.Name(), c.o.Validate(), c.words...)
		model := newModel[float32](1, []int{3})
		before := model[0].Value().(*tensor.Dense).Clone()
		wantError(t, c.o.Name()+" Step", c.o.Step(model), c.words...)
		if !reflect.DeepEqual(before.(*tensor.Dense).Data(), model[0].Value().Data()) {
			t.Errorf("%s: a refused step changed the parameters", c.o.Name())
		}
	}
}

// A step with a bad parameter names it and changes nothing, not even the parameters before it.
func TestStepErrors(t *testing.T) {
	good := func(shape ...int) *tensor.Dense { return newModel[float32](2, shape)[0].Value().(*tensor.Dense) }
	transposed := good(3, 4)
	if err := transposed.T(); err != nil {
		t.Fatal(err)
	}
	view, err := good(4, 4).Slice(nil, tensor.S(1, 3))
	if err != nil {
		t.Fatal(err)
	}
	columns := tensor.New(tensor.WithShape(4, 3), tensor.AsFortran(make([]float32, 12)))
	for _, c := range []struct {
		what  string
		bad   gorgonia.ValueGrad
		words []string
	}{
		{"nil parameter", nil, []string{"nil"}},
		{"nil value", &parameter{gradient: good(3)}, []string{"value", "nil"}},
		{"nil tensor", &parameter{value: (*tensor.Dense)(nil), gradient: good(3)}, []string{"value", "nil"}},
		{"scalar value", &parameter{value: gorgonia.NewF32(1), gradient: good(3)}, []string{"value", "F32", "*tensor.Dense"}},
		{"whole numbers", &parameter{value: tensor.New(tensor.WithBacking([]int{1})), gradient: good(1)}, []string{"int", "float32"}},
		{"no gradient", &parameter{value: good(3), err: errors.New("never computed")}, []string{"gradient", "never computed"}},
		{"nil gradient", &parameter{value: good(3)}, []string{"gradient", "nil"}},
		{"other shape", &parameter{value: good(4, 3), gradient: good(3, 4)}, []string{"gradient", "(3, 4)", "(4, 3)"}},
		{"vector and column", &parameter{value: good(4), gradient: good(4, 1)}, []string{"gradient", "(4)", "(4, 1)"}},
		{"other type", &parameter{value: good(2), gradient: newModel[float64](3, []int{2})[0].Value()}, []string{"float64", "float32"}},
		{"transposed", &parameter{value: good(4, 3), gradient: transposed}, []string{"gradient", "transposed"}},
		{"view", &parameter{value: view, gradient: good(4, 2)}, []string{"value", "view"}},
		{"column-major", &parameter{value: columns, gradient: good(4, 3)}, []string{"value", "column-major"}},
	} {
		for _, name := range Names() {
			o := mustNew(t, name)
			model := newModel[float32](4, []int{5}, []int{2, 2})
			before := model[0].Value().(*tensor.Dense).Clone().(*tensor.Dense)
			err := o.Step(append(model[:1:1], c.bad))
			wantError(t, name+": "+c.what, err, append(c.words, name, "parameter 1")...)
			if !reflect.DeepEqual(before.Data(), model[0].Value().Data()) || o.State().Steps != 0 {
				t.Errorf("%s: %s: a refused step changed something", name, c.what)
			}
			mustStep(t, o, model)
		}
	}
	failed := &parameter{value: good(3), err: errors.New("never computed")}
	if err := new(SGD).Step([]gorgonia.ValueGrad{failed}); !errors.Is(err, failed.err) {
		t.Errorf("the error of Grad is not wrapped: %v", err)
	}
}

// A rate of 0 leaves the weights as they are.
func TestRateOfZero(t *testing.T) {
	for _, name := range Names() {
		o, model := mustNew(t, name), newModel[float32](3, []int{17})
		before := model[0].Value().(*tensor.Dense).Clone().(*tensor.Dense)
		o.SetRate(0)
		mustStep(t, o, model)
		if !reflect.DeepEqual(before.Data(), model[0].Value().Data()) {
			t.Errorf("%s: a step at a rate of 0 moved the weights", name)
		}
	}
}

// Zero is 0, not the default: each setting so set gives what the rule gives by hand, in its second step.
func TestLiteralZero(t *testing.T) {
	const g1, g2 = 0.5, -2.0
	step := func(o Optimizer) float64 {
		w, g := []float64{1}, []float64{g1}
		model := []gorgonia.ValueGrad{&parameter{value: tensor.New(tensor.WithBacking(w)), gradient: tensor.New(tensor.WithBacking(g))}}
		mustStep(t, o, model)
		g[0] = g2
		w[0] = 1
		mustStep(t, o, model)
		return 1 - w[0]
	}
	sqrt := math.Sqrt
	m2, v2 := .9*.1*g1+.1*g2, .999*.001*g1*g1+.001*g2*g2 // Adam's moments after two steps
	m2, v2 = m2/(1-.9*.9), v2/(1-.999*.999)
	for what, c := range map[string]struct {
		o    Optimizer
		want float64
	}{
		"learning rate": {&SGD{LearningRate: Zero}, 0},
		"momentum":      {&SGD{LearningRate: 1, Momentum: Zero}, g2},
		"beta1":         {&Adam{LearningRate: 1, Beta1: Zero, Epsilon: Zero}, g2 / sqrt(v2)},
		"beta2":         {&Adam{LearningRate: 1, Beta2: Zero, Epsilon: Zero}, m2 / math.Abs(g2)},
		"epsilon":       {&Adam{LearningRate: 1, Epsilon: Zero}, m2 / sqrt(v2)},
		"weight decay":  {&AdamW{LearningRate: 1, Epsilon: Zero, WeightDecay: Zero}, m2 / sqrt(v2)},
		"rho":           {&RMSProp{LearningRate: 1, Rho: Zero, Epsilon: Zero}, -1},
		"adagrad":       {&AdaGrad{LearningRate: 1, Epsilon: Zero}, g2 / sqrt(g1*g1+g2*g2)},
	} {
		if got := step(c.o); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%s: got a step of %v, want %v", what, got, c.want)
		}
	}
	if name := (&SGD{Momentum: Zero}).Name(); name != "sgd" {
		t.Errorf("a momentum of zero is named %q", name)
	}
	wantError(t, "Nesterov", (&SGD{Momentum: Zero, Nesterov: true}).Validate(), "Momentum is 0")
}

// An optimizer goes on with the parameters that it knows, whoever made the headers, and starts afresh with others, even of the same shapes.
func TestOtherParameters(t *testing.T) {
	shapes := [][]int{{3}, {2, 2}, {}}
	values := func(model []gorgonia.ValueGrad) (all []any) {
		for _, p := range model {
			all = append(all, p.Value().Data())
		}
		return all
	}
	for _, name := range Names() {
		used := mustNew(t, name)
		first := newModel[float32](5, shapes...)
		for range 3 {
			mustStep(t, used, first)
		}
		var again []gorgonia.ValueGrad // the same tensors under other headers
		for i, p := range first {
			v := p.Value().(*tensor.Dense)
			again = append(again, &parameter{value: v.ShallowClone(), gradient: first[i].(*parameter).gradient})
		}
		mustStep(t, used, again)
		if n := used.State().Steps; n != 4 {
			t.Errorf("%s: %d steps with the same parameters, want 4", name, n)
		}
		for what, model := range map[string]func() []gorgonia.ValueGrad{
			"same shapes":  func() []gorgonia.ValueGrad { return newModel[float32](6, shapes...) },
			"fewer":        func() []gorgonia.ValueGrad { return newModel[float32](6, shapes[0]) },
			"other shapes": func() []gorgonia.ValueGrad { return newModel[float32](6, []int{3}, []int{4}) },
			"other type":   func() []gorgonia.ValueGrad { return newModel[float64](6, shapes...) },
		} {
			fresh, a, b := mustNew(t, name), model(), model()
			for range 2 {
				mustStep(t, used, a)
				mustStep(t, fresh, b)
			}
			if !reflect.DeepEqual(values(a), values(b)) || used.State().Steps != 2 {
				t.Errorf("%s: %s: other weights than a fresh optimizer's, or %d steps in place of 2", name, what, used.State().Steps)
			}
		}
		// A state that was set is the next parameters', whatever came before.
		mustStep(t, used, first)
		state := used.State()
		if err := used.SetState(state); err != nil {
			t.Fatal(err)
		}
		fresh := mustNew(t, name)
		if err := fresh.SetState(state); err != nil {
			t.Fatal(err)
		}
		a, b := newModel[float32](7, shapes...), newModel[float32](7, shapes...)
		mustStep(t, used, a)
		mustStep(t, fresh, b)
		if !reflect.DeepEqual(values(a), values(b)) || used.State().Steps != 2 || fresh.State().Steps != 2 {
			t.Errorf("%s: a state that was set is lost: %d and %d steps, want 2", name, used.State().Steps, fresh.State().Steps)
		}
	}
}

// Scalars, float64 beside float32, and tensors with nothing in them.
func TestUnusualShapes(t *testing.T) {
	for _, name := range Names() {
		o := mustNew(t, name)
		model := append(newModel[float32](6, []int{}, []int{1, 1}, []int{17}), newModel[float64](7, []int{2, 3, 4})...)
		before := copies([]*tensor.Dense{model[0].Value().(*tensor.Dense), model[3].Value().(*tensor.Dense)})
		mustStep(t, o, model)
		if reflect.DeepEqual(before[0].Data(), model[0].Value().Data()) || reflect.DeepEqual(before[1].Data(), model[3].Value().Data()) {
			t.Errorf("%s: a step changed nothing", name)
		}
		mustStep(t, mustNew(t, name), nil)
	}
}

var lectureLike = [][]int{{784, 97}, {97}, {97, 211}, {211}, {211, 10}, {10}}

// The cut into pieces does not show.
func TestSameBitsForAnyThreads(t *testing.T) {
	defer parallel.SetThreads(parallel.Threads())
	for _, name := range Names() {
		var first []gorgonia.ValueGrad
		for _, threads := range []int{1, 2, 3} {
			parallel.SetThreads(threads)
			o, model := mustNew(t, name), newModel[float32](8, lectureLike...)
			for s := range 3 {
				refill(model, uint64(s))
				mustStep(t, o, model)
			}
			if first == nil {
				first = model
			}
			for i, p := range model {
				if !reflect.DeepEqual(p.Value().Data(), first[i].Value().Data()) {
					t.Errorf("%s: parameter %d differs between 1 and %d threads", name, i, threads)
				}
			}
		}
	}
}

func TestNoAllocations(t *testing.T) {
	for _, name := range Names() {
		o, model := mustNew(t, name), newModel[float32](9, lectureLike...)
		mustStep(t, o, model)
		if n := testing.AllocsPerRun(20, func() { mustStep(t, o, model) }); n > 0 {
			t.Errorf("%s: %v allocations a step, want none", name, n)
		}
	}
}
