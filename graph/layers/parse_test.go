package layers_test

import (
	"errors"
	"fmt"
	"log"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/internal/randomnet"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/text"
)

func ExampleParse() {
	network, err := layers.Parse("dense 300 tanh, dropout 0.2, dense 10 softmax")
	if err != nil {
		log.Fatal(err)
	}
	model, err := graph.NewModel(graph.Config{Input: graph.Floats(784), Seed: 1}, network...)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(network), "layers,", model.ParamCount(), "parameters")
	_, err = layers.Parse("dense 300 tanh,\ndropuot 0.2")
	fmt.Println(err)
	// Output:
	// 3 layers, 238510 parameters
	// layers: line 2, column 1: got "dropuot", want a layer; did you mean "dropout"?
}

// Two pictures, one tower.
func ExampleParse_net() {
	network, err := layers.Parse(`
		left = input 28x28
		right = input 28x28
		tower = sequence(flatten, dense 64 tanh) < left
		other = tower < right                    # the same parameters
		absdiff < tower + other
		dense 1`)
	if err != nil {
		log.Fatal(err)
	}
	model, err := graph.NewModel(graph.Config{Seed: 1}, network...)
	if err != nil {
		log.Fatal(err)
	}
	for _, l := range model.Layers() {
		fmt.Println(l.Name, l.Output, l.Params)
	}
	// Output:
	// sequence_1 (64) 50240
	// flatten_1 (784) 0
	// dense_1 (64) 50240
	// sequence_1/2 (64) 0
	// flatten_1/2 (784) 0
	// dense_1/2 (64) 0
	// absdiff_1 (64) 0
	// dense_2 (1) 65
}

func ExampleFormat() {
	s, err := layers.Format(layers.Dense{Units: 64, Activation: layers.ReLU, Weights: graph.HeNormal}, layers.Dropout{Rate: .5},
		layers.Concat{layers.Dense{Units: 8}, layers.Sequence{layers.Dense{Units: 4}, layers.Dense{Units: 4}}}, layers.Softmax)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(s)
	// Output: dense 64 relu he-normal, dropout 0.5, concat(dense 8 | dense 4 * 2), softmax
}

// TestParseErrors: each with its place.
func TestParseErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "line 1, column 1: got no layers, want at least one"},
		{" # nothing\n", "got no layers"},
		{"dense 3, dense tanh=3", "line 1, column 21: dense: got tanh=3, want units, activation, weights, bias; did you mean \"tanh\"?"},
		{"dense 3\n\n  dense 4 rleu", `line 3, column 11: dense: got rleu, want activation`},
		{"dense 3\n\n  dense 4 rleu", `did you mean "relu"?`},
		{"Dense 3", `line 1, column 1: got "Dense", want a layer; did you mean "dense"?`},
		{"Dense 3", `did you mean "dense"?`},
		{"capsule 3", `line 1, column 1: got "capsule", want a layer: one of absdiff, linear,`},
		{"dense 3 weights=he-norml", `line 1, column 17: dense: got he-norml for weights, want one of glorot-uniform, glorot-normal, he-uniform, he-normal, lecun-uniform, lecun-normal, orthogonal, identity, truncated-normal, normal, uniform, zeros, ones; did you mean "he-normal"?`},
		{"dense 3 constant:x", "dense: got constant:x, want activation"},
		{"relu = dense 3", `line 1, column 8: got the name "relu", which is a word`},
		{"net = dense 3", `got the name "net", which is a word`},
		{"a = dense 3, a = dense 4", `line 1, column 18: got the name "a" a second time`},
		{"a = dense 3, a 4", `line 1, column 16: a: got 4, want no argument`},
		{"a, a = dense 3", `line 1, column 1: got "a", want a layer`},
		{"a = dense 3 * 2", `line 1, column 5: got a name for 2 items, "a"`},
		{"a = dense 3 * 2, sum < a", `line 1, column 5: got the name "a" for 2 layers`},
		{"dense 3 < a", `line 1, column 11: dense: got "a" behind <, want the name of an input or a layer above: of ["x"]`},
		{"x = dense 3 < x", `line 1, column 5: got the name "x" a second time`},
		{"a = input 3, a = input 3, sum < a + a", `line 1, column 18: got the name "a" a second time`},
		{"input 3, input 4, dense 3", `line 1, column 10: got the input "x" a second time`},
		{"dense 3, y = input 3", `line 1, column 1: got dense before any input`},
		{"h = dense 3, dense 4 < h + x", `line 1, column 14: dense: got 2 inputs, want one: sum, concat and absdiff take several`},
		{"input 3", "got a net without layers"},
		{"a = input 3, input 4, dense 3", `line 1, column 5: graph: net: input "a" feeds no layer`},
		{"input 3x0, dense 3", "graph: net: input"},
		{"input 3 * 2, dense 3", "input: got * 2, want it once"},
		{"input 3 < x, dense 3", `input: got "x" behind <, want nothing`},
		{"input 3 4, dense 3", "line 1, column 9: input: got 4, want ids"},
		{"conv 3 3 padding=sam", `conv: padding: got "sam", want same, valid, a number, or two as 1x2`},
		{"dense 3, output 3", "output: got output 3, want one name"},
		{"dense 3, output, output", `line 1, column 18: output: got output, want one name`},
		{"sequence(input 3)", `line 1, column 10: got "input", want it in a net of its own: net(input)`},
		{"net", "net: want one net in brackets"},
		{"net(dense 3 | dense 4)", "net: want one net in brackets"},
		{"net(dense 3 < a), relu", `line 1, column 15: dense: got "a" behind <`},
		{"residual(dense 3 < a)", `line 1, column 20: got "a" behind <, want a chain here`},
		{"residual(dense 3 | relu)", "line 1, column 20: got a second branch, relu, want one"},
		{"sequence(dense 3 * 1000) * 1000", "got more than 16384 items"},
	} {
		all, err := layers.Parse(c.text)
		var at *text.Error
		if err == nil || !strings.HasPrefix(err.Error(), "layers: line ") || !strings.Contains(err.Error(), c.want) || !errors.As(err, &at) {
			t.Errorf("%q: got %v, %v, want an error that says %s", c.text, all, err, c.want)
		}
	}
}

