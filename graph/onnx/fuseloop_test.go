package onnx

import (
	"os"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/graph"
)

// A Loop becomes a recurrent layer where it is one to the last detail, and stays a Loop, which is refused, where it is not.
func TestLoops(t *testing.T) {
	for name, op := range map[string]string{"keras_rnn": "RNN", "keras_gru": "GRU"} {
		data, err := os.ReadFile("testdata/import/" + name + ".onnx")
		if err != nil {
			t.Fatal(err)
		}
		body := func(f *file) *file {
			for _, n := range f.nodes {
				if g, ok := n.attrs["body"].(*file); ok {
					return g
				}
			}
			t.Fatal("there is no loop in it")
			return nil
		}
		within := func(f *file, op string) *given {
			for _, n := range body(f).nodes {
				if n.op == op {
					return n
				}
			}
			t.Fatalf("there is no %s in it", op)
			return nil
		}
		for what, change := range map[string]func(f *file){
			"":                      func(f *file) {},
			"another function":      func(f *file) { within(f, "Tanh").op = "Softsign" },
			"another product":       func(f *file) { within(f, "MatMul").op = "Sub" },
			"every other step":      func(f *file) { counter(body(f)).ints = []int64{2} },
			"a step of another":     func(f *file) { within(f, "Gather").in[1] = "elsewhere" },
			"a condition that ends": func(f *file) { limits(body(f), 3) },
			"none to begin with": func(f *file) {
				for _, n := range f.nodes {
					if n.op == "Less" {
						n.in[0], n.in[1] = n.in[1], n.in[0]
					}
				}
			},
			"a state that is not the cell's": func(f *file) {
				g := body(f)
				g.outputs[len(g.outputs)-1].name = g.inputs[3].name
			},
		} {
			f, err := decode(data, nil)
			if err != nil {
				t.Fatal(err)
			}
			count := func(op string) (n int) {
				for _, m := range f.nodes {
					if m.op == op {
						n++
					}
				}
				return n
			}
			before := count("Loop")
			change(f)
			f.nodes = loops(f.nodes, f.consts)
			if what == "" && (count(op) != before || count("Loop") != 0) || what != "" && count("Loop") == 0 {
				t.Errorf("%s, %s: got %d %s and %d loops of %d", name, what, count(op), op, count("Loop"), before)
			}
		}
		// A loop over a part of the sequence is another network.
		f, err := decode(data, nil)
		if err != nil {
			t.Fatal(err)
		}
		for name, c := range f.consts {
			if strings.HasSuffix(name, "/Max:0") {
				c.ints = []int64{3}
			}
		}
		r := &reader{file: f, net: &graph.Net{}, views: map[string]*view{}, readers: map[string]int{}, done: map[*given]bool{}, count: map[string]int{}}
		if r.network(ReadConfig{}); r.err == nil || !strings.Contains(r.err.Error(), "3 steps over a sequence of 7") {
			t.Errorf("%s: got %v of a loop that ends early", name, r.err)
		}
	}
}

// counter is what the step's number grows by.
func counter(g *file) *constant {
	for name, c := range g.consts {
		if strings.HasSuffix(name, "/add/y:0") {
			return c
		}
	}
	return nil
}

// limits ends the condition after so many steps.
func limits(g *file, steps float32) {
	for name, c := range g.consts {
		if strings.HasPrefix(name, "const_fold_opt") && !c.integer && c.floats[0] == 7 {
			c.floats = []float32{steps}
		}
	}
}

// A body that leads round and round ends.
func TestLoopsInCircles(t *testing.T) {
	for _, op := range []string{"Identity", "Squeeze", "Cast", "And", "Add"} {
		in := []string{"a", "a"}
		if op != "And" && op != "Add" {
			in = in[:1]
		}
		g := &file{consts: map[string]*constant{}, nodes: []*given{{op: op, in: in, out: []string{"b"}, attrs: map[string]any{}}, {op: op, in: []string{"b", "b"}[:len(in)], out: []string{"a"}, attrs: map[string]any{}}}}
		for _, name := range []string{"i", "c", "h"} {
			g.inputs = append(g.inputs, declared{name: name})
		}
		g.outputs = []declared{{name: "a"}, {name: "a"}}
		consts := map[string]*constant{"m": {integer: true, ints: []int64{1 << 12}}}
		n := &given{op: "Loop", in: []string{"m", "", "x"}, out: []string{"y"}, attrs: map[string]any{"body": g}}
		if all := loops([]*given{n}, consts); len(all) != 1 || all[0] != n {
			t.Errorf("%s: got %d nodes", op, len(all))
		}
	}
}
