package run

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
)

// modelFormat is what a model file's header calls itself; the number goes up when an older stheno could not read it.
const modelFormat = "stheno model 1"

// maxNetwork is the most bytes that a network's words may take in a file.
const maxNetwork = 1 << 19

// SaveModel writes a model to a file from which LoadModel makes it again, without the program that built it: its network in words, its parameters and states, and what is known of it
// (graph.Model.About). It is a safetensors file with a checksum, in place of what was at path; its metadata are
//
//	format       "stheno model 1"
//	network      as layers.Parse reads it, with its inputs
//	inputs       [{"name":"x","shape":[28,28],"ids":false}]
//	outputs      [{"name":"output","shape":[10]}]
//	float64      "true" where its numbers are float64
//	seed         graph.Config.Seed
//	frozen       the names of the layers that are
//	loss, classes, preparation, run      as graph.About has them
//	sha256       of the file, with zeros in its place
//
// of which inputs, outputs, frozen and classes are JSON, and those that say nothing are left out. A network with a layer that no word is registered for is an error that names
// it; its weights alone can be written by SaveWeights. So are weights that are not finite. prepare is what was done to the samples that it was trained on; where it is nil, the model's About
// says it.
func SaveModel(path string, m *graph.Model, prepare *datasets.Preparation) error {
	file, err := modelFile(path, m, prepare)
	if err != nil {
		return err
	}
	return writePath(path, file...)
}

// WriteModel writes what SaveModel does, elsewhere than to a file.
func WriteModel(w io.Writer, m *graph.Model, prepare *datasets.Preparation) error {
	if w == nil {
		return errors.New("run: got a nil writer, want where the model is to be written")
	}
	file, err := modelFile("a model file", m, prepare)
	if err != nil {
		return err
	}
	for _, part := range file {
		if _, err := w.Write(part); err != nil {
			return fmt.Errorf("run: writing a model: %w", err)
		}
	}
	return nil
}

// modelFile is what is written; path is for errors.
func modelFile(path string, m *graph.Model, prepare *datasets.Preparation) (parts, error) {
	if m == nil || len(m.Outputs()) == 0 {
		return nil, errNoModel(path)
	}
	about := m.About()
	if prepare != nil {
		text, err := json.Marshal(prepare)
		if err != nil {
			return nil, fmt.Errorf("run: %s: the preparation: %w", path, err)
		}
		about.Preparation = string(text)
	}
	file, err := encodeModel(m, about)
	if err != nil {
		return nil, fmt.Errorf("run: %s: %w", path, err)
	}
	return file, nil
}

func encodeModel(m *graph.Model, about graph.About) (parts, error) {
	network, err := layers.Format(m.Net())
	if err != nil {
		return nil, fmt.Errorf("the network cannot be written in words: %w; its weights alone can be kept, by run.SaveWeights or stheno export", err)
	}
	if len(network) > maxNetwork {
		return nil, fmt.Errorf("the network in words has %d bytes, want at most %d", len(network), maxNetwork)
	}
	if bad := notFinite(m.Tensors()); bad != "" {
		return nil, fmt.Errorf("%s has numbers that are not finite: its training diverged, take weights from before", bad)
	}
	c := m.Config()
	if _, err := preparation(about, m); err != nil {
		return nil, err
	}
	meta := map[string]string{"format": modelFormat, "network": network, "seed": fmt.Sprint(c.Seed)}
	if c.Float64 {
		meta["float64"] = "true"
	}
	for name, v := range map[string]string{"loss": about.Loss, "preparation": about.Preparation, "run": about.Run} {
		if v != "" {
			meta[name] = v
		}
	}
	if out := m.Outputs()[0]; len(about.Classes) > 0 {
		n := 1
		if len(out.Shape) > 0 {
			n = out.Shape[len(out.Shape)-1]
		}
		if len(about.Classes) > n && !(n == 1 && len(about.Classes) == 2) { // fewer may be of data that lack the last
			return nil, fmt.Errorf("got %d names of classes for %s, which tells %d apart: give it as many, by SetAbout, or none", len(about.Classes), out.Name, n)
		}
	}
	said := map[string]any{"inputs": inputsOf(m), "outputs": outputsOf(m)}
	if about.Classes != nil {
		said["classes"] = about.Classes
	}
	if frozen := m.Frozen(); frozen != nil {
		said["frozen"] = frozen
	}
	for name, v := range said {
		text, err := json.Marshal(v)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		meta[name] = string(text)
	}
	// A layer of one's own may be registered and yet hold what its text does not say.
	own := map[string]*tensor.Dense{}
	for _, p := range m.Tensors() {
		own[p.Name] = p.Value
	}
	again, err := restore(network, c, func(name string, _ []int) (*tensor.Dense, error) {
		if own[name] == nil {
			return nil, errors.New("the model has none of that name")
		}
		return own[name], nil
	})
	if err == nil && (len(again.Tensors()) != len(own) || !reflect.DeepEqual(outputsOf(m), outputsOf(again))) {
		err = fmt.Errorf("it has %d tensors and the outputs %v, the model %d and %v", len(again.Tensors()), outputsOf(again), len(own), outputsOf(m))
	}
	if err != nil {
		return nil, fmt.Errorf("the network that its words make is another: a layer has settings that its text does not say: %w", err)
	}
	return encode(m.Tensors(), meta)
}

