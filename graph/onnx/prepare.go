package onnx

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
)

// ErrPreparation is of a preparation that ONNX can't do as a part of the network: samples are to be prepared before they come to it, and Options.Prepared left out.
var ErrPreparation = errors.New("onnx: the preparation of samples can't be part of the file")

// A raw input is what the file takes of a sample before it is prepared, and what has become of it after the steps so far.
type raw struct {
	datasets.Field
	value string
}

// category says whether samples come as the texts that are their categories.
func category(f datasets.Field) bool { return f.IDs && f.Values != nil }

// rawInputs are what the preparation was fitted on, and their ValueInfoProtos: numbers, in the order of the names in the document string, NaN where one is missing; texts of a column of categories, the empty one where it
// is missing; ids.
func (e *Exporter) rawInputs(m *graph.Model, text string) (*preparation, message, error) {
	p := &preparation{Preparation: &datasets.Preparation{}}
	if err := json.Unmarshal([]byte(text), p.Preparation); err != nil { // which checks it
		return nil, nil, fmt.Errorf("onnx: the model's preparation: %w", err)
	}
	if err := json.Unmarshal([]byte(text), &p.form); err != nil {
		return nil, nil, fmt.Errorf("onnx: the model's preparation: %w", err)
	}
	var in message
	for _, f := range p.form.Inputs {
		if f.Text {
			return nil, nil, fmt.Errorf("%w: column %q is of texts to be read word by word", ErrPreparation, f.Name)
		}
		name, kind := f.Name, int64(float32Type)
		if len(p.form.Inputs) == 1 && len(m.Inputs()) == 1 {
			in := m.Inputs()[0]
			if name = in.Name; size(f.Shape) == size(in.Shape) && p.byValue() { // pixels may come as the row that the network takes
				f.Shape = in.Shape
			}
		}
		switch {
		case category(f):
			kind = stringType
		case f.IDs:
			kind = int32Type
		}
		info := valueInfo(e.unique(name), kind, f.Shape)
		if f.Names != nil {
			info = info.Text(3, "columns: "+strings.Join(f.Names, ", ")) // doc_string
		}
		in = in.Bytes(11, info)
		p.raw = append(p.raw, raw{f, name})
	}
	return p, in, nil
}

// A preparation is one in the form in which a model keeps it, whose steps are what is written.
type preparation struct {
	*datasets.Preparation
	form struct {
		Inputs []datasets.Field             `json:"inputs"`
		Steps  []map[string]json.RawMessage `json:"steps"`
	}
	raw []raw
}

// byValue says whether the steps look at each value alone, whatever the shape of a sample.
func (p *preparation) byValue() bool {
	for _, step := range p.form.Steps {
		for word := range step {
			if word != "affine" && word != "fill-missing" {
				return false
			}
		}
	}
	return true
}

// A fitted step, as its JSON has it: of affine, fill-missing, one-hot and categories, resize.
type fitted struct {
	Offset, Factor map[string][]float64
	Fill           map[string][]float32
	Of             map[string][]string
	Gap            map[string]bool
	Height, Width  int
}

// prepare puts what the preparation does to a sample before the model's inputs.
func (e *Exporter) prepare(m *graph.Model, p *preparation) error {
	e.layer.Name = "preparation"
	now := p.raw
	for _, step := range p.form.Steps {
		for word, text := range step {
			var s fitted
			if err := json.Unmarshal(text, &s); err != nil {
				return fmt.Errorf("onnx: the model's preparation: %w", err)
			}
			switch word {
			case "affine":
				e.scaled(now, s)
			case "fill-missing":
				e.fill(now, s)
			case "one-hot":
				now = e.hot(now, s)
			case "categories":
				e.numbered(now, s)
			case "resize", "grey", "transpose":
				if err := e.pictures(now, word, s); err != nil {
					return err
				}
			default:
				return fmt.Errorf("%w: its step %q has no form in ONNX", ErrPreparation, word)
			}
		}
	}
	in := m.Inputs()
	if len(now) != len(in) {
		return fmt.Errorf("%w: it comes to %d inputs, for a model of %d", ErrPreparation, len(now), len(in))
	}
	for _, i := range in {
		at := slices.IndexFunc(now, func(r raw) bool { return r.Name == i.Name })
		if len(in) == 1 {
			at = 0
		}
		switch {
		case at < 0:
			return fmt.Errorf("%w: it has no input %q, which the model wants", ErrPreparation, i.Name)
		case size(now[at].Shape) != size(i.Shape) || now[at].IDs != i.IDs:
			return fmt.Errorf("%w: input %q comes to shape %v, the model takes %v", ErrPreparation, i.Name, now[at].Shape, i.Shape)
		}
		x := now[at].value
		if !slices.Equal(now[at].Shape, i.Shape) {
			x = e.Reshape(x, i.Shape...)
		}
		e.prepared[i.Name], e.shapes[x], e.ids[x] = x, i.Shape, i.IDs
	}
	return e.err
}

