package onnx

import (
	"encoding/binary"
	"math"
	"slices"

	"github.com/stheno-ml/stheno/graph/internal/wire"
)

type message = wire.Message

// Element types, as TensorProto.DataType has them.
const (
	float32Type = 1
	int32Type   = 6
	int64Type   = 7
	stringType  = 8
)

// Versions that are written: of the format, and of the set of operators.
const (
	irVersion = 10
	opset     = 21
)

// An Attr is an attribute of a node: its Value is an int, a float64, a string, []int, []float64 or []string.
type Attr struct {
	Name  string
	Value any
}

// encode makes an AttributeProto; nil of a value of another type.
func (a Attr) encode() message {
	m := message(nil).Text(1, a.Name)
	switch v := a.Value.(type) {
	case int:
		return m.Int(3, int64(v)).Int(20, 2)
	case float64:
		return m.Float(2, float32(v)).Int(20, 1)
	case string:
		return m.Text(4, v).Int(20, 3)
	case []int:
		for _, x := range v {
			m = m.Int(8, int64(x))
		}
		return m.Int(20, 7)
	case []float64:
		for _, x := range v {
			m = m.Float(7, float32(x))
		}
		return m.Int(20, 6)
	case []string:
		for _, x := range v {
			m = m.Text(9, x)
		}
		return m.Int(20, 8)
	}
	return nil
}

// A node is one op.
type node struct {
	op, name        string
	inputs, outputs []string
	attrs           []Attr
}

// encode makes a NodeProto.
func (n node) encode() message {
	var m message
	for _, in := range n.inputs {
		m = m.Text(1, in)
	}
	for _, out := range n.outputs {
		m = m.Text(2, out)
	}
	m = m.Text(3, n.name).Text(4, n.op)
	for _, a := range n.attrs {
		m = m.Bytes(5, a.encode())
	}
	return m
}

// read are the nodes whose outputs are read by others or wanted, in order: transpositions that were undone are not.
func read(nodes []node, wanted []string) []node {
	reads := map[string]bool{}
	for _, name := range wanted {
		reads[name] = true
	}
	var all []node
	for _, n := range slices.Backward(nodes) {
		if !slices.ContainsFunc(n.outputs, func(out string) bool { return reads[out] }) {
			continue
		}
		for _, in := range n.inputs {
			reads[in] = true
		}
		all = append(all, n)
	}
	slices.Reverse(all)
	return all
}

// floats makes a TensorProto of float32.
func floats(name string, shape []int, v []float32) message {
	raw := make([]byte, 0, 4*len(v))
	for _, x := range v {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(x))
	}
	return tensorProto(name, shape, float32Type, raw)
}

// ints makes a TensorProto of int64.
func ints(name string, shape []int, v []int) message {
	raw := make([]byte, 0, 8*len(v))
	for _, x := range v {
		raw = binary.LittleEndian.AppendUint64(raw, uint64(int64(x)))
	}
	return tensorProto(name, shape, int64Type, raw)
}

// int32s makes a TensorProto of int32.
func int32s(name string, v []int32) message {
	raw := make([]byte, 0, 4*len(v))
	for _, x := range v {
		raw = binary.LittleEndian.AppendUint32(raw, uint32(x))
	}
	return tensorProto(name, []int{len(v)}, int32Type, raw)
}

// texts makes a TensorProto of strings, which have no raw form.
func texts(name string, v []string) message {
	m := message(nil).Int(1, int64(len(v))).Int(2, stringType)
	for _, x := range v {
		m = m.Bytes(6, message(x)) // string_data
	}
	return m.Text(8, name)
}

func tensorProto(name string, shape []int, kind int64, raw []byte) message {
	var m message
	for _, d := range shape {
		m = m.Int(1, int64(d)) // dims
	}
	return m.Int(2, kind).Text(8, name).Bytes(9, raw) // data_type, name, raw_data
}

// valueInfo makes a ValueInfoProto of samples in an open batch.
func valueInfo(name string, kind int64, shape []int) message {
	dims := message(nil).Bytes(1, message(nil).Text(2, "batch")) // dim.dim_param
	for _, d := range shape {
		dims = dims.Bytes(1, message(nil).Int(1, int64(d))) // dim.dim_value
	}
	kinds := message(nil).Int(1, kind).Bytes(2, dims) // elem_type, shape
	return message(nil).Text(1, name).Bytes(2, message(nil).Bytes(1, kinds))
}