// About is what a run knows of its model: its loss, its classes, and what is done to its samples, a scale among it.
func (c Config) About() (graph.About, error) {
	a := graph.About{Classes: c.Classes, Run: c.id}
	if c.Experiment.Reconstruct {
		a.Classes = nil // which the data have, but are not its target
	}
	if _, err := losses.Parse(c.Experiment.Loss); err == nil {
		a.Loss = c.Experiment.Loss
	}
	if c.Preparation != nil {
		text, err := json.Marshal(c.Preparation)
		a.Preparation = string(text)
		return a, err
	}
	if scale := c.Experiment.Scale; scale != 0 && scale != 1 {
		one, err := datasets.New("samples", c.Shape, make([]float32, c.Inputs()), []int{0}, nil) // a step that scales looks at no value
		if err != nil {
			return a, err
		}
		prepare, err := datasets.Prepare(one, datasets.Scale{Factor: float64(scale)})
		if err != nil {
			return a, err
		}
		text, err := json.Marshal(prepare)
		if err != nil {
			return a, err
		}
		a.Preparation = string(text)
	}
	return a, nil
}

// restore makes a network of its words, with values that are given.
func restore(network string, c graph.Config, values graph.Source) (*graph.Model, error) {
	all, err := layers.Parse(network)
	if err != nil {
		return nil, err
	}
	return graph.Restore(graph.Config{Seed: c.Seed, Float64: c.Float64}, values, all...)
}

// An end is an input or an output, for other programs that read the file.
type end struct {
	Name  string `json:"name"`
	Shape []int  `json:"shape"`
	IDs   bool   `json:"ids,omitempty"`
}

func inputsOf(m *graph.Model) (all []end) {
	for _, in := range m.Inputs() {
		all = append(all, end{in.Name, append([]int{}, in.Shape...), in.IDs})
	}
	return all
}

func outputsOf(m *graph.Model) (all []end) {
	for _, o := range m.Outputs() {
		all = append(all, end{Name: o.Name, Shape: append([]int{}, o.Shape...)})
	}
	return all
}

// preparation reads the one of a model; nil where there is none.
func preparation(about graph.About, m *graph.Model) (*datasets.Preparation, error) {
	if about.Preparation == "" {
		return nil, nil
	}
	p := &datasets.Preparation{}
	if err := json.Unmarshal([]byte(about.Preparation), p); err != nil {
		return nil, fmt.Errorf("the preparation of its samples: %w", err)
	}
	if gives, takes := p.Inputs(), m.Inputs(); len(gives) == 1 && len(takes) == 1 && (gives[0].Size() != takes[0].Size() || gives[0].IDs != takes[0].IDs) {
		return nil, fmt.Errorf("the preparation of its samples gives %d values, the model takes %d of shape %v: it is another model's", gives[0].Size(), takes[0].Size(), takes[0].Shape)
	}
	return p, nil
}

