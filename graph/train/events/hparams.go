package events

import (
	"maps"
	"slices"
	"time"

	"github.com/stheno-ml/stheno/graph/internal/wire"
)

// A setting is one hyperparameter: a number where text is "".
type setting struct {
	number float64
	text   string
}

// Tags and the plugin that TensorBoard's table of hyperparameters looks for (plugins/hparams/metadata.py).
const (
	experimentTag   = "_hparams_/experiment"
	sessionStartTag = "_hparams_/session_start_info"
	sessionEndTag   = "_hparams_/session_end_info"
)

// nothing is the value that goes with metadata that say it all: a scalar 0 (dtype 1 is a float, tensor_shape, float_val).
var nothing = message(nil).Bytes(8, message(nil).Int(1, 1).Bytes(2, nil).Float(5, float32(0)))

// settings writes what the run was started with, and which figures it will have, by run (a folder within) and tag (plugins/hparams/api.proto).
func (w *Writer) settings(name string, settings map[string]setting, figures [][2]string) {
	names := slices.Sorted(maps.Keys(settings))
	experiment := message(nil)
	values := message(nil)
	for _, n := range names {
		s := settings[n]
		kind, value := int64(3), message(nil).Double(2, s.number) // DATA_TYPE_FLOAT64, number_value
		if s.text != "" {
			kind, value = 1, message(nil).Text(3, s.text) // DATA_TYPE_STRING, string_value
		}
		experiment = experiment.Bytes(4, message(nil).Text(1, n).Int(4, kind)) // hparam_infos: name, type
		values = values.Bytes(1, message(nil).Text(1, n).Bytes(2, value))      // hparams: key, value
	}
	for _, f := range figures {
		experiment = experiment.Bytes(5, message(nil).Bytes(1, message(nil).Text(1, f[0]).Text(2, f[1]))) // metric_infos: name: group, tag
	}
	values = values.Text(4, name).Double(5, float64(time.Now().UnixMicro())/1e6) // group_name, start_time_secs
	w.plugin(experimentTag, 2, experiment)
	w.plugin(sessionStartTag, 3, values)
}

// ended writes that the run is over, and whether it came to a good end.
func (w *Writer) ended(well bool) {
	status := int64(1) // STATUS_SUCCESS
	if !well {
		status = 2 // STATUS_FAILURE
	}
	w.plugin(sessionEndTag, 4, message(nil).Int(1, status).Double(2, float64(time.Now().UnixMicro())/1e6)) // status, end_time_secs
}

// plugin writes an HParamsPluginData with one field.
func (w *Writer) plugin(tag string, field wire.Field, data message) {
	w.value(0, tag, metadata("hparams", message(nil).Bytes(field, data), tensorData), nothing)
}
