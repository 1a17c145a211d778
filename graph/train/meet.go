package train

import (
	"bytes"
	"crypto/sha256"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"reflect"
	"runtime/debug"
	"strings"
	"sync"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/blas"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/optim"
)

// A trait is what ranks must have in common, in words.
type trait struct{ What, Is string }

// meet compares the ranks before anything is done: what differs would end in other bits, or in waiting for ever. err is what this rank has found wrong by itself.
func meet(m *graph.Model, data datasets.Data, c *Config, err error) error {
	if solitary(c.Ranks) {
		return err
	}
	var mine []byte
	if err == nil {
		var traits []trait
		if traits, err = traitsOf(m, data, c); err == nil {
			mine, err = json.Marshal(traits)
		}
	}
	all, err := gather(c.Ranks, err, mine)
	if err != nil {
		return err
	}
	var first, other []trait
	for rank, text := range all {
		if err := json.Unmarshal(text, &other); err != nil {
			return fmt.Errorf("train: rank %d: %w", rank, errGarbled)
		}
		if rank == 0 {
			first, other = other, nil
			continue
		}
		if len(other) != len(first) {
			return fmt.Errorf("train: rank %d: %w", rank, errGarbled)
		}
		for i, t := range other {
			if t != first[i] {
				return fmt.Errorf("train: rank %d differs from rank 0 in %s: %s, there %s: start the same program on all ranks, with the same data and settings", rank, t.What, t.Is, first[i].Is)
			}
		}
		other = nil
	}
	return nil
}

// traitsOf are this rank's.
func traitsOf(m *graph.Model, data datasets.Data, c *Config) ([]trait, error) {
	samples, err := taste(data)
	if err != nil {
		return nil, err
	}
	engine := blas.Current()
	var metrics, params []string
	for _, metric := range c.Metrics {
		metrics = append(metrics, metric.Name())
	}
	for _, p := range m.Tensors() {
		params = append(params, fmt.Sprintf("%s %v %v", p.Name, p.Value.Shape(), p.Value.Dtype()))
	}
	all := []trait{
		{"its program", program()},
		{"its network", inShort(strings.Join(params, "\n"), m.ParamCount(), "parameters")},
		{"the model's seed", fmt.Sprint(m.Config().Seed)},
		{"its loss", words(losses.Format(c.Loss))(c.Loss)},
		{"its optimizer", words(optim.Format(c.Optimizer))(c.Optimizer)},
		{"its metrics", strings.Join(metrics, ", ")},
		{"the seed", fmt.Sprint(c.Seed)},
		{"the batch size", fmt.Sprint(c.BatchSize)},
		{"the epochs", fmt.Sprint(c.Epochs)},
		{"the shards", fmt.Sprint(c.Shards)},
		{"the data", samples},
	}
	if c.Validation != nil {
		held, err := taste(c.Validation)
		if err != nil {
			return nil, err
		}
		all = append(all, trait{"the validation data", held})
	} else {
		all = append(all, trait{"the validation data", "none"})
	}
	return append(all, trait{"what multiplies", strings.TrimSpace(engine.Name + " " + engine.Version + " " + engine.Kernel)}), nil
}

// program is this one's name and version; where it was built without a version, a hash of its file in place of that.
var program = sync.OnceValue(func() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	all, revision := []string{info.Path, info.Main.Version, info.GoVersion}, false
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" || s.Key == "vcs.modified" || s.Key == "GOARCH" {
			all = append(all, s.Value)
		}
		revision = revision || s.Key == "vcs.modified" && s.Value == "false"
	}
	for _, m := range info.Deps {
		if m.Path == "gorgonia.org/gorgonia" || m.Path == "gorgonia.org/tensor" || m.Path == "github.com/stheno-ml/stheno" {
			all = append(all, m.Path+" "+m.Version)
		}
	}
	if !revision && (info.Main.Version == "" || info.Main.Version == "(devel)" || strings.HasSuffix(info.Main.Version, "+dirty")) {
		if file, err := os.Executable(); err == nil {
			if sum, err := hashOf(file); err == nil {
				all = append(all, "built as "+sum)
			}
		}
	}
	return strings.Join(all, " ")
})

// hashOf is the beginning of a file's SHA-256.
func hashOf(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)[:4]), nil
}

// words is the text of what has one, else its type's name.
func words(text string, err error) func(any) string {
	return func(x any) string {
		if err != nil {
			return reflect.TypeOf(x).String()
		}
		return text
	}
}

// inShort is a count, and a hash of what is too long to print.
func inShort(text string, n int, of string) string {
	sum := sha256.Sum256([]byte(text))
	return fmt.Sprintf("%d %s (%s)", n, of, hex.EncodeToString(sum[:4]))
}

// tasted is how many samples are looked at: each rank reads no more of the data than it must.
const tasted = 32

