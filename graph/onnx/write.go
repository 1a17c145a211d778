package onnx

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
)

// Options are what a file says beside the network.
type Options struct {
	Name     string            // of the graph, "stheno" if ""
	Prepared bool              // the file prepares its samples, as the model's preparation does, and brings standardised targets back; else it takes them prepared
	Metadata map[string]string // more than the network, the loss, the classes and the preparation, which the model says itself
}

// Write writes the model at rest, its weights in float32. The error names the layer that has no form in ONNX, or the step of the preparation.
func Write(w io.Writer, m *graph.Model, o Options) error {
	if w == nil || m == nil || len(m.Outputs()) == 0 {
		return errors.New("onnx: got nothing to write to, or a model that is nil or empty, want both: look at the error of what made them")
	}
	graphProto, err := export(m, o)
	if err != nil {
		return err
	}
	out := message(nil).Int(1, irVersion).Text(2, "stheno").Bytes(7, graphProto) // ir_version, producer_name, graph
	out = out.Bytes(8, message(nil).Text(1, "").Int(2, opset))                   // opset_import: domain, version
	data := maps.Clone(o.Metadata)
	if data == nil {
		data = map[string]string{}
	}
	if text, err := layers.Format(m.Net()); err == nil {
		data["network"] = text
	}
	about := m.About()
	if len(about.Classes) > 0 {
		text, err := json.Marshal(about.Classes)
		if err != nil {
			return fmt.Errorf("onnx: classes: %w", err)
		}
		data["classes"] = string(text)
	}
	for key, text := range map[string]string{"loss": about.Loss, "preparation": about.Preparation} {
		if text != "" {
			data[key] = text
		}
	}
	if about.Preparation != "" {
		data["prepared"] = fmt.Sprint(o.Prepared)
	}
	for _, key := range slices.Sorted(maps.Keys(data)) {
		out = out.Bytes(14, message(nil).Text(1, key).Text(2, data[key])) // metadata_props
	}
	if _, err := w.Write(out); err != nil {
		return fmt.Errorf("onnx: %w", err)
	}
	return nil
}

// export makes a GraphProto.
func export(m *graph.Model, o Options) (message, error) {
	e := &Exporter{model: m, infos: m.Layers(), kept: map[string]*tensor.Dense{}, names: map[string]int{}, made: map[string]string{}, shapes: map[string][]int{}, turned: map[string]turning{}, ids: map[string]bool{}, prepared: map[string]string{}}
	if m.Config().Float64 {
		m = m.Float32()
	}
	for _, p := range m.Tensors() {
		e.kept[p.Name] = p.Value
	}
	var in, out message
	var prepare *preparation
	inputs := m.Inputs()
	if text := m.About().Preparation; o.Prepared && text != "" {
		var err error
		if prepare, in, err = e.rawInputs(m, text); err != nil {
			return nil, err
		}
		inputs = nil // the file's are those of the preparation
	}
	for _, i := range inputs {
		kind := int64(float32Type)
		if i.IDs {
			kind = int32Type
			e.ids[i.Name] = true
		}
		e.names[i.Name]++
		e.shapes[i.Name] = i.Shape
		in = in.Bytes(11, valueInfo(i.Name, kind, i.Shape))
	}
	var outputs []string
	for _, i := range m.Outputs() {
		name := e.unique(i.Name) // another, where an input has it
		outputs = append(outputs, name)
		out = out.Bytes(12, valueInfo(name, float32Type, i.Shape))
	}
	if prepare != nil {
		if err := e.prepare(m, prepare); err != nil {
			return nil, err
		}
	}
	values, err := e.net(m.Net())
	if err != nil {
		return nil, err
	}
	if prepare != nil {
		values[0] = e.restore(m, prepare.Preparation, values[0])
	}
	for i, output := range outputs {
		e.nodes = append(e.nodes, node{"Identity", e.unique(output + "/Identity"), values[i : i+1], []string{output}, nil})
	}
	if e.err != nil {
		return nil, e.err
	}
	var g message
	for _, n := range read(e.nodes, outputs) {
		g = g.Bytes(1, n.encode())
	}
	name := o.Name
	if name == "" {
		name = "stheno"
	}
	g = g.Text(2, name)
	for _, c := range e.consts {
		g = g.Bytes(5, c)
	}
	return append(append(g, in...), out...), nil
}

// net exports a net whose inputs are called as they are, and returns the values that it puts out.
func (e *Exporter) net(n *graph.Net, given ...string) ([]string, error) {
	parts, err := n.Parts()
	if err != nil {
		return nil, fmt.Errorf("onnx: %w", err)
	}
	var values, outputs []string
	for _, p := range parts {
		var from []string
		for _, at := range p.From {
			from = append(from, values[at])
		}
		switch {
		case p.Layer != nil:
			values = append(values, e.Layer(p.Layer, from...))
		case len(p.From) > 0:
			outputs = append(outputs, from[0])
		case len(given) > 0:
			values, given = append(values, given[0]), given[1:]
		default:
			values = append(values, cmp.Or(e.prepared[p.Name], p.Name))
		}
	}
	return outputs, e.err
}
