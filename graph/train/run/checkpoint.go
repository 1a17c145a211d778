package run

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
)

// checkpointFormat is what a checkpoint's header calls itself; the number goes up when an older stheno could not read it.
const checkpointFormat = "stheno checkpoint 1"

// checkpoint is all of a checkpoint file but the tensors.
type checkpoint struct {
	Position  train.Position
	Optimizer optimizerState
	Seed      uint64
	Run       string          // which run it is of, Config.id; "" of a run that was begun before they had one
	Data      string          // fingerprint of the training set
	Logs      map[string]mark // how far the run's logs had come, by file name
	Frozen    []string        // layers, as graph.Model.Frozen has them
}

type optimizerState struct {
	Name  string  `json:"name"`
	Rate  float64 `json:"rate"`
	Steps int     `json:"steps"`
}

// slotPrefix comes before the names of the optimizer's running values: optimizer.m.dense_1.weight.
const slotPrefix = "optimizer."

func slotName(slot, param string) string { return slotPrefix + slot + "." + param }

// isOptimizers says whether a tensor is one of an optimizer's for these parameters: a slot, or numbers.
func isOptimizers(name string, params []graph.Param) bool {
	return isSlot(name, params) || numbersName(name) != ""
}

// numbersName is what an optimizer calls numbers that belong to no parameter, of a tensor's name such as optimizer.schedule; "" of another name.
func numbersName(name string) string {
	rest, ok := strings.CutPrefix(name, slotPrefix)
	if !ok || strings.Contains(rest, ".") { // a parameter's name has one
		return ""
	}
	return rest
}

// maxNumbers is more than an optimizer has beside what belongs to the parameters.
const maxNumbers = 1 << 10

// isSlot says whether a tensor's name is that of a running value of one of the parameters.
func isSlot(name string, params []graph.Param) bool {
	rest, ok := strings.CutPrefix(name, slotPrefix)
	if !ok {
		return false
	}
	_, param, ok := strings.Cut(rest, ".")
	return ok && slices.ContainsFunc(params, func(p graph.Param) bool { return p.Name == param })
}

// encode makes a checkpoint file of c, the model's parameters and states and the optimizer's running values, which belong to the parameters that it stepped last; nil if
// it has stepped none here. Of others it would start afresh.
func (c checkpoint) encode(m *graph.Model, o optim.Optimizer, stepped []gorgonia.Value) (parts, error) {
	state := o.State()
	if stepped != nil && !slices.EqualFunc(stepped, m.Trainable(), func(v gorgonia.Value, p graph.Param) bool { return v == p.Value }) {
		state = state.Afresh()
	}
	c.Optimizer = optimizerState{o.Name(), o.Rate(), state.Steps}
	params := m.Trainable()
	tensors := m.Tensors()
	for slot, values := range state.Slots {
		for i, v := range values {
			tensors = append(tensors, graph.Param{Name: slotName(slot, params[i].Name), Value: v})
		}
	}
	for name, numbers := range state.Numbers {
		tensors = append(tensors, graph.Param{Name: slotPrefix + name, Value: tensor.New(tensor.WithShape(len(numbers)), tensor.WithBacking(slices.Clone(numbers)))})
	}
	meta := map[string]string{"format": checkpointFormat, "seed": fmt.Sprint(c.Seed), "data": c.Data}
	if c.Run != "" {
		meta["run"] = c.Run
	}
	said := map[string]any{"position": c.Position, "optimizer": c.Optimizer, "logs": c.Logs}
	if c.Frozen = m.Frozen(); c.Frozen != nil {
		said["frozen"] = c.Frozen
	}
	for name, v := range said {
		text, err := json.Marshal(v)
		if err != nil {
			return nil, fmt.Errorf("run: %s: %w", name, err)
		}
		meta[name] = string(text)
	}
	return encode(tensors, meta)
}

// describe reads what a checkpoint's header says of it.
func (f *tensorFile) describe() (c checkpoint, err error) {
	if !f.sealed {
		return c, f.errorf("it has no checksum: it is damaged, or not a checkpoint")
	}
	if got := f.meta["format"]; got != checkpointFormat {
		if strings.HasPrefix(got, "stheno checkpoint ") {
			return c, f.blame(f.errorf("its format is %q, this stheno reads %q: use the version that wrote it, or a newer one", got, checkpointFormat))
		}
		return c, f.blame(f.errorf("its format is %q, want %q: it is not a checkpoint", got, checkpointFormat))
	}
	c.Data, c.Run = f.meta["data"], f.meta["run"]
	for name, into := range map[string]any{"position": &c.Position, "optimizer": &c.Optimizer, "seed": &c.Seed, "logs": &c.Logs} {
		if err := json.Unmarshal([]byte(f.meta[name]), into); err != nil {
			return c, f.blame(f.errorf("its header's %s: %w", name, err))
		}
	}
	if frozen, ok := f.meta["frozen"]; ok {
		if err := json.Unmarshal([]byte(frozen), &c.Frozen); err != nil {
			return c, f.blame(f.errorf("its header's frozen: %w", err))
		}
	}
	if p := c.Position; p.Epoch < 0 || p.Batch < 0 || p.Seen < 0 || p.Step > math.MaxInt || c.Optimizer.Steps < 0 || !(c.Optimizer.Rate >= 0) {
		return c, f.blame(f.errorf("its header's position %+v or optimizer %+v is out of range", p, c.Optimizer))
	}
	return c, nil
}