// taste says what data are: their form, and a hash of some of their samples, from the first to the last.
func taste(data datasets.Data) (string, error) {
	info := data.Info()
	form, err := json.Marshal(struct {
		Inputs, Targets []datasets.Field
		Classes         []string
	}{info.Inputs, info.Targets, info.Classes})
	if err != nil {
		return "", fmt.Errorf("train: %w", err)
	}
	n := min(tasted, data.Len())
	var rows []int
	for i := range n {
		rows = append(rows, i*(data.Len()-1)/max(1, n-1))
	}
	into := datasets.Batch{Weights: make([]float64, n)}
	room := func(fields []datasets.Field) (all []datasets.Values) {
		for _, f := range fields {
			if f.IDs {
				all = append(all, datasets.Values{IDs: make([]int32, n*f.Size())})
			} else {
				all = append(all, datasets.Values{Floats: make([]float32, n*f.Size())})
			}
		}
		return all
	}
	into.Inputs, into.Targets = room(info.Inputs), room(info.Targets)
	if err := data.Read(into, rows, datasets.Draw{}); err != nil {
		return "", fmt.Errorf("train: reading data set %q: %w", info.Name, err)
	}
	content := form
	for _, v := range append(into.Inputs, into.Targets...) {
		content = append(append(content, bytesOf(v.Floats)...), bytesOf(v.IDs)...)
	}
	content = append(content, bytesOf(into.Weights)...)
	return inShort(string(content), data.Len(), "samples"), nil
}

// A start is where rank 0 begins: what the others take over.
type start struct {
	Position Position
	Frozen   []string
	Weights  [][]byte
	Steps    int
	Slots    map[string][]plain
	Numbers  map[string][]float64
}

// A plain is a tensor as it is sent.
type plain struct {
	Shape   []int
	Wide    bool
	Content []byte
}

// follow puts every rank where rank 0 is.
func (f *fit) follow() error {
	r := f.event.Config.Ranks
	if solitary(r) {
		return nil
	}
	m, optimizer := f.event.Model, f.event.Config.Optimizer
	var b bytes.Buffer
	var err error
	if r.Rank() == 0 {
		state := optimizer.State()
		s := start{f.event.Position, m.Frozen(), nil, state.Steps, map[string][]plain{}, state.Numbers}
		for _, p := range m.Tensors() {
			s.Weights = append(s.Weights, raw(p.Value))
		}
		for name, slot := range state.Slots {
			for _, t := range slot {
				s.Slots[name] = append(s.Slots[name], plain{t.Shape(), t.Dtype() == tensor.Float64, raw(t)})
			}
		}
		err = gob.NewEncoder(&b).Encode(s)
	}
	all, err := gather(r, err, b.Bytes())
	if err != nil || r.Rank() == 0 {
		return err
	}
	var s start
	if err := gob.NewDecoder(bytes.NewReader(all[0])).Decode(&s); err != nil {
		return errGarbled
	}
	if err := m.Unfreeze(); err != nil {
		return err
	}
	if len(s.Frozen) > 0 {
		if err := m.Freeze(s.Frozen...); err != nil {
			return err
		}
	}
	if err := setWeights(m, s.Weights); err != nil {
		return err
	}
	state := optim.State{Steps: s.Steps, Slots: map[string][]*tensor.Dense{}, Numbers: s.Numbers}
	for name, slot := range s.Slots {
		for _, p := range slot {
			dt := tensor.Float32
			if p.Wide {
				dt = tensor.Float64
			}
			t := tensor.New(tensor.Of(dt), tensor.WithShape(p.Shape...))
			copy(raw(t), p.Content)
			state.Slots[name] = append(state.Slots[name], t)
		}
	}
	if err := optimizer.SetState(state); err != nil {
		return err
	}
	f.event.Position = s.Position.clone()
	f.event.Running = f.event.Position.running(f.event.Config.Metrics)
	f.stepper.refrozen()
	return nil
}

// setWeights copies what was sent into a model's tensors.
func setWeights(m *graph.Model, all [][]byte) error {
	tensors := m.Tensors()
	if len(all) != len(tensors) {
		return errGarbled
	}
	for i, t := range tensors {
		into := raw(t.Value)
		if len(into) != len(all[i]) {
			return errGarbled
		}
		copy(into, all[i])
	}
	return nil
}

// leaveTogether gives every rank the weights with which rank 0 leaves.
func leaveTogether(r Ranks, m *graph.Model, err error) error {
	if solitary(r) {
		return err
	}
	var b bytes.Buffer
	if r.Rank() == 0 && err == nil {
		var all [][]byte
		for _, p := range m.Tensors() {
			all = append(all, raw(p.Value))
		}
		err = gob.NewEncoder(&b).Encode(all)
	}
	got, err := gather(r, err, b.Bytes())
	if err != nil || r.Rank() == 0 {
		return err
	}
	var all [][]byte
	if err := gob.NewDecoder(bytes.NewReader(got[0])).Decode(&all); err != nil {
		return errGarbled
	}
	return setWeights(m, all)
}