// scaled is (v − offset)·factor, of numbers.
func (e *Exporter) scaled(now []raw, s fitted) {
	for i, r := range now {
		offset, factor := s.Offset[r.Name], s.Factor[r.Name]
		if r.IDs || len(offset) == 0 {
			continue
		}
		shift, far := make([]float64, len(offset)), false
		for j, o := range offset {
			shift[j] = -o * factor[j]
			far = far || math.Abs(shift[j]) > 16
		}
		if !far {
			now[i].value = e.affinely(r.value, r.Shape, factor, shift)
			continue
		}
		// Of numbers that are far from 0, such as years, float32 would lose what they differ in if they were multiplied first.
		near := make([]float64, len(offset))
		for j, o := range offset {
			near[j] = -float64(float32(o))
			shift[j] = -(o + near[j]) * factor[j]
		}
		now[i].value = e.affinely(e.affinely(r.value, r.Shape, nil, near), r.Shape, factor, shift)
	}
}

// fill puts numbers where there are none.
func (e *Exporter) fill(now []raw, s fitted) {
	for i, r := range now {
		if fill := s.Fill[r.Name]; !r.IDs && len(fill) > 0 {
			shape := []int{len(fill)}
			if len(r.Shape) == 0 {
				shape = nil
			}
			values := fill
			if n := size(r.Shape); n != len(fill) && (len(r.Shape) == 0 || r.Shape[len(r.Shape)-1] != len(fill)) { // they repeat otherwise than along the last axis
				shape, values = r.Shape, make([]float32, n)
				for k := range values {
					values[k] = fill[k%len(fill)]
				}
			}
			now[i].value = e.Node("Where", []string{e.Node("IsNaN", []string{r.value}), e.Floats("fill", shape, values...), r.value})
		}
	}
}

// told says of texts which of the categories each is, along a new last axis, as numbers of that type.
func (e *Exporter) told(r raw, categories []string, kind int) string {
	x := e.Node("Unsqueeze", []string{r.value, e.Ints("last", -1)})
	return e.Node("Cast", []string{e.Node("Equal", []string{x, e.strings("categories", categories)})}, Attr{"to", kind})
}

// hot makes columns of 0 and 1 of categories, behind those of input "x".
func (e *Exporter) hot(now []raw, s fitted) []raw {
	x := raw{Field: datasets.Field{Name: "x"}}
	var parts []string
	var rest []raw
	width := 0
	if at := slices.IndexFunc(now, func(r raw) bool { return r.Name == "x" && !r.IDs }); at >= 0 && len(s.Of) > 0 {
		x = now[at]
		parts, width = append(parts, x.value), x.Shape[len(x.Shape)-1]
	}
	for _, r := range now {
		categories, coded := s.Of[r.Name]
		switch {
		case coded:
			if s.Gap[r.Name] {
				categories = append(slices.Clone(categories), "")
			}
			if len(categories) > 0 {
				parts, width = append(parts, e.told(r, categories, float32Type)), width+len(categories)
				x.Shape = append(slices.Clone(r.Shape), width)
			}
		case len(parts) == 0 || r.Name != "x":
			rest = append(rest, r)
		}
	}
	switch len(parts) {
	case 0:
		return rest
	case 1:
		x.value = parts[0]
	default:
		x.value = e.Node("Concat", parts, Attr{"axis", -1})
	}
	return append([]raw{x}, rest...)
}

// numbered makes ids of categories, from 1 on; 0 is another.
func (e *Exporter) numbered(now []raw, s fitted) {
	for i, r := range now {
		categories, coded := s.Of[r.Name]
		if !coded {
			continue
		}
		if len(categories) == 0 {
			categories = []string{""} // of which nothing is told; a missing one is 0 too
		}
		ids := make([]int32, len(categories))
		for k, category := range categories {
			if category != "" {
				ids[k] = int32(k + 1)
			}
		}
		y := e.Node("Mul", []string{e.told(r, categories, int32Type), e.int32s("ids", ids)})
		now[i].value = e.Node("ReduceSum", []string{y, e.Ints("last", -1)}, Attr{"keepdims", 0})
	}
}