// TestFormatErrors: what has no text is said, and panics nowhere.
func TestFormatErrors(t *testing.T) {
	own := graph.LayerFunc("swish", func(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node { return x })
	loop := layers.Sequence{nil}
	loop[0] = loop
	for _, c := range []struct {
		net  []graph.Layer
		want string
	}{
		{nil, "got no layers"},
		{[]graph.Layer{nil}, "got nil, want a layer"},
		{[]graph.Layer{layers.Residual{own}}, `the layer "swish" (graph.layerFunc) has no text: register a word for its type, text.Register[graph.Layer], in residual`},
		{[]graph.Layer{layers.Dense{Units: 3, Activation: 99}}, "for activation, want one of linear"},
		{[]graph.Layer{layers.Dense{Units: 3, Bias: graph.InitFunc("mine", func(*rand.Rand, int, int) float64 { return 1 })}}, `got the initializer "mine", which has no word`},
		{[]graph.Layer{&graph.Net{}}, "graph: net: got no input"},
		{[]graph.Layer{(*graph.Net)(nil)}, "got nil, want a net"},
		{[]graph.Layer{loop}, "does one hold itself?"},
	} {
		if s, err := layers.Format(c.net...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %q, %v, want an error that says %s", s, err, c.want)
		}
	}
}

// TestExamples: each word's example is the text of what it means.
func TestExamples(t *testing.T) {
	for _, e := range text.Entries[graph.Layer]() {
		all, err := layers.Parse(e.Example)
		if err != nil {
			t.Errorf("%s: %v", e.Word, err)
			continue
		}
		if got, err := layers.Format(all...); err != nil || got != e.Example || e.About == "" || !strings.HasPrefix(got, e.Word) {
			t.Errorf("%s: got %q, %v, want %q; about: %q", e.Word, got, err, e.Example, e.About)
		}
	}
	for _, e := range text.Entries[graph.Initializer]() {
		if _, err := layers.Parse("dense 3 " + e.Word); err != nil {
			t.Error(err)
		}
	}
}

// TestEveryField sets every field of every type that is registered.
func TestEveryField(t *testing.T) {
	for _, e := range text.Entries[graph.Layer]() {
		words := []string{e.Word}
		for i, f := range e.Fields() {
			value := ""
			switch {
			case strings.HasPrefix(f.Takes, "one of "):
				all := strings.Split(strings.TrimPrefix(f.Takes, "one of "), ", ")
				value = all[1+i%(len(all)-1)]
			case f.Takes == "a number":
				value = fmt.Sprint(.25 + float64(i))
			case f.Takes == "a whole number":
				value = fmt.Sprint(3 + i)
			case f.Takes == "true or false":
				value = "true"
			case strings.HasPrefix(f.Takes, "whole numbers, 3x3"):
				value = "2x3"
			case strings.HasSuffix(f.Takes, "in brackets") || f.Takes == "a layer":
				value = "(tanh)"
			default:
				continue
			}
			words = append(words, f.Key+"="+value)
		}
		all, err := layers.Parse(strings.Join(words, " "))
		if err != nil {
			t.Errorf("%s: %v", e.Word, err)
			continue
		}
		s, err := layers.Format(all...)
		again, err2 := layers.Parse(s)
		if err != nil || err2 != nil {
			t.Errorf("%q: %v, %v", words, err, err2)
			continue
		}
		v := reflect.ValueOf(all[0])
		for i := 0; v.Kind() == reflect.Struct && i < v.NumField(); i++ {
			if v.Field(i).IsZero() {
				t.Errorf("%q leaves %s unset", words, v.Type().Field(i).Name)
			}
		}
		if third, err := layers.Format(again...); err != nil || third != s || len(again) != 1 || reflect.TypeOf(again[0]) != v.Type() {
			t.Errorf("%q: got %q, then %q, %v", words, s, third, err)
		}
	}
}

// TestRandomNetworks: 200 networks that were built in Go are those that are read from their text, and from that of their models, to the last bit of what they put out.
func TestRandomNetworks(t *testing.T) {
	nets := 0
	for seed := range uint64(200) {
		c, all := randomnet.New(seed)
		s, err := layers.Format(all...)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		again, err := layers.Parse(s)
		if err != nil {
			t.Fatalf("seed %d: %v of\n%s", seed, err, s)
		}
		if third, err := layers.Format(again...); err != nil || third != s {
			t.Fatalf("seed %d: got\n%s\n%v, want\n%s", seed, third, err, s)
		}
		if strings.Contains(s, "<") {
			nets++
		}
		m, want := said(t, c, all)
		if _, got := said(t, c, again); !slices.Equal(got, want) {
			t.Errorf("seed %d: got\n%q, want\n%q of\n%s", seed, got, want, s)
		}
		if s, err = layers.Format(m.Net()); err == nil {
			again, err = layers.Parse(s)
		}
		if err != nil {
			t.Fatalf("seed %d: the model's net: %v of\n%s", seed, err, s)
		}
		if _, got := said(t, graph.Config{Seed: c.Seed, Float64: c.Float64}, again); !slices.Equal(got, want) {
			t.Errorf("seed %d: the model's net: got\n%q, want\n%q of\n%s", seed, got, want, s)
		}
	}
	if nets < 50 {
		t.Errorf("got %d nets among 200 networks, want more", nets)
	}
}

func said(t *testing.T, c graph.Config, all []graph.Layer) (*graph.Model, []string) {
	t.Helper()
	m, err := graph.NewModel(c, all...)
	if err != nil {
		t.Fatal(err)
	}
	s, err := randomnet.Said(m)
	if err != nil {
		t.Fatal(err)
	}
	return m, s
}

// TestNetOfModel: a model's own net, with its inputs' shapes, goes through text, too.
func TestNetOfModel(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"dense 3 relu, dense 2", "x = input 4\ndense 3 relu\ndense 2"},
		{"h = dense 4 relu, sum < h + x", "x = input 4\ndense1 = dense 4 relu\nsum < dense1 + x"},
	} {
		all, err := layers.Parse(c.text)
		if err != nil {
			t.Fatal(err)
		}
		m, err := graph.NewModel(graph.Config{Input: graph.Floats(4), Seed: 1}, all...)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := layers.Format(m.Net()); err != nil || got != c.want {
			t.Errorf("%q: got %q, %v, want %q", c.text, got, err, c.want)
		}
	}
	all, err := layers.Parse("id = input ids\nn = input\nw = input any\nconcat < w + w")
	if err == nil {
		t.Errorf("got %v, want an error: inputs that feed nothing", all)
	}
	all, err = layers.Parse("n = input\nw = input any\nflatten < n\nconcat < w + w\ndense 2")
	if err != nil {
		t.Fatal(err)
	}
	m, err := graph.NewModel(graph.Config{Input: graph.Floats(5)}, all...)
	if err != nil {
		t.Fatal(err)
	}
	if in := m.Inputs(); len(in[0].Shape) != 0 || !slices.Equal(in[1].Shape, tensor.Shape{5}) {
		t.Errorf("got inputs %v", in)
	}
	for _, c := range []struct {
		input graph.Input
		text  string
		want  string
	}{
		{graph.Floats(4), "input 4, dense 2", "got Config.Input and a Net, want no Input"},
		{graph.Input{}, "h = dense 2, sum < h + h", `got no Input, want what a sample is, because the net does not say it for "x"`},
		{graph.Floats(4), "a = input any, b = input any, sum < a + b", "got one Config.Input for 2 inputs"},
	} {
		all, err := layers.Parse(c.text)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := graph.NewModel(graph.Config{Input: c.input}, all...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: got %v, want %s", c.text, err, c.want)
		}
	}
}

