package datasets

import (
	"fmt"
	"slices"
)

// Reconstruct are the samples of data whose target is an input, as an autoencoder learns them: input "x" as data has it, and as target the input of clean, a sample of the same row. clean is
// nil where an input is its own target; with noise on data and none on clean it is what is to be found under the noise. Both have one input, of the same shape, of numbers. The targets and
// classes that data has are left out.
func Reconstruct(data, clean Data) (Data, error) {
	if err := given(data); err != nil {
		return nil, err
	}
	info := data.Info()
	if len(info.Inputs) != 1 || info.Inputs[0].IDs {
		return nil, fmt.Errorf("datasets: %s: reconstruct: it has %d inputs, or one of ids, want one of numbers", info.Name, len(info.Inputs))
	}
	if isNil(clean) {
		clean = nil
	} else if to := clean.Info(); clean.Len() != data.Len() || len(to.Inputs) != 1 || to.Inputs[0].IDs || !slices.Equal(to.Inputs[0].Shape, info.Shape()) {
		return nil, fmt.Errorf("datasets: %s: reconstruct: its %d samples have shape %v, the clean ones of %s, %d, have inputs %v: want the same samples twice", info.Name, data.Len(), info.Shape(), to.Name, clean.Len(), to.Inputs)
	}
	target := info.Inputs[0]
	info.Targets, info.Classes, info.Source = []Field{target}, nil, nil
	return &reconstruct{data: data, clean: clean, info: info}, nil
}

// reconstruct is data whose target is an input.
type reconstruct struct {
	data, clean Data // clean is nil where it is data
	info        Info
}

func (d *reconstruct) Len() int   { return d.data.Len() }
func (d *reconstruct) Info() Info { return d.info }
func (d *reconstruct) Slow() bool { return isSlow(d.data) || d.clean != nil && isSlow(d.clean) }

func (d *reconstruct) Read(b Batch, rows []int, draw Draw) error {
	if err := d.info.check(b, rows, d.Len()); err != nil {
		return err
	}
	if err := d.data.Read(Batch{Inputs: b.Inputs, Weights: b.Weights}, rows, draw); err != nil {
		return err
	}
	if len(b.Targets) == 0 || b.Targets[0].Floats == nil {
		return nil
	}
	if d.clean == nil && len(b.Inputs) > 0 && b.Inputs[0].Floats != nil { // what was read just now
		n := len(rows) * d.info.Inputs[0].Size()
		copy(b.Targets[0].Floats[:n], b.Inputs[0].Floats[:n])
		return nil
	}
	from := d.clean
	if from == nil {
		from = d.data
	}
	return from.Read(Batch{Inputs: b.Targets}, rows, draw)
}
