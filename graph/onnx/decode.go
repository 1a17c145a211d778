package onnx

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// A file is what of a ModelProto is read.
type file struct {
	producer string
	opset    int
	nodes    []*given
	consts   map[string]*constant
	inputs   []declared
	outputs  []declared
	name     string
	metadata map[string]string
	rounded  map[string]int // constants that were stored in another type than float32, by type
}

// A given is a node as it is in a file.
type given struct {
	op, name, domain string
	in, out          []string
	attrs            map[string]any // int64, float32, string, []int64, []float32, *constant, *file of a graph within
}

// A declared value is an input or an output: its sizes are −1 where they have a name, or none.
type declared struct {
	name  string
	kind  int
	shape []int
	known bool // whether it has a shape at all
}

// Most of what a file may have: a network of a thousand layers has some thousand nodes. A file's constants take no more memory than twice its size, since they are laid out in it.
const (
	mostNodes = 1 << 18
	mostAxes  = 16
)

// fields calls f with each field of a message: v is a varint's or a fixed number's value, b the bytes of one that has a length.
func fields(m []byte, f func(field protowire.Number, v uint64, b []byte) error) error {
	for len(m) > 0 {
		field, kind, n := protowire.ConsumeTag(m)
		if n < 0 {
			return protowire.ParseError(n)
		}
		m = m[n:]
		var v uint64
		var b []byte
		switch kind {
		case protowire.VarintType:
			v, n = protowire.ConsumeVarint(m)
		case protowire.Fixed32Type:
			var w uint32
			w, n = protowire.ConsumeFixed32(m)
			v = uint64(w)
		case protowire.Fixed64Type:
			v, n = protowire.ConsumeFixed64(m)
		case protowire.BytesType:
			if b, n = protowire.ConsumeBytes(m); n >= 0 && b == nil {
				b = []byte{}
			}
		default:
			n = protowire.ConsumeFieldValue(field, kind, m)
		}
		if n < 0 {
			return protowire.ParseError(n)
		}
		m = m[n:]
		if err := f(field, v, b); err != nil {
			return err
		}
	}
	return nil
}

// decode reads a ModelProto. The error says what is wrong with it.
func decode(data []byte, external func(location string, offset, length int64) ([]byte, error)) (*file, error) {
	f := &file{consts: map[string]*constant{}, metadata: map[string]string{}, rounded: map[string]int{}}
	d := decoder{file: f, external: external}
	var graphs, imports int
	err := fields(data, func(field protowire.Number, v uint64, b []byte) error {
		switch field {
		case 2:
			f.producer = string(b)
		case 7:
			if graphs++; graphs > 1 {
				return errors.New("it has two graphs")
			}
			return d.graph(b)
		case 8:
			domain, version := "", 0
			err := fields(b, func(field protowire.Number, v uint64, b []byte) error {
				switch field {
				case 1:
					domain = string(b)
				case 2:
					version = int(min(v, 1<<30))
				}
				return nil
			})
			if domain == "" || domain == "ai.onnx" {
				f.opset, imports = version, imports+1
			}
			return err
		case 14:
			return pair(b, f.metadata)
		}
		return nil
	})
	switch {
	case err != nil:
		return nil, err
	case graphs == 0:
		return nil, errors.New("there is no graph in it: is it an ONNX file?")
	case imports == 0:
		f.opset = 1
	}
	return f, nil
}

// pair is a StringStringEntryProto.
func pair(b []byte, into map[string]string) error {
	var key, value string
	err := fields(b, func(field protowire.Number, _ uint64, b []byte) error {
		switch field {
		case 1:
			key = string(b)
		case 2:
			value = string(b)
		}
		return nil
	})
	into[key] = value
	return err
}

type decoder struct {
	*file
	external func(location string, offset, length int64) ([]byte, error)
	within   bool // a node's attribute
}

func (d decoder) graph(m []byte) error {
	return fields(m, func(field protowire.Number, _ uint64, b []byte) error {
		switch field {
		case 1:
			if len(d.nodes) >= mostNodes {
				return fmt.Errorf("it has more than %d nodes, want fewer", mostNodes)
			}
			n, err := d.node(b)
			if err != nil {
				return fmt.Errorf("node %d: %w", len(d.nodes)+1, err)
			}
			d.nodes = append(d.nodes, n)
		case 2:
			d.name = string(b)
		case 5:
			c, err := d.tensor(b)
			if err != nil {
				return err
			}
			d.consts[c.name] = c
		case 11, 12:
			v, err := value(b)
			if err != nil {
				return err
			}
			if field == 11 {
				d.inputs = append(d.inputs, v)
			} else {
				d.outputs = append(d.outputs, v)
			}
		case 15:
			return errors.New("it has sparse constants, which are not read: make them dense")
		}
		return nil
	})
}