// FuzzParse: no text panics, and a network that is read is printed as what is read as the same.
//
// Without the last flag Go's minimisation starves it: go test ./graph/layers -run - -fuzz '^FuzzParse$' -fuzzminimizetime 1x
func FuzzParse(f *testing.F) {
	for _, s := range []string{"dense 300 tanh, dropout 0.2 * 3", "a = input 3, b = input any, t = dense 3 < a, u = t < a, sum < t + u, v = concat(t | net(h = relu, sum < h + x)) < b, y = output < v, output < u"} {
		f.Add(s)
	}
	for seed := range uint64(20) {
		if s, err := layers.Format(second(randomnet.New(seed))...); err == nil {
			f.Add(s)
		}
	}
	f.Fuzz(func(t *testing.T, s string) {
		all, err := layers.Parse(s)
		if err != nil {
			return
		}
		printed, err := layers.Format(all...)
		if err != nil {
			t.Fatalf("%q can't be printed: %v", s, err)
		}
		again, err := layers.Parse(printed)
		if err != nil {
			t.Fatalf("%q, printed as %q: %v", s, printed, err)
		}
		if third, err := layers.Format(again...); err != nil || third != printed {
			t.Fatalf("%q, printed as %q and then as %q, %v", s, printed, third, err)
		}
	})
}