// restore sets model and optimizer to what the checkpoint has. An error leaves the model as it was.
func (f *tensorFile) restore(c checkpoint, m *graph.Model, o optim.Optimizer) (err error) {
	if o.Name() != c.Optimizer.Name {
		return f.blame(f.errorf("its optimizer is %s, the run's is %s", c.Optimizer.Name, o.Name()))
	}
	was := m.Frozen()
	if err := f.freeze(c.Frozen, m); err != nil {
		return err
	}
	defer func() {
		if err != nil && was == nil {
			_ = m.Unfreeze()
		}
	}()
	params := m.Trainable()
	slots := map[string]bool{}
	for name := range f.infos {
		if isSlot(name, params) {
			slot, _, _ := strings.Cut(strings.TrimPrefix(name, slotPrefix), ".")
			slots[slot] = true
		}
	}
	if need := int64(1+len(slots)) * sizeOf(params); need > f.size { // before memory is taken for them
		return f.blame(f.errorf("it has %d bytes, want at least %d for the network and %d running values of each weight: it is another network's", f.size, need, len(slots)))
	}
	state := optim.State{Steps: c.Optimizer.Steps, Slots: map[string][]*tensor.Dense{}}
	kept := m.Tensors()
	all := slices.Clone(kept)
	for _, slot := range slices.Sorted(maps.Keys(slots)) {
		for _, p := range params {
			value := tensor.New(tensor.Of(p.Value.Dtype()), tensor.WithShape(p.Value.Shape()...))
			state.Slots[slot] = append(state.Slots[slot], value)
			all = append(all, graph.Param{Name: slotName(slot, p.Name), Value: value})
		}
	}
	for _, file := range slices.Sorted(maps.Keys(f.infos)) {
		name, shape := numbersName(file), f.infos[file].Shape
		if name == "" {
			continue
		}
		if len(shape) != 1 || shape[0] < 1 || shape[0] > maxNumbers {
			return f.blame(f.errorf("the tensor %s is of shape %v, want one of 1 to %d numbers", file, shape, maxNumbers))
		}
		if state.Numbers == nil {
			state.Numbers = map[string][]float64{}
		}
		state.Numbers[name] = make([]float64, shape[0])
		all = append(all, graph.Param{Name: file, Value: tensor.New(tensor.WithShape(len(state.Numbers[name])), tensor.WithBacking(state.Numbers[name]))})
	}
	if err := f.wants(all, nil); err != nil {
		return err
	}
	data, err := f.data()
	if err != nil {
		return err
	}
	for _, t := range all[len(kept):] {
		if err := f.decode(t, data); err != nil {
			return err
		}
	}
	for _, p := range kept {
		if err := f.finiteIn(p, data); err != nil {
			return err
		}
	}
	rate := o.Rate()
	o.SetRate(c.Optimizer.Rate) // before the state, in which a schedule has the rate that it began with
	if err := o.SetState(state); err != nil {
		o.SetRate(rate)
		return f.errorf("%w", err)
	}
	return f.into(kept, data)
}

// freeze freezes what was frozen when the checkpoint was taken. A model of which other layers are frozen already is refused.
func (f *tensorFile) freeze(layers []string, m *graph.Model) error {
	switch now := m.Frozen(); {
	case slices.Equal(now, layers):
		return nil
	case len(now) > 0:
		return f.blame(f.errorf("its frozen layers are %q, the model's %q: freeze the same ones, or none, which takes the checkpoint's", layers, now))
	}
	if err := m.Freeze(layers...); err != nil {
		return f.blame(f.errorf("its frozen layers: %w", err))
	}
	return nil
}

// sizeOf is the bytes that the parameters take.
func sizeOf(params []graph.Param) (bytes int64) {
	for _, p := range params {
		bytes += int64(p.Value.Shape().TotalSize()) * int64(p.Value.Dtype().Size())
	}
	return bytes
}
