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
	what, _, _ := strings.Cut(err.Error(), ": one of ")
	fmt.Println(what)
	// Output:
	// 3 layers, 238510 parameters
	// layers: line 2, column 1: got "dropuot", want a layer
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
		{"dense 3, dense tanh=3", "line 1, column 21: dense: got tanh=3, want units (a whole number), activation (one of linear, sigmoid, "},
		{"dense 3\n\n  dense 4 rleu", `line 3, column 11: dense: got rleu, want activation`},
		{"dense 3\n\n  dense 4 rleu", `did you mean "relu"?`},
		{"Dense 3", `line 1, column 1: got "Dense", want a layer: one of `},
		{"Dense 3", `did you mean "dense"?`},
		{"conv2d 3", `; of another package's, that package has to be imported`},
		{"dense 3 weights=he-norml", `line 1, column 17: dense: got he-norml for weights, want one of glorot-uniform, glorot-normal, he-uniform, he-normal, zeros, ones; did you mean "he-normal"?`},
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
			case strings.HasSuffix(f.Takes, "3x3"):
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

// A maker makes random networks in Go.
type maker struct {
	*rand.Rand
	net    *graph.Net
	shared map[int][]graph.Layer // by the features that they take
	width  map[graph.Layer]int   // that they give
}

func (m *maker) activation() layers.Activation { return layers.Activation(m.IntN(7)) }

// layer is a random layer for an input of so many features, and the features that it gives.
func (m *maker) layer(in, depth int) (graph.Layer, int) {
	kind := m.IntN(9)
	if depth > 2 {
		kind = m.IntN(3)
	}
	switch kind {
	case 0:
		return m.activation(), in
	case 1:
		return layers.Dropout{Rate: float64(m.IntN(4)) / 4}, in
	case 3:
		return layers.Flatten{}, in
	case 4:
		inside, out := m.chain(in, depth+1)
		if out != in {
			inside = append(inside, layers.Dense{Units: in})
		}
		return layers.Residual(inside), in
	case 5:
		var all layers.Concat
		sum := 0
		for range 1 + m.IntN(3) {
			l, out := m.layer(in, depth+1)
			all, sum = append(all, l), sum+out
		}
		return all, sum
	case 6:
		inside, out := m.chain(in, depth+1)
		return layers.Sequence(inside), out
	case 7:
		if all := m.shared[in]; len(all) > 0 && m.IntN(2) == 0 {
			l := all[m.IntN(len(all))]
			return l, m.width[l]
		}
		l, out := m.layer(in, depth+1)
		l = m.net.Share(l)
		m.shared[in] = append(m.shared[in], l)
		m.width[l] = out
		return l, out
	case 8:
		return m.nested(in, depth+1)
	}
	d := layers.Dense{Units: 1 + m.IntN(4), Activation: m.activation()}
	initial := []graph.Initializer{{}, graph.HeNormal, graph.GlorotNormal, graph.HeUniform, graph.GlorotUniform, graph.Zeros, graph.Ones, graph.Constant(.125)}
	d.Weights, d.Bias = initial[m.IntN(len(initial))], initial[m.IntN(len(initial))]
	return d, d.Units
}

func (m *maker) chain(in, depth int) (all []graph.Layer, out int) {
	for range 1 + m.IntN(3) {
		l, next := m.layer(in, depth)
		for range 1 + m.IntN(2) {
			all = append(all, l)
			if next != in {
				break
			}
		}
		in = next
	}
	return all, in
}

// nested is a net as a layer.
func (m *maker) nested(in, depth int) (graph.Layer, int) {
	n := &graph.Net{}
	input := graph.Input{}
	if m.IntN(2) == 0 {
		input = graph.Floats(in)
	}
	h := []graph.Handle{n.Input([]string{"x", "in"}[m.IntN(2)], input)}
	h, width := m.grow(n, h, []int{in}, depth)
	n.Output([]string{"output", "y", "in"}[m.IntN(3)], h[len(h)-1])
	return n, width[len(h)-1]
}

// grow adds layers to a net.
func (m *maker) grow(n *graph.Net, h []graph.Handle, width []int, depth int) ([]graph.Handle, []int) {
	for range 1 + m.IntN(6) {
		at := len(h) - 1
		if m.IntN(3) == 0 {
			at = m.IntN(len(h))
		}
		with := m.IntN(len(h))
		switch {
		case m.IntN(3) > 0:
			l, out := m.layer(width[at], depth)
			h, width = append(h, n.Add(l, h[at])), append(width, out)
		case width[at] == width[with] && m.IntN(2) == 0:
			h, width = append(h, n.Add(layers.AbsDiff{}, h[at], h[with])), append(width, width[at])
		case width[at] == width[with]:
			h, width = append(h, n.Add(layers.Sum{}, h[at], h[with], h[at])), append(width, width[at])
		default:
			h, width = append(h, n.Add(n.Share(layers.Concat{}), h[at], h[with])), append(width, width[at]+width[with])
		}
	}
	return h, width
}

