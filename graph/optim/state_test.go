package optim

import (
	"maps"
	"reflect"
	"slices"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

var slotNames = map[string][]string{
	"sgd": nil, "momentum": {"momentum"}, "nesterov": {"momentum"}, "adam": {"m", "v"}, "adamw": {"m", "v"},
	"rmsprop": {"v"}, "adagrad": {"v"}, "nadam": {"m", "v"}, "lion": {"m"},
}

// A fresh optimizer with the state, on a copy of the parameters, goes on with the same bits.
func TestStateResumes(t *testing.T) {
	shapes := [][]int{{6, 5}, {5}, {}}
	for _, name := range Names() {
		run := func(o Optimizer, model []gorgonia.ValueGrad, from, to int) {
			for s := from; s < to; s++ {
				refill(model[:2], uint64(s))
				mustStep(t, o, model)
			}
		}
		o, model := mustNew(t, name), newModel[float32](10, shapes...)
		run(o, model, 0, 4)
		state := o.State()
		if got := slices.Sorted(maps.Keys(state.Slots)); !slices.Equal(got, slotNames[name]) || state.Steps != 4 {
			t.Errorf("%s: state of %d steps with slots %q, want 4 and %q", name, state.Steps, got, slotNames[name])
		}
		var again []gorgonia.ValueGrad
		for _, p := range model {
			g, _ := p.Grad()
			again = append(again, &parameter{value: p.Value().(*tensor.Dense).Clone().(*tensor.Dense), gradient: g.(*tensor.Dense).Clone().(*tensor.Dense)})
		}
		run(o, model, 4, 8) // must not reach into the state taken before

		resumed := mustNew(t, name)
		if err := resumed.SetState(state); err != nil {
			t.Fatal(err)
		}
		for _, slot := range state.Slots { // a copy went in
			for _, v := range slot {
				v.Zero()
			}
		}
		run(resumed, again, 4, 8)
		for i, p := range again {
			if !reflect.DeepEqual(p.Value().Data(), model[i].Value().Data()) {
				t.Errorf("%s: parameter %d differs after a resume", name, i)
			}
		}
		if !reflect.DeepEqual(data(resumed.State()), data(o.State())) {
			t.Errorf("%s: the states differ after a resume", name)
		}
	}
}

func data(s State) map[string][]any {
	d := map[string][]any{"steps": {s.Steps}}
	for name, slot := range s.Slots {
		for _, v := range slot {
			d[name] = append(d[name], v.Shape().Clone(), v.Data())
		}
	}
	return d
}

// The zero State takes an optimizer back to its beginning.
func TestZeroStateStartsAnew(t *testing.T) {
	for _, name := range Names() {
		used, fresh := mustNew(t, name), mustNew(t, name)
		mustStep(t, used, newModel[float32](11, []int{4}))
		if err := used.SetState(State{}); err != nil {
			t.Fatal(err)
		}
		a, b := newModel[float32](12, []int{4}), newModel[float32](12, []int{4})
		mustStep(t, used, a)
		mustStep(t, fresh, b)
		if !reflect.DeepEqual(a[0].Value().Data(), b[0].Value().Data()) {
			t.Errorf("%s: the zero State left something", name)
		}
	}
}

func TestSetStateErrors(t *testing.T) {
	zeros := func(shapes ...[]int) []*tensor.Dense {
		var z []*tensor.Dense
		for _, s := range shapes {
			z = append(z, tensor.New(tensor.WithShape(s...), tensor.Of(tensor.Float32)))
		}
		return z
	}
	right := func() []*tensor.Dense { return zeros([]int{3, 2}, []int{2}) }
	double := right()
	double[1] = tensor.New(tensor.WithShape(2), tensor.Of(tensor.Float64))
	withNil := right()
	withNil[1] = nil
	slots := func(m, v []*tensor.Dense) map[string][]*tensor.Dense {
		return map[string][]*tensor.Dense{"m": m, "v": v}
	}
	model := newModel[float32](13, []int{3, 2}, []int{2})

	for _, c := range []struct {
		what   string
		state  State
		itself bool // it is wrong by itself, whatever the parameters
		words  []string
	}{
		{"negative steps", State{Steps: -1, Slots: slots(right(), right())}, true, []string{"-1"}},
		{"missing slot", State{Steps: 1, Slots: map[string][]*tensor.Dense{"m": right()}}, true, []string{`no slot "v"`}},
		{"no slots", State{Steps: 1}, true, []string{`no slot "m"`}},
		{"another optimizer's slot", State{Steps: 1, Slots: map[string][]*tensor.Dense{"momentum": right()}}, true, []string{`"momentum"`, `"m" "v"`}},
		{"nil tensor", State{Steps: 1, Slots: slots(right(), withNil)}, true, []string{`slot "v"`, "parameter 1", "nil"}},
		{"lists of two lengths", State{Steps: 1, Slots: slots(right(), right()[:1])}, true, []string{`slot "v"`, "1 tensors", "2 parameters"}},
		{"two shapes", State{Steps: 1, Slots: slots(right(), zeros([]int{3, 2}, []int{7}))}, true, []string{`slot "v", parameter 1`, "(7)", "(2)"}},
		{"another type", State{Steps: 1, Slots: slots(right(), double)}, true, []string{`slot "v", parameter 1`, "float64", "float32"}},
		{"another model's count", State{Steps: 1, Slots: slots(right()[:1], right()[:1])}, false, []string{`slot "m"`, "1 tensors", "2 parameters"}},
		{"another model's shape", State{Steps: 1, Slots: slots(zeros([]int{2, 3}, []int{2}), zeros([]int{2, 3}, []int{2}))}, false, []string{`slot "m", parameter 0`, "(2, 3)", "(3, 2)"}},
	} {
		o := new(Adam)
		mustStep(t, o, model)
		before := data(o.State())
		err := o.SetState(c.state)
		if !c.itself && err == nil {
			weights := model[0].Value().(*tensor.Dense).Clone().(*tensor.Dense)
			wantError(t, c.what+", at the next step", o.Step(model), append(c.words, "adam")...)
			if !reflect.DeepEqual(weights.Data(), model[0].Value().Data()) || o.State().Steps != c.state.Steps {
				t.Errorf("%s: the refused step changed something", c.what)
			}
			continue
		}
		wantError(t, c.what, err, append(c.words, "adam")...)
		if !reflect.DeepEqual(data(o.State()), before) {
			t.Errorf("%s: the refused state changed the optimizer", c.what)
		}
	}
	wantError(t, "plain SGD", new(SGD).SetState(State{Steps: 1, Slots: map[string][]*tensor.Dense{"m": right()}}), "sgd", `"m"`)
}
