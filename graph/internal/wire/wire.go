// Package wire writes protocol buffers without generated code: fields by their numbers, which stand beside each use.
package wire

import (
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// A Message is a protocol buffer in the making. Each method returns it with one more field.
type Message []byte

// A Field is a field's number.
type Field = protowire.Number

// Bytes adds bytes, or a message.
func (m Message) Bytes(f Field, v []byte) Message {
	m = protowire.AppendTag(m, f, protowire.BytesType)
	return protowire.AppendBytes(m, v)
}

// Text adds a string.
func (m Message) Text(f Field, v string) Message {
	m = protowire.AppendTag(m, f, protowire.BytesType)
	return protowire.AppendString(m, v)
}

// Int adds an int32, an int64 or an enumerated value.
func (m Message) Int(f Field, v int64) Message {
	m = protowire.AppendTag(m, f, protowire.VarintType)
	return protowire.AppendVarint(m, uint64(v))
}

// Double adds a double.
func (m Message) Double(f Field, v float64) Message {
	m = protowire.AppendTag(m, f, protowire.Fixed64Type)
	return protowire.AppendFixed64(m, math.Float64bits(v))
}

// Float adds a float.
func (m Message) Float(f Field, v float32) Message {
	m = protowire.AppendTag(m, f, protowire.Fixed32Type)
	return protowire.AppendFixed32(m, math.Float32bits(v))
}

// Doubles adds a packed repeated field.
func (m Message) Doubles(f Field, v []float64) Message {
	packed := make([]byte, 0, 8*len(v))
	for _, x := range v {
		packed = protowire.AppendFixed64(packed, math.Float64bits(x))
	}
	return m.Bytes(f, packed)
}