func (d decoder) node(m []byte) (*given, error) {
	n := &given{attrs: map[string]any{}}
	err := fields(m, func(field protowire.Number, _ uint64, b []byte) error {
		switch field {
		case 1:
			n.in = append(n.in, string(b))
		case 2:
			n.out = append(n.out, string(b))
		case 3:
			n.name = string(b)
		case 4:
			n.op = string(b)
		case 5:
			name, v, err := d.attribute(b)
			n.attrs[name] = v
			return err
		case 7:
			n.domain = string(b)
		}
		return nil
	})
	if n.domain == "ai.onnx" {
		n.domain = ""
	}
	return n, err
}

func (d decoder) attribute(m []byte) (name string, value any, err error) {
	var ints []int64
	var floats []float32
	var texts []string
	err = fields(m, func(field protowire.Number, v uint64, b []byte) error {
		switch field {
		case 1:
			name = string(b)
		case 2:
			value = math.Float32frombits(uint32(v))
		case 3:
			value = int64(v)
		case 4:
			value = string(b)
		case 5:
			c, err := d.tensor(b)
			value = c
			return err
		case 6:
			if value = errors.New("a graph within a graph"); !d.within {
				g := &file{consts: map[string]*constant{}, rounded: d.rounded}
				err := decoder{g, d.external, true}.graph(b)
				value = g
				return err
			}
		case 10, 11:
			value = errors.New("several graphs within it")
		case 7:
			return packed(b, v, 4, func(v uint64) { floats = append(floats, math.Float32frombits(uint32(v))) })
		case 8:
			return packed(b, v, 0, func(v uint64) { ints = append(ints, int64(v)) })
		case 9:
			texts = append(texts, string(b))
		}
		return nil
	})
	switch {
	case ints != nil:
		value = ints
	case floats != nil:
		value = floats
	case texts != nil:
		value = texts
	}
	return name, value, err
}

// packed reads a repeated number, which is one value, or, in bytes, several of a width of 4 or 8, or varints.
func packed(b []byte, v uint64, width int, f func(v uint64)) error {
	if b == nil {
		f(v)
		return nil
	}
	for len(b) > 0 {
		n := width
		switch {
		case width == 4 && len(b) >= 4:
			v = uint64(binary.LittleEndian.Uint32(b))
		case width == 8 && len(b) >= 8:
			v = binary.LittleEndian.Uint64(b)
		case width == 0:
			v, n = protowire.ConsumeVarint(b)
		default:
			n = -1
		}
		if n < 0 {
			return errors.New("a list of numbers is cut off")
		}
		f(v)
		b = b[n:]
	}
	return nil
}

// value is a ValueInfoProto of a tensor.
func value(m []byte) (v declared, err error) {
	dim := func(b []byte) error {
		size := -1
		err := fields(b, func(field protowire.Number, v uint64, _ []byte) error {
			if field == 1 {
				if v > 1<<40 {
					return fmt.Errorf("it has an axis of %d", int64(v))
				}
				size = int(v)
			}
			return nil
		})
		if v.shape = append(v.shape, size); len(v.shape) > mostAxes {
			return fmt.Errorf("it has more than %d axes", mostAxes)
		}
		return err
	}
	kind := func(field protowire.Number, n uint64, b []byte) error { // TypeProto.Tensor
		switch field {
		case 1:
			v.kind = int(min(n, 1<<30))
		case 2:
			v.known = true
			return fields(b, func(_ protowire.Number, _ uint64, b []byte) error { return dim(b) })
		}
		return nil
	}
	err = fields(m, func(field protowire.Number, _ uint64, b []byte) error {
		switch field {
		case 1:
			v.name = string(b)
		case 2:
			return fields(b, func(field protowire.Number, _ uint64, b []byte) error {
				if field == 1 {
					return fields(b, kind)
				}
				return nil
			})
		}
		return nil
	})
	if err != nil {
		err = fmt.Errorf("value %q: %w", v.name, err)
	}
	return v, err
}

// Element types, as TensorProto.DataType has them, beside those that are written.
var typeNames = map[int]string{1: "float32", 2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 6: "int32", 7: "int64", 8: "string", 9: "bool", 10: "float16", 11: "float64", 12: "uint32", 13: "uint64", 14: "complex64", 15: "complex128", 16: "bfloat16"}

func typeName(kind int) string {
	if name := typeNames[kind]; name != "" {
		return name
	}
	return fmt.Sprintf("type %d", kind)
}