func second[A, B any](_ A, b B) B { return b }

// TestOtherNames: what is called or written otherwise elsewhere is named as it is here.
func TestOtherNames(t *testing.T) {
	for text, want := range map[string]string{
		"dense 300 ReLU": `did you mean "relu"?`, "dense 300 swish": `did you mean "silu"?`, "ReLU": `did you mean "relu"?`, "Swish": `did you mean "silu"?`,
		"dense 3 leaky_relu": `did you mean "leaky-relu"?`, "leaky relu": `got "leaky relu", want a layer; did you mean "leaky-relu"?`, "batch normalization, relu": `did you mean "batchnorm"?`,
		"MaxPooling2D 2": `did you mean "maxpool"?`, "fc 3": `did you mean "dense"?`, "dropout 0,5": "line 1, column 9: got 0,5, want a point in a number: 0.5",

		`Dense(300, activation="relu")`:                                      "without brackets and commas: dense 300 relu",
		"Dense(300, activation='relu')":                                      ": dense 300 relu",
		"model.add(Dense(units=64, activation='swish', input_shape=(784,)))": ": dense 64 silu",
		"Conv2D(32, (3, 3), activation='relu', padding='same')":              ": conv 32 3x3 same relu",
		"nn.Sequential(nn.Linear(784, 300), nn.ReLU())":                      ": dense 300",
		"nn.Conv2d(1, 32, 3)":                                                ": conv 32 3",
		"Activation('tanh')":                                                 ": tanh",
		"LSTM(64, return_sequences=True)":                                    ": lstm 64 sequence",
		"MaxPooling2D((2, 2))":                                               ": maxpool 2x2",
		"Flatten()":                                                          ": flatten",
		"Dropout(rate=0.5)":                                                  ": dropout 0.5",
		"Dense(3, kernel_initializer='he_normal')":                           ": dense 3 he-normal",
	} {
		_, err := layers.Parse(text)
		if err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", text, err, want)
			continue
		}
		if _, words, ok := strings.Cut(err.Error(), "brackets and commas: "); ok {
			if _, err := layers.Parse(words); err != nil {
				t.Errorf("%q is said to be %q: %v", text, words, err)
			}
		}
	}
	for _, text := range []string{"residual(8 relu)", "Dense(3, kernel_regularizer=l2(0.1))", "concat(dense 3 | )", "capsule(3)", "dense 300,10", "("} { // of which nothing is guessed
		if _, err := layers.Parse(text); err == nil || strings.Contains(err.Error(), "brackets and commas") || strings.Contains(err.Error(), "did you mean") || strings.Contains(err.Error(), "point") {
			t.Errorf("%q: got %v", text, err)
		}
	}
	for name, want := range map[string]string{"ReLU": "relu", "swish": "silu", "Leaky ReLU": "leaky-relu", "leaky_relu": "leaky-relu", "rleu": "relu"} {
		if _, err := layers.ParseActivation(name); err == nil || !strings.HasSuffix(err.Error(), fmt.Sprintf("log-softmax, elu, selu, gelu, gelu-tanh, silu, mish; did you mean %q?", want)) {
			t.Errorf("%q: got %v, want %s", name, err, want)
		}
	}
	if _, err := layers.ParseActivation("bend"); err == nil || strings.Contains(err.Error(), "did you mean") {
		t.Errorf("got %v", err)
	}
}