// pictures are resized, made grey, or turned on their side.
func (e *Exporter) pictures(now []raw, word string, s fitted) error {
	for i, r := range now {
		n := len(r.Shape)
		if r.IDs || r.Names != nil || n != 2 && (n != 3 || r.Shape[2] > 4) { // as datasets tells pictures
			continue
		}
		h, w, channels := r.Shape[0], r.Shape[1], 1
		if n == 3 {
			channels = r.Shape[2]
		}
		to := &now[i]
		switch word {
		case "transpose":
			to.value = e.Transpose(r.value, []int{0, 2, 1, 3}[:n+1]...)
			to.Shape = append([]int{w, h}, r.Shape[2:]...)
		case "grey":
			if n == 3 {
				light := make([]float32, channels)
				if light[0] = 1; channels >= 3 {
					copy(light, []float32{.299, .587, .114})
				}
				to.value = e.Reshape(e.Node("MatMul", []string{r.value, e.Floats("light", []int{channels, 1}, light...)}), h, w)
			}
			to.Shape = []int{h, w}
		case "resize":
			rows, err := shares(h, s.Height)
			if err != nil {
				return err
			}
			columns, err := shares(w, s.Width)
			if err != nil {
				return err
			}
			// One axis after the other, each a product with what every pixel counts in every new one.
			x := e.Node("MatMul", []string{e.Floats("rows", []int{s.Height, h}, rows...), e.Reshape(r.value, h, w*channels)})
			x = e.Node("MatMul", []string{e.Floats("columns", []int{s.Width, w}, columns...), e.Reshape(x, s.Height, w, channels)})
			to.Shape = append([]int{s.Height, s.Width}, r.Shape[2:]...)
			to.value = e.Reshape(x, to.Shape...)
		}
	}
	return nil
}

// shares are what each of from pixels in a row counts in each of to, [to, from], as the preparation draws it.
func shares(from, to int) ([]float32, error) {
	ones := make([]float32, from*from)
	order := make([]int, from)
	for i := range from {
		ones[i*from+i], order[i] = 1, i
	}
	lines, err := datasets.NewArrays("pixels", []datasets.Array{{Name: "x", Shape: []int{from, 1}, Floats: ones}}, nil)
	if err != nil {
		return nil, err
	}
	p, err := datasets.Prepare(lines, datasets.Resize{Height: to, Width: 1})
	if err != nil {
		return nil, err
	}
	drawn := make([]float32, from*to)
	if err := p.On(lines).Read(datasets.Batch{Inputs: []datasets.Values{{Floats: drawn}}}, order, datasets.Draw{}); err != nil {
		return nil, err
	}
	all := make([]float32, to*from)
	for i := range from {
		for k := range to {
			all[k*from+i] = drawn[i*to+k]
		}
	}
	return all, nil
}

// restore brings the first output back to the units of the targets.
func (e *Exporter) restore(m *graph.Model, p *datasets.Preparation, y string) string {
	shape := m.Outputs()[0].Shape
	n := size(shape)
	zero, one := make([]float32, n), make([]float32, n)
	for i := range one {
		one[i] = 1
	}
	p.Restore(zero) // it multiplies and adds, so two answers say it all
	p.Restore(one)
	factor, shift := make([]float64, n), make([]float64, n)
	same := true
	for i := range one {
		factor[i], shift[i] = float64(one[i])-float64(zero[i]), float64(zero[i])
		same = same && zero[i] == 0 && one[i] == 1
	}
	if same {
		return y
	}
	e.layer.Name = "restored"
	return e.affinely(y, shape, factor, shift)
}

func size(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// affinely is x·factor + shift, with as many numbers as x has values of a sample, or a part of them that repeats; no factor is 1.
func (e *Exporter) affinely(x string, shape []int, factor, shift []float64) string {
	n := size(shape)
	if len(shift) == 1 {
		shape, n = nil, 1
	}
	by, plus := make([]float32, n), make([]float32, n)
	adds := false
	for i := range n {
		if factor != nil {
			by[i] = float32(factor[i%len(factor)])
		}
		plus[i] = float32(shift[i%len(shift)])
		adds = adds || plus[i] != 0
	}
	if factor != nil {
		x = e.Node("Mul", []string{x, e.Floats("factor", shape, by...)})
	}
	if adds {
		x = e.Node("Add", []string{x, e.Floats("shift", shape, plus...)})
	}
	return x
}