// LoadModel makes a model of a file of SaveModel: the same network with the same weights and seed, and all that was known of it, with what is to be done to samples before it sees
// them, prepare.On; nil where that is nothing. The program must import the packages that register the
// network's words, which for those of package layers this one does. A file that is damaged, another program's, a newer stheno's, or whose tensors are not those of its network is an
// error that says so; what memory it takes follows the file's real size.
func LoadModel(path string) (m *graph.Model, prepare *datasets.Preparation, err error) {
	r, size, err := openPath(path)
	if err != nil {
		return nil, nil, err
	}
	err = withTensors(path, r, size, func(f *tensorFile) error {
		m, prepare, err = f.model()
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	return m, prepare, nil
}

// IsModel says whether there is a model file at path: one that calls itself so, be it damaged or a newer stheno's.
func IsModel(path string) bool {
	r, size, err := openPath(path)
	if err != nil {
		return false
	}
	is := false
	_ = withTensors(path, r, size, func(f *tensorFile) error {
		is = strings.HasPrefix(f.meta["format"], "stheno model ")
		return nil
	})
	return is
}

// model makes the model of a file whose header was read.
func (f *tensorFile) model() (*graph.Model, *datasets.Preparation, error) {
	switch got := f.meta["format"]; {
	case got == modelFormat && f.sealed:
	case got == modelFormat:
		return nil, nil, f.errorf("it has no checksum: it is damaged, or was changed")
	case strings.HasPrefix(got, "stheno model "):
		return nil, nil, f.blame(f.errorf("its format is %q, this stheno reads %q: it was written by a newer one, update", got, modelFormat))
	case strings.HasPrefix(got, "stheno checkpoint "):
		return nil, nil, f.blame(f.errorf("it is a run's checkpoint, want a model file: write one of the run by stheno save"))
	default:
		return nil, nil, f.blame(f.errorf("it holds weights and says nothing of their network, want a model file, of run.SaveModel or stheno save: weights alone are read into a model by run.LoadWeights"))
	}
	m, err := f.network()
	if err != nil {
		return nil, nil, f.blame(err)
	}
	prepare, err := preparation(m.About(), m)
	if err != nil {
		return nil, nil, f.blame(f.errorf("%w", err))
	}
	return m, prepare, f.fill(m.Tensors())
}

// network makes the network, with room for its tensors, each found in the file before it is made.
func (f *tensorFile) network() (*graph.Model, error) {
	c := graph.Config{Float64: f.meta["float64"] == "true"}
	var err error
	if c.Seed, err = strconv.ParseUint(f.meta["seed"], 10, 64); err != nil {
		return nil, f.errorf("its seed is %q, want a whole number: the file is damaged", f.meta["seed"])
	}
	var inputs, outputs []end
	var frozen []string
	about := graph.About{Loss: f.meta["loss"], Preparation: f.meta["preparation"], Run: f.meta["run"]}
	for name, into := range map[string]any{"inputs": &inputs, "outputs": &outputs, "classes": &about.Classes, "frozen": &frozen} {
		if text, ok := f.meta[name]; ok {
			if err := json.Unmarshal([]byte(text), into); err != nil {
				return nil, f.errorf("its %s are %.40q: %w", name, text, err)
			}
		}
	}
	if len(f.meta["network"]) > maxNetwork {
		return nil, f.errorf("its network in words has %d bytes, want at most %d", len(f.meta["network"]), maxNetwork)
	}
	var lacks error // which says more than that the network could not be made
	m, err := restore(f.meta["network"], c, f.room(c.Float64, &lacks))
	if lacks != nil {
		return nil, lacks
	}
	if err != nil {
		return nil, f.errorf("its network: %w", err)
	}
	if err := f.wants(m.Tensors(), nil); err != nil {
		return nil, err
	}
	if !reflect.DeepEqual(inputs, inputsOf(m)) || !reflect.DeepEqual(outputs, outputsOf(m)) {
		return nil, f.errorf("its inputs and outputs are %v and %v, those of its network %v and %v: it was changed", inputs, outputs, inputsOf(m), outputsOf(m))
	}
	if len(frozen) > 0 {
		if err := m.Freeze(frozen...); err != nil {
			return nil, f.errorf("its frozen layers: %w", err)
		}
	}
	m.SetAbout(about)
	return m, nil
}

// fill reads the file's data into tensors that are all of its own, once wants has found them so, and compares the checksum.
func (f *tensorFile) fill(tensors []graph.Param) error {
	tensors = slices.Clone(tensors)
	slices.SortFunc(tensors, func(a, b graph.Param) int { // as they stand in the file, without gaps
		x, y := f.infos[a.Name].DataOffsets, f.infos[b.Name].DataOffsets
		return cmp.Or(cmp.Compare(x[0], y[0]), cmp.Compare(x[1], y[1]))
	})
	sum, h, _ := unseal(f.head)
	data := io.TeeReader(f.r, h)
	raw := make([]byte, 1<<16)
	for _, t := range tensors {
		at := f.infos[t.Name].DataOffsets
		for done := uint64(0); done < at[1]-at[0]; {
			piece := raw[:min(uint64(len(raw)), at[1]-at[0]-done)]
			if _, err := io.ReadFull(data, piece); err != nil {
				return f.errorf("reading the tensors: %w", bare(err))
			}
			decodeAt(t.Value, int(done), piece)
			done += uint64(len(piece))
		}
	}
	if !bytes.Equal(sum, h.Sum(nil)) {
		return f.damaged()
	}
	if bad := notFinite(tensors); bad != "" {
		return f.errorf("%s has numbers that are not finite: it was changed", bad)
	}
	return nil
}
