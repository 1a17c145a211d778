package optim

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stheno-ml/stheno/graph/blas"
	"github.com/stheno-ml/stheno/graph/internal/vec"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// A factored parameter has its gradient as a product, and as a value when asked.
type factored struct {
	parameter
	left, right *tensor.Dense
	asked       int
}

func (f *factored) Factors() (left, right *tensor.Dense) { return f.left, f.right }

func (f *factored) Grad() (gorgonia.Value, error) {
	f.asked++
	return f.parameter.Grad()
}

func newFactored[T vec.Float](r *rand.Rand, batch, in, out int) *factored {
	f := &factored{left: random[T](r, batch, in), right: random[T](r, batch, out)}
	f.value = random[T](r, in, out)
	l, d := f.left.Data().([]T), f.right.Data().([]T)
	g := make([]T, in*out)
	for i := range in {
		for k := range out {
			var sum float64
			for b := range batch {
				sum += float64(l[b*in+i]) * float64(d[b*out+k])
			}
			g[i*out+k] = T(sum)
		}
	}
	f.gradient = tensor.New(tensor.WithShape(in, out), tensor.WithBacking(g))
	return f
}

// Every optimizer makes the same of a product as of its value; plain SGD without asking for the value where that has the same bits.
func TestProduct(t *testing.T) { testProduct[float32](t, 1e-5); testProduct[float64](t, 1e-12) }

func testProduct[T vec.Float](t *testing.T, tolerance float64) {
	for _, name := range Names() {
		r := rand.New(rand.NewPCG(17, 18))
		for _, size := range [][3]int{{1, 1, 1}, {1, 7, 3}, {5, 1, 4}, {4, 6, 1}, {100, 33, 21}} {
			f := newFactored[T](r, size[0], size[1], size[2])
			plain := &parameter{value: f.value.(*tensor.Dense).Clone().(*tensor.Dense), gradient: f.gradient}
			a, b := mustNew(t, name), mustNew(t, name)
			mustStep(t, a, []gorgonia.ValueGrad{f})
			mustStep(t, b, []gorgonia.ValueGrad{plain})
			want := plain.value.Data()
			for i, got := range flat[T](f.value.Data()) {
				if w := flat[T](want)[i]; !(math.Abs(float64(got-w)) <= tolerance*max(1, math.Abs(float64(w)))) {
					t.Fatalf("%s of %v: element %d: got %v, want %v", name, size, i, got, w)
				}
			}
			if asked := f.asked != 0; asked == (name == "sgd" && blas.AddsLast(f.left, f.right)) {
				t.Errorf("%s: asked for the gradient: %v", name, asked)
			}
		}
	}
}

// The step of plain SGD has the same bits whether its gradient is multiplied out or not.
func TestProductBits(t *testing.T) {
	before := blas.Current().Name
	if _, err := blas.Use("builtin", 2); err != nil {
		t.Skip(err) // the other BLAS never fuse more
	}
	defer blas.Use(before, 0)
	r := rand.New(rand.NewPCG(23, 24))
	for _, size := range [][3]int{{1, 784, 633}, {1, 5, 1}, {2, 1, 9}, {100, 784, 633}, {100, 633, 10}, {100, 17, 1}, {640, 33, 50}, {641, 33, 50}, {1000, 97, 113}, {10000, 33, 21}, {100, 49, 97}} {
		f := newFactored[float32](r, size[0], size[1], size[2])
		g := tensor.New(tensor.WithShape(size[1], size[2]), tensor.Of(tensor.Float32))
		blas.TransposedProduct(g, f.left, f.right, 1, 0)
		f.gradient = g
		plain := &parameter{value: f.value.(*tensor.Dense).Clone().(*tensor.Dense), gradient: g}
		for _, rate := range []float64{.01, 1} {
			mustStep(t, &SGD{LearningRate: rate}, []gorgonia.ValueGrad{f})
			mustStep(t, &SGD{LearningRate: rate}, []gorgonia.ValueGrad{plain})
			if !slices.Equal(flat[float32](f.value.Data()), flat[float32](plain.value.Data())) {
				t.Errorf("%v, rate %v: other bits (fused: %v)", size, rate, blas.AddsLast(f.left, f.right))
			}
		}
		if fused := f.asked == 0; fused != (size[0] <= 640 && min(size[1], size[2]) > 1 || size[0] == 1) {
			t.Errorf("%v: fused %v", size, fused)
		}
	}
}

// flat gives a scalar's data as a slice, too.
func flat[T vec.Float](data any) []T {
	if x, ok := data.(T); ok {
		return []T{x}
	}
	return data.([]T)
}

// Factors that do not fit are refused before anything is changed; without factors the gradient counts.
func TestProductErrors(t *testing.T) {
	r := rand.New(rand.NewPCG(19, 20))
	fine := func() *factored { return newFactored[float32](r, 5, 4, 3) }
	for what, spoil := range map[string]func(f *factored){
		"batch":  func(f *factored) { f.right = random[float32](r, 6, 3) },
		"in":     func(f *factored) { f.left = random[float32](r, 5, 3) },
		"out":    func(f *factored) { f.right = random[float32](r, 5, 4) },
		"vector": func(f *factored) { f.left = random[float32](r, 20) },
		"type":   func(f *factored) { f.right = random[float64](r, 5, 3) },
	} {
		first, second := newModel[float32](21, []int{3}), fine()
		before := first[0].Value().(*tensor.Dense).Clone().(*tensor.Dense)
		spoil(second)
		wantError(t, what, new(SGD).Step([]gorgonia.ValueGrad{first[0], second}), "sgd", "parameter 1", form(second.left), form(second.right), "(4, 3) of float32")
		if got := first[0].Value(); !got.(*tensor.Dense).Eq(before) {
			t.Errorf("%s: a refused step changed the parameter before", what)
		}
	}
	none := fine()
	none.left, none.right = nil, nil
	none.err = errors.New("never computed")
	if err := new(SGD).Step([]gorgonia.ValueGrad{none}); !errors.Is(err, none.err) {
		t.Errorf("without factors: got %v, want the gradient's error", err)
	}
}
