package graph_test

import (
	"reflect"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
)

// TestEmptyIsNoPanic calls every method of what package graph's functions return as pointers, on nil and on an empty one, with zero arguments: none panics, and those that have an
// error to give give one.
func TestEmptyIsNoPanic(t *testing.T) {
	for _, empty := range []any{new(graph.Program), new(graph.Builder), new(graph.Model), new(graph.Net), (*graph.Program)(nil), (*graph.Builder)(nil), (*graph.Model)(nil), (*graph.Net)(nil)} {
		v := reflect.ValueOf(empty)
		for i := range v.NumMethod() {
			if !v.IsNil() { // the first error is kept
				v = reflect.New(v.Type().Elem())
			}
			name := v.Type().String() + "." + v.Type().Method(i).Name
			method := v.Method(i)
			var in []reflect.Value
			for k := range method.Type().NumIn() {
				in = append(in, reflect.Zero(method.Type().In(k)))
			}
			func() {
				defer func() {
					if r := recover(); r != nil {
						t.Errorf("%s, nil %v: panicked: %v", name, v.IsNil(), r)
					}
				}()
				call := method.Call
				if method.Type().IsVariadic() {
					call = method.CallSlice
				}
				out := call(in)
				switch v.Type().Method(i).Name {
				case "Run", "Weigh", "Commit", "Compile", "Targets":
					if last := out[len(out)-1]; last.Type().Implements(reflect.TypeFor[error]()) && last.IsNil() {
						t.Errorf("%s, nil %v: got no error, want one", name, v.IsNil())
					}
				}
			}()
		}
	}
	var b graph.Builder
	if n := b.Param("w", graph.Ones, 3); n != nil || b.Err() == nil || !strings.Contains(b.Err().Error(), "Builder that is nil or empty") {
		t.Errorf("got %v and %v, want an error of the Builder", n, b.Err())
	}
}

// TestNilPointersAreErrors hands over nil pointers of types whose methods have values as receivers, as they are after an error that was not looked at.
func TestNilPointersAreErrors(t *testing.T) {
	var layer *layers.Activation
	if _, err := graph.NewModel(graph.Config{Input: graph.Floats(3)}, layer); err == nil {
		t.Error("layer: got no error, want one")
	}
	var n graph.Net
	n.Output("y", n.Add(layer, n.Input("x", graph.Floats(3))))
	if _, err := graph.NewModel(graph.Config{}, &n); err == nil {
		t.Error("net: got no error, want one")
	}
	if _, err := graph.NewModel(graph.Config{Input: graph.Floats(3)}, graph.LayerFunc("in", func(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node { return b.Apply(layer, x) })); err == nil {
		t.Error("within: got no error, want one")
	}
	m, err := graph.NewModel(graph.Config{Input: graph.Floats(3)}, layers.Dense{Units: 2})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := graph.NewModel(graph.Config{Input: graph.Floats(3)}, layers.Dense{Units: 2, Weights: graph.InitFunc("none", nil)}); err == nil || !strings.Contains(err.Error(), `dense_1.weight of shape [3 2]: its initializer "none" panicked`) {
		t.Errorf("initializer: got %v, want an error that names it", err)
	}
	for _, loss := range []graph.Loss{(*losses.MSE)(nil), (*losses.Each)(nil), losses.Each(nil)} {
		if _, err := m.Compile(graph.Spec{Mode: graph.Train, Batch: 2, Loss: loss}); err == nil {
			t.Errorf("%T: got no error, want one", loss)
		}
	}
}
