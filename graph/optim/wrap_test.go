package optim

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/stheno-ml/stheno/graph/blas"
	"github.com/stheno-ml/stheno/graph/internal/parallel"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

func equalData(a, b any) bool { return reflect.DeepEqual(a, b) }

func equalModels(a, b []gorgonia.ValueGrad) bool {
	return slices.EqualFunc(a, b, func(a, b gorgonia.ValueGrad) bool { return equalData(a.Value().Data(), b.Value().Data()) })
}

// foreign is an optimizer that knows nothing of the wishes of this package.
type foreign struct{ sgd SGD }

func (f *foreign) Name() string           { return "foreign" }
func (f *foreign) Rate() float64          { return f.sgd.Rate() }
func (f *foreign) SetRate(lr float64)     { f.sgd.SetRate(lr) }
func (f *foreign) Validate() error        { return nil }
func (f *foreign) State() State           { return f.sgd.State() }
func (f *foreign) SetState(s State) error { return f.sgd.SetState(s) }
func (f *foreign) Step(model []gorgonia.ValueGrad) error {
	var bare []gorgonia.ValueGrad
	for _, p := range model {
		g, err := p.Grad()
		if err != nil {
			return err
		}
		bare = append(bare, &parameter{value: p.Value(), gradient: g})
	}
	return f.sgd.Step(bare)
}

// Where nothing clips, the bits are those without a clip; with a product as the gradient, too.
func TestClipThatDoesNotClipHasTheSameBits(t *testing.T) {
	before := blas.Current().Name
	if _, err := blas.Use("builtin", 2); err != nil {
		t.Skip(err)
	}
	defer blas.Use(before, 0)
	for _, name := range Names() {
		for _, way := range []*Clip{{Norm: 1e6}, {Layer: 1e6}, {Value: 1e6}} {
			r := rand.New(rand.NewPCG(5, 6))
			a := newFactored[float32](r, 100, 33, 21)
			b := &factored{left: a.left, right: a.right}
			b.value, b.gradient = a.value.(*tensor.Dense).Clone().(*tensor.Dense), tensor.New(tensor.WithShape(33, 21), tensor.Of(tensor.Float32))
			blas.TransposedProduct(b.gradient.(*tensor.Dense), a.left, a.right, 1, 0)
			way.Optimizer = mustNew(t, name)
			plain := mustNew(t, name)
			mustStep(t, plain, []gorgonia.ValueGrad{b})
			a.gradient = b.gradient
			mustStep(t, way, []gorgonia.ValueGrad{a})
			if !equalData(a.value.Data(), b.value.Data()) {
				t.Errorf("%s: a clip that does not clip changes the bits", name)
			}
			if c := way.Clipping(); c.Clipped || !(c.Size > 0) {
				t.Errorf("%s: got the clipping %+v", name, c)
			}
		}
	}
}

// Norms and sums do not depend on the threads.
func TestClipAndThreads(t *testing.T) {
	defer parallel.SetThreads(parallel.Threads())
	var want []gorgonia.ValueGrad
	for _, threads := range []int{1, 2, 3} {
		parallel.SetThreads(threads)
		for i, text := range []string{"clip(adam weight-decay=0.1) 0.1", "clip(sgd) layer=0.1", "ema(clip(nadam) value=0.1)"} {
			model := newModel[float32](1, []int{300, 411}, []int{411})
			o := mustNew(t, text)
			for range 2 {
				mustStep(t, o, model)
			}
			if threads == 1 {
				want = append(want, model...)
			} else if !equalModels(model, want[2*i:2*i+2]) {
				t.Errorf("%s: %d threads have other bits than one", text, threads)
			}
		}
	}
}

// What wraps an optimizer of somebody else's does what it does with one of ours.
func TestForeignOptimizer(t *testing.T) {
	for _, wrap := range []func(Optimizer) Optimizer{
		func(o Optimizer) Optimizer { return &Clip{Optimizer: o, Norm: 0.5} },
		func(o Optimizer) Optimizer { return &Clip{Optimizer: o, Layer: 0.5} },
		func(o Optimizer) Optimizer { return &Clip{Optimizer: o, Value: 0.5} },
		func(o Optimizer) Optimizer {
			return &Scheduled{Optimizer: o, Schedule: Step{Every: Steps(1), Factor: 0.5}}
		},
		func(o Optimizer) Optimizer {
			return &Clip{Optimizer: &Scheduled{Optimizer: o, Schedule: Step{Every: Steps(1), Factor: 0.5}}, Value: 0.5}
		},
	} {
		a, b := newModel[float32](2, []int{5, 4}, []int{4}), newModel[float32](2, []int{5, 4}, []int{4})
		ours, others := wrap(&SGD{LearningRate: 0.1}), wrap(&foreign{SGD{LearningRate: 0.1}})
		for i := range 3 {
			refill(a, uint64(i))
			refill(b, uint64(i))
			mustStep(t, ours, a)
			mustStep(t, others, b)
		}
		if !equalModels(a, b) {
			t.Errorf("%s: another optimizer's steps are others", ours.Name())
		}
		if ours.Rate() != others.Rate() {
			t.Errorf("%s: rates %v and %v", ours.Name(), ours.Rate(), others.Rate())
		}
	}
	wantError(t, "layer-rates", (&LayerRates{Optimizer: &foreign{}, Factors: Factors{"a": 1}}).Validate(), "foreign", "of this package")
}

