package onnx

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
)

// ops are the operators of a file's nodes, in order.
func ops(t *testing.T, file []byte) []string {
	t.Helper()
	var all []string
	each(t, file, func(field protowire.Number, v []byte) {
		if field != 7 { // graph
			return
		}
		each(t, v, func(field protowire.Number, v []byte) {
			if field != 1 { // node
				return
			}
			each(t, v, func(field protowire.Number, v []byte) {
				if field == 4 { // op_type
					all = append(all, string(v))
				}
			})
		})
	})
	return all
}

// each calls f with the fields of a message that are bytes.
func each(t *testing.T, m []byte, f func(field protowire.Number, v []byte)) {
	t.Helper()
	for len(m) > 0 {
		field, kind, n := protowire.ConsumeTag(m)
		if n < 0 {
			t.Fatal(protowire.ParseError(n))
		}
		m = m[n:]
		if n = protowire.ConsumeFieldValue(field, kind, m); n < 0 {
			t.Fatal(protowire.ParseError(n))
		}
		if kind == protowire.BytesType {
			v, _ := protowire.ConsumeBytes(m)
			f(field, v)
		}
		m = m[n:]
	}
}

func model(t *testing.T, in graph.Input, text string) *graph.Model {
	t.Helper()
	net, err := layers.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	m, err := graph.NewModel(graph.Config{Input: in, Seed: 1}, net...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Transpositions stand where channels come in and where they go out, and none between.
func TestTranspositionsMeet(t *testing.T) {
	var b bytes.Buffer
	if err := Write(&b, model(t, graph.Floats(28, 28), "conv 8 3 relu, maxpool 2, conv 16 3 relu, maxpool 2, flatten, dense 10 softmax"), Options{}); err != nil {
		t.Fatal(err)
	}
	want := "Reshape Conv Relu MaxPool Conv Relu MaxPool Transpose Reshape MatMul Add Softmax Identity"
	if got := strings.Join(ops(t, b.Bytes()), " "); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// doubled is a layer of one's own that writes itself.
type doubled struct{}

func (doubled) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	return b.Node(gorgonia.Add(x, x))
}
func (doubled) ONNX(e *Exporter, xs ...string) string {
	return e.Node("Add", []string{xs[0], xs[0]})
}

// wrong writes an attribute that ONNX does not have.
type wrong struct{ doubled }

func (wrong) ONNX(e *Exporter, xs ...string) string {
	return e.Node("Add", []string{xs[0], e.Param("none")}, Attr{"what", 3 + 2i})
}

func TestLayersOfOnesOwn(t *testing.T) {
	in := graph.Config{Input: graph.Floats(2)}
	m, err := graph.NewModel(in, doubled{}, layers.Dense{Units: 1})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := Write(&b, m, Options{}); err != nil || strings.Join(ops(t, b.Bytes()), " ") != "Add MatMul Add Identity" {
		t.Errorf("got %v, %v", ops(t, b.Bytes()), err)
	}
	for _, c := range []struct {
		layer graph.Layer
		want  string
	}{
		{graph.LayerFunc("mine", func(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node { return x }), "onnx: layer mine_1: a layer of type graph.layerFunc has no form in ONNX"},
		{wrong{}, `onnx: layer wrong_1: it has no parameter or state called "none"`},
	} {
		m, err := graph.NewModel(in, c.layer, layers.Dense{Units: 1})
		if err != nil {
			t.Fatal(err)
		}
		if err := Write(io.Discard, m, Options{}); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no room") }

func TestWriteRefuses(t *testing.T) {
	m := model(t, graph.Floats(2), "dense 1")
	if err := Write(nil, m, Options{}); err == nil {
		t.Error("nothing to write to: got no error")
	}
	if err := Write(io.Discard, nil, Options{}); err == nil {
		t.Error("a nil model: got no error")
	}
	if err := Write(full{}, m, Options{}); err == nil || !strings.Contains(err.Error(), "no room") {
		t.Errorf("a full disk: got %v", err)
	}
}
