package events

import (
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// A message is a protocol buffer in the making. Fields are numbered as in TensorFlow's .proto files, named beside each use.
type message []byte

func (m message) bytes(field protowire.Number, v []byte) message {
	m = protowire.AppendTag(m, field, protowire.BytesType)
	return protowire.AppendBytes(m, v)
}

func (m message) text(field protowire.Number, v string) message { return m.bytes(field, []byte(v)) }

func (m message) integer(field protowire.Number, v int64) message {
	m = protowire.AppendTag(m, field, protowire.VarintType)
	return protowire.AppendVarint(m, uint64(v))
}

func (m message) double(field protowire.Number, v float64) message {
	m = protowire.AppendTag(m, field, protowire.Fixed64Type)
	return protowire.AppendFixed64(m, math.Float64bits(v))
}

func (m message) float(field protowire.Number, v float64) message {
	m = protowire.AppendTag(m, field, protowire.Fixed32Type)
	return protowire.AppendFixed32(m, math.Float32bits(float32(v)))
}

// doubles are a packed repeated field.
func (m message) doubles(field protowire.Number, v []float64) message {
	var packed []byte
	for _, x := range v {
		packed = protowire.AppendFixed64(packed, math.Float64bits(x))
	}
	return m.bytes(field, packed)
}

// metadata names the plugin of TensorBoard that shows a value, and the class of its data (summary.proto: SummaryMetadata).
func metadata(plugin string, content []byte, class int64) message {
	data := message(nil).text(1, plugin) // plugin_name
	if content != nil {
		data = data.bytes(2, content)
	}
	return message(nil).bytes(1, data).integer(4, class)
}