// random is a random network: a chain, or a net with one input or more.
func random(seed uint64) (graph.Config, []graph.Layer) {
	m := &maker{Rand: rand.New(rand.NewPCG(seed, 14)), net: &graph.Net{}, shared: map[int][]graph.Layer{}, width: map[graph.Layer]int{}}
	c := graph.Config{Seed: seed, Float64: seed%5 == 0}
	if m.IntN(3) == 0 {
		c.Input = graph.Floats(3)
		all, _ := m.chain(3, 0)
		return c, append(all, layers.Dense{Units: 2}) // a net alone would name its inputs itself
	}
	var h []graph.Handle
	var width []int
	for _, name := range []string{"x", "left picture", "dense1", "dense", "3"}[m.IntN(2):][:1+m.IntN(4)] {
		h, width = append(h, m.net.Input(name, graph.Floats(2+len(h)))), append(width, 2+len(h))
	}
	if m.IntN(2) == 0 {
		h, width = append(h, m.net.Input("open", graph.Input{})), append(width, 3)
		c.Input = graph.Floats(3)
	}
	inputs := len(h)
	if inputs > 1 { // each feeds something
		sum := 0
		for _, w := range width {
			sum += w
		}
		h, width = append(h, m.net.Add(layers.Concat{}, h...)), append(width, sum)
	}
	h, _ = m.grow(m.net, h, width, 0)
	for at, name := range []string{"output", "class", "x"}[m.IntN(2):][:1+m.IntN(2)] {
		m.net.Output(name, h[max(len(h)-1-2*at, 0)])
	}
	m.net.Output("whole", m.net.Add(layers.Linear, h[inputs-1+min(inputs-1, 1)])) // each reaches an output
	return c, []graph.Layer{m.net}
}

// outputs are the bits of all that a model puts out.
func outputs(t *testing.T, c graph.Config, all []graph.Layer) (names []string, bits []any) {
	t.Helper()
	m, err := graph.NewModel(c, all...)
	if err != nil {
		t.Fatal(err)
	}
	p, err := m.Compile(graph.Spec{Batch: 2})
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(3, 4))
	for _, in := range p.Inputs() {
		switch x := in.Data().(type) {
		case []float32:
			for i := range x {
				x[i] = float32(r.NormFloat64())
			}
		case []float64:
			for i := range x {
				x[i] = r.NormFloat64()
			}
		}
	}
	if err := p.Run(); err != nil {
		t.Fatal(err)
	}
	for i, o := range p.Outputs() {
		names, bits = append(names, m.Outputs()[i].Name), append(bits, slices.Clone([]byte(fmt.Sprintf("%x", o.Data()))))
	}
	for _, in := range m.Inputs() {
		names = append(names, in.Name)
	}
	for _, l := range m.Layers() {
		names = append(names, l.Name)
	}
	for _, p := range m.Params() {
		names = append(names, p.Name)
	}
	return names, bits
}

// TestRandomNetworks: 200 networks that were built in Go are those that are read from their text, to the last bit of what they put out.
func TestRandomNetworks(t *testing.T) {
	nets := 0
	for seed := range uint64(200) {
		c, all := random(seed)
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
		names, bits := outputs(t, c, all)
		read, got := outputs(t, c, again)
		if !slices.Equal(names, read) {
			t.Fatalf("seed %d: got %q, want %q of\n%s", seed, read, names, s)
		}
		if !reflect.DeepEqual(got, bits) {
			t.Errorf("seed %d: other outputs of\n%s", seed, s)
		}
	}
	if nets < 50 {
		t.Errorf("got %d nets among 200 networks, want more", nets)
	}
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
func FuzzParse(f *testing.F) {
	for _, s := range []string{"dense 300 tanh, dropout 0.2 * 3", "a = input 3, b = input any, t = dense 3 < a, u = t < a, sum < t + u, v = concat(t | net(h = relu, sum < h + x)) < b, y = output < v, output < u"} {
		f.Add(s)
	}
	for seed := range uint64(20) {
		if s, err := layers.Format(second(random(seed))...); err == nil {
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
