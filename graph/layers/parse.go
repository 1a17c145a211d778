package layers

import (
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/text"
)

// Parse reads a network in words, as package text has them:
//
//	dense 300 tanh, dropout 0.2, dense 10 softmax
//
// is a list of layers for graph.NewModel. One that is no chain is a list of a single *graph.Net:
//
//	left = input 28x28
//	right = input 28x28
//	tower = sequence(flatten, dense 64 tanh) < left
//	other = tower < right
//	absdiff < tower + other
//	same = dense 1
//
// A name stands for what its layer puts out, behind "<", and for the layer itself, with the same parameters, where it stands as a word. Each layer is fed by the item before it, unless "<" says
// otherwise. Inputs are floats of the shape that is given, or int32, input 100 ids; without any input the net has one, called x, whose shape graph.Config.Input says. "probability = output < h"
// names an output; without any, what the last layer puts out is it. A net within brackets is net(…).
//
// A layer of one's own is known once it is registered: see [text.Register].
func Parse(s string) ([]graph.Layer, error) {
	tree, err := text.ParseNet(s)
	if err != nil {
		return nil, fmt.Errorf("layers: %w", err)
	}
	r := &reader{known: map[string]graph.Layer{}, again: map[string]bool{}}
	r.decoder = text.Decoder[graph.Layer]{Word: r.word, Named: r.named}
	r.words(tree)
	var all []graph.Layer
	switch {
	case len(tree) == 0:
		err = text.Pos{Line: 1, Column: 1}.Errorf("got no layers, want at least one, such as dense 10")
	case slices.ContainsFunc(tree, func(i text.Item) bool { return len(i.From) > 0 || i.Word == input || i.Word == output }):
		var n *graph.Net
		n, err = r.net(tree)
		all = []graph.Layer{n}
	default:
		all, err = r.decoder.Items(tree)
	}
	if err != nil {
		return nil, fmt.Errorf("layers: %w", err)
	}
	return all, nil
}

// The words of nets that are no layers.
const (
	input  = "input"
	output = "output"
	net    = "net"
)

// reserved are the words that no layer of a text may be called.
func reserved() []string { return append(text.Words[graph.Layer](), input, output, net) }

// A reader knows the layers that have names.
type reader struct {
	decoder text.Decoder[graph.Layer]
	known   map[string]graph.Layer
	again   map[string]bool // the words of the text, of which some are names
	shares  graph.Net       // makes shared layers
}

// words collects the words, within brackets too.
func (r *reader) words(tree text.Net) {
	for _, item := range tree {
		r.again[item.Word] = true
		for _, a := range item.Args {
			for _, n := range a.Nets {
				r.words(n)
			}
		}
	}
}

// word knows names, and nets in brackets.
func (r *reader) word(item text.Item) (graph.Layer, bool, error) {
	switch l, ok := r.known[item.Word]; {
	case ok && len(item.Args) > 0:
		return nil, true, item.Args[0].Errorf("%s: got %s, want no argument: it is a layer that was named before", item.Word, item.Args[0])
	case ok:
		return l, true, nil
	case item.Word == input || item.Word == output:
		return nil, true, item.Errorf("got %q, want it in a net of its own: net(%s)", item.Word, item.Word)
	case item.Word != net:
		return nil, false, nil
	case len(item.Args) != 1 || len(item.Args[0].Nets) != 1 || item.Args[0].Key != "":
		return nil, true, item.Errorf("net: want one net in brackets: net(h = dense 8 relu, dense 8, sum < h + x)")
	}
	n, err := r.net(item.Args[0].Nets[0])
	return n, true, err
}

// named keeps a layer under its name, shared if it is used again.
func (r *reader) named(item text.Item, l graph.Layer) (graph.Layer, error) {
	switch {
	case slices.Contains(reserved(), item.Name):
		return nil, item.Errorf("got the name %q, which is a word, want another", item.Name)
	case r.known[item.Name] != nil:
		return nil, item.Errorf("got the name %q a second time, want another", item.Name)
	}
	if _, shared := graph.Shared(l); r.again[item.Name] && !shared {
		l = r.shares.Share(l)
	}
	r.known[item.Name] = l
	return l, nil
}

