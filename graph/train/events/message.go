package events

import "github.com/stheno-ml/stheno/graph/internal/wire"

// A message is one of TensorFlow's protocol buffers in the making.
type message = wire.Message

// metadata names the plugin of TensorBoard that shows a value, and the class of its data (summary.proto: SummaryMetadata).
func metadata(plugin string, content []byte, class int64) message {
	data := message(nil).Text(1, plugin) // plugin_name
	if content != nil {
		data = data.Bytes(2, content)
	}
	return message(nil).Bytes(1, data).Int(4, class)
}