// Decay that is fused has the bits of a pass before the step.
func TestDecayIsAPassBefore(t *testing.T) {
	for _, name := range Names() {
		with, without := mustNew(t, name+" weight-decay=0.3 matrices-only"), mustNew(t, name)
		if name == "adamw" {
			without = mustNew(t, "adam")
		}
		with.SetRate(0.01)
		without.SetRate(0.01)
		a, b := newModel[float32](2, []int{500, 44}, []int{44}), newModel[float32](2, []int{500, 44}, []int{44})
		for i := range 3 {
			refill(a, uint64(i))
			refill(b, uint64(i))
			mustStep(t, with, a)
			scale(b[0].Value().(*tensor.Dense), 1-0.01*0.3)
			mustStep(t, without, b)
		}
		if !equalModels(a, b) {
			t.Errorf("%s: decay within the step has other bits than before it", name)
		}
	}
}

func TestEMAUse(t *testing.T) {
	o := &EMA{Optimizer: &SGD{LearningRate: 0.1}, Decay: 0.5}
	model := newModel[float32](2, []int{5, 4}, []int{4})
	weights := func() (all []*tensor.Dense) {
		for _, p := range model {
			all = append(all, p.Value().(*tensor.Dense))
		}
		return all
	}
	if err := o.Use(weights()); err != nil || o.Averages() != nil {
		t.Errorf("before the first step: %v, %v", err, o.Averages())
	}
	o.Return(weights())
	mustStep(t, o, model)
	mustStep(t, o, model)
	before, averages := copies(weights()), copies(o.Averages())
	if err := o.Use(weights()); err != nil {
		t.Fatal(err)
	}
	if !equalData(data2(weights()), data2(averages)) {
		t.Error("the weights are not the averages")
	}
	if o.Return(weights()); !equalData(data2(weights()), data2(before)) {
		t.Error("the weights are not back")
	}
	if err := o.Use(weights()); err != nil {
		t.Fatal(err)
	}
	weights()[0].Float32s()[3]++ // somebody goes on with other weights
	after := copies(weights())
	if o.Return(weights()); !equalData(data2(weights()), data2(after)) {
		t.Error("weights that somebody changed were put back")
	}
	wantError(t, "another model's", o.Use(weights()[:1]), "ema", "average")
	wantError(t, "another model's", o.Use(nil), "ema", "average")
}

func data2(all []*tensor.Dense) (d []any) {
	for _, t := range all {
		d = append(d, t.Data())
	}
	return d
}

func TestWrapperRefusals(t *testing.T) {
	var none *Adam
	model := newModel[float32](1, []int{2, 2})
	for what, o := range map[string]struct {
		Optimizer
		words []string
	}{
		"two limits":    {&Clip{Norm: 1, Value: 1}, []string{"2 of Norm, Layer and Value"}},
		"a negative":    {&Clip{Norm: -1}, []string{"Norm is -1"}},
		"nil pointer":   {&Clip{Optimizer: none}, []string{"nil pointer", "Adam"}},
		"twice":         {&Clip{Optimizer: &EMA{Optimizer: &Clip{}}}, []string{"another clip within"}},
		"decay":         {&EMA{Decay: 1}, []string{"Decay is 1"}},
		"no factors":    {&LayerRates{}, []string{"no Factors"}},
		"factor":        {&LayerRates{Factors: Factors{"a": math.NaN()}}, []string{"factor of a is NaN"}},
		"nowhere":       {&LayerRates{Factors: Factors{"a": 2}}, []string{"factor for a", "has a name"}},
		"inner setting": {&Clip{Optimizer: &Adam{Beta1: 2}}, []string{"Beta1 is 2"}},
		"lion":          {&Lion{WeightDecay: -1}, []string{"lion", "WeightDecay is -1"}},
	} {
		wantError(t, what, o.Step(model), o.words...)
	}
	for _, o := range []Optimizer{&Clip{}, &EMA{}, &Scheduled{}, &LayerRates{Factors: Factors{"a": 1}}} {
		wantError(t, o.Name(), o.Step([]gorgonia.ValueGrad{nil}), "parameter 0", "nil")
		if o.Rate() != 0.01 {
			t.Errorf("%s around nothing: got a rate of %v, want SGD's", o.Name(), o.Rate())
		}
	}
}

// A gradient that is not finite is left to whoever looks for such.
func TestClipLeavesWhatIsNotFinite(t *testing.T) {
	for _, c := range []*Clip{{Norm: 1}, {Value: 1}, {Layer: 1}} {
		model := newModel[float32](1, []int{3})
		model[0].(*parameter).gradient.Data().([]float32)[1] = float32(math.NaN())
		mustStep(t, c, model)
		if w := model[0].Value().Data().([]float32)[1]; w == w {
			t.Errorf("the NaN is gone: %v", w)
		}
	}
}