// net wires a net.
func (r *reader) net(tree text.Net) (*graph.Net, error) {
	n := &graph.Net{}
	at := map[string]graph.Handle{}
	inputs, outputs, layers := 0, map[string]bool{}, 0
	var last graph.Handle // of the item before
	if !slices.ContainsFunc(tree, func(i text.Item) bool { return i.Word == input }) {
		last = n.Input("x", graph.Input{})
		at["x"] = last
		inputs++
	}
	for _, item := range tree {
		if _, taken := at[item.Name]; taken && item.Word != output {
			return nil, item.Errorf("got the name %q a second time, want another", item.Name)
		}
		if (item.Word == input || item.Word == output) && item.Times != "" {
			return nil, item.Errorf("%s: got * %s, want it once", item.Word, item.Times)
		}
		if item.Word == input {
			in, name, err := readInput(item)
			if err != nil {
				return nil, err
			}
			if _, taken := at[name]; taken {
				return nil, item.Errorf("got the input %q a second time, want another name: left = input 28x28", name)
			}
			last = n.Input(name, in)
			at[name] = last
			inputs++
			continue
		}
		from := []graph.Handle{last}
		if len(item.From) > 0 {
			from = nil
		} else if inputs == 0 {
			return nil, item.Errorf("got %s before any input, want it fed: put the inputs first", item.Word)
		}
		for _, ref := range item.From {
			h, ok := at[ref.Name]
			if !ok {
				return nil, ref.Errorf("%s: got %q behind <, want the name of an input or a layer above: %s", item.Word, ref.Name, known(at))
			}
			from = append(from, h)
		}
		if item.Word == output {
			name := item.Name
			if name == "" {
				name = output
			}
			if len(from) > 1 || len(item.Args) > 0 || outputs[name] {
				return nil, item.Errorf("output: got %s, want one name, of one layer, without arguments: %s = output < h", item, name)
			}
			outputs[name] = true
			n.Output(name, from[0])
			last = from[0]
			continue
		}
		count, err := item.Count()
		if err != nil {
			return nil, err
		}
		if count > 1 && item.Name != "" {
			return nil, item.Errorf("got the name %q for %d layers, want it for one: %s = sequence(%s * %d)", item.Name, count, item.Name, item.Word, count)
		}
		for range count {
			l, err := r.decoder.Item(item)
			if err != nil {
				return nil, err
			}
			if _, join := bare(l).(graph.Join); len(from) > 1 && !join {
				return nil, item.Errorf("%s: got %d inputs, want one: sum, concat and absdiff take several", item.Word, len(from))
			}
			last = n.Add(l, from...)
			from = []graph.Handle{last}
			layers++
		}
		if item.Name != "" {
			at[item.Name] = last
		}
	}
	if layers == 0 && len(outputs) == 0 {
		return nil, tree[0].Errorf("got a net without layers, want at least one, such as dense 10")
	}
	if len(outputs) == 0 {
		n.Output(output, last)
	}
	if _, err := n.Parts(); err != nil {
		return nil, tree[0].Errorf("%v", err)
	}
	return n, nil
}

// bare is a layer that is shared, or the layer itself.
func bare(l graph.Layer) graph.Layer {
	for {
		inner, ok := graph.Shared(l)
		if !ok {
			return l
		}
		l = inner
	}
}

// known lists names.
func known(at map[string]graph.Handle) string {
	var names []string
	for name := range at {
		names = append(names, fmt.Sprintf("%q", name))
	}
	slices.Sort(names)
	if names == nil {
		return "there is none"
	}
	return "of " + fmt.Sprint(names)
}

// any is the shape of an input that the model's configuration says.
const anyShape = "any"

func readInput(item text.Item) (in graph.Input, name string, err error) {
	if name = item.Name; name == "" {
		name = "x"
	}
	if len(item.From) > 0 {
		return in, name, item.From[0].Errorf("input: got %q behind <, want nothing: it is fed from outside", item.From[0].Name)
	}
	if len(item.Args) == 1 && item.Args[0].Value == anyShape && item.Args[0].Key == "" {
		return in, name, nil
	}
	d := text.Decoder[graph.Input]{}
	item.Name = ""
	in, err = d.Item(item)
	if in.Shape == nil {
		in.Shape = graph.Floats().Shape
	}
	return in, name, err
}