// width is an element's bytes in raw data; 0 for a type that is not read.
func width(kind int) int {
	switch kind {
	case 2, 3, 9:
		return 1
	case 4, 5, 10, 16:
		return 2
	case 1, 6, 12:
		return 4
	case 7, 11, 13:
		return 8
	}
	return 0
}

// tensor is a TensorProto.
func (d decoder) tensor(m []byte) (*constant, error) {
	c := &constant{}
	kind := 0
	var raw []byte
	var numbers []uint64 // of the typed lists, as they are
	var listed int       // the bytes of such a one
	place := map[string]string{}
	outside := false
	err := fields(m, func(field protowire.Number, v uint64, b []byte) error {
		list := func(width int) error {
			listed = width
			return packed(b, v, width, func(v uint64) { numbers = append(numbers, v) })
		}
		switch field {
		case 1:
			return packed(b, v, 0, func(v uint64) {
				if c.shape = append(c.shape, int(int64(v))); len(c.shape) > mostAxes {
					c.shape = c.shape[:mostAxes+1]
				}
			})
		case 2:
			kind = int(min(v, 1<<30))
		case 4:
			return list(4)
		case 5, 7, 11:
			return list(0)
		case 8:
			c.name = string(b)
		case 9:
			raw = b
		case 10:
			return list(8)
		case 13:
			return pair(b, place)
		case 14:
			outside = v == 1
		}
		return nil
	})
	fail := func(format string, args ...any) (*constant, error) {
		return nil, fmt.Errorf("constant %q: %s", c.name, fmt.Sprintf(format, args...))
	}
	if err != nil {
		return fail("%v", err)
	}
	w := width(kind)
	if w == 0 {
		return fail("got elements of %s, want numbers or bools", typeName(kind))
	}
	size, ok := product(c.shape)
	if !ok || len(c.shape) > mostAxes {
		return fail("got shape %v, want sizes that can be counted", c.shape)
	}
	if outside {
		if raw, err = d.outside(place, int64(size)*int64(w)); err != nil {
			return fail("%v", err)
		}
	}
	if numbers == nil && raw == nil && size > 0 || raw != nil && len(raw) != size*w || raw == nil && len(numbers) != size {
		return fail("got %d bytes of data and a list of %d numbers for shape %v in %s, want %d elements", len(raw), len(numbers), c.shape, typeName(kind), size)
	}
	c.integer = kind != 1 && kind != 10 && kind != 11 && kind != 16
	if c.integer {
		c.ints = make([]int64, size)
	} else {
		c.floats = make([]float32, size)
		if kind != 1 {
			d.rounded[typeName(kind)]++
		}
	}
	for i := range size {
		var v uint64
		switch {
		case raw == nil:
			v = numbers[i]
			if listed == 4 && kind == 11 || listed == 8 && kind == 1 {
				return fail("got its numbers in the list of another type than %s", typeName(kind))
			}
		case w == 1:
			v = uint64(raw[i])
		case w == 2:
			v = uint64(binary.LittleEndian.Uint16(raw[2*i:]))
		case w == 4:
			v = uint64(binary.LittleEndian.Uint32(raw[4*i:]))
		default:
			v = binary.LittleEndian.Uint64(raw[8*i:])
		}
		switch kind {
		case 1:
			c.floats[i] = math.Float32frombits(uint32(v))
		case 10:
			c.floats[i] = float16(uint16(v))
		case 16:
			c.floats[i] = math.Float32frombits(uint32(v) << 16)
		case 11:
			c.floats[i] = float32(math.Float64frombits(v))
		case 3:
			c.ints[i] = int64(int8(v))
		case 5:
			c.ints[i] = int64(int16(v))
		case 6:
			c.ints[i] = int64(int32(v))
		default:
			c.ints[i] = int64(v)
		}
	}
	return c, nil
}

// float16 is IEEE 754's half in float32.
func float16(h uint16) float32 {
	exponent, fraction := h>>10&31, float64(h&1023)
	var v float64
	switch {
	case exponent == 31 && fraction != 0:
		v = math.NaN()
	case exponent == 31:
		v = math.Inf(1)
	case exponent == 0:
		v = math.Ldexp(fraction, -24)
	default:
		v = math.Ldexp(1024+fraction, int(exponent)-25)
	}
	if h>>15 == 1 {
		v = -v
	}
	return float32(v)
}

// product multiplies sizes; not ok where one is below 0, or the product beyond 2⁴⁰.
func product(shape []int) (n int, ok bool) {
	n = 1
	for _, d := range shape {
		if d < 0 || d > 0 && n > 1<<40/d {
			return 0, false
		}
		n *= d
	}
	return n, true
}
