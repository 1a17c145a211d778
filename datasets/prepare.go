package datasets

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// A Preparation is what is done to samples before a model sees them, as it was fitted on the training samples: the same for those it is tested on, and for those it is asked
// about later. It is part of the model: what was learnt is of no use to samples prepared in another way. [Prepare] makes it, [Preparation.On] does it; as JSON it is kept in
// the model's file. It never changes.
type Preparation struct {
	source  *Source
	inputs  []Field // before
	steps   []operation
	targets *affine // nil: as they are
	text    string
}

// A Step is one thing to be done to the inputs, or to the targets: [FillMissing], [OneHot], [Categories], [Standardize], [MinMax], [Scale], [Invert], [Resize], [Grey],
// [Transpose], [Words], [StandardizeTarget].
type Step interface {
	// String is the step as text, as [ParseSteps] reads it.
	String() string
	// fit looks at the training samples, as the steps before left them.
	fit(f *fitting) (operation, error)
}

// An operation is a step that was fitted.
type operation interface {
	// word is what it is called in JSON, where its exported fields are kept.
	word() string
	// bind says what becomes of inputs, and how. run writes one sample's.
	bind(in []Field) (out []Field, run func(in, out []Values), err error)
}

// A stage is an operation on certain data.
type stage struct {
	out []Field
	run func(in, out []Values)
}

// Prepare fits the steps on data, which must be the training part alone: what is learnt of the rest, be it a mean, is a look at what is to be foretold. Each step sees what the
// ones before it left. Columns of texts want [OneHot] or [Categories]; missing numbers want [FillMissing].
//
//	prepare, err := datasets.Prepare(fit, datasets.FillMissing{}, datasets.OneHot{}, datasets.Standardize{})
//	fit, held = prepare.On(fit), prepare.On(held)
func Prepare(data Data, steps ...Step) (*Preparation, error) {
	if err := given(data); err != nil {
		return nil, err
	}
	info := data.Info()
	if info.Preparation != nil {
		return nil, fmt.Errorf("datasets: %s: it is prepared already, by %s: put all steps in one Prepare, so that a model knows them all", info.Name, info.Preparation)
	}
	p := &Preparation{source: info.Source.clone(), inputs: cloneFields(info.Inputs), text: stepsText(steps)}
	for i := range p.inputs {
		if p.inputs[i].Text {
			p.inputs[i].Values = nil // which may be a whole library
		}
	}
	f := &fitting{data: data, fields: info.Inputs}
	for i, step := range steps {
		if step == nil {
			return nil, fmt.Errorf("datasets: got nil as step %d of %d, want a step, such as datasets.Standardize{}", i+1, len(steps))
		}
		op, err := step.fit(f)
		if err == nil {
			if target, ok := op.(*targetAffine); ok {
				p.targets = &target.affine
				continue
			}
			err = f.then(op)
		}
		if err != nil {
			return nil, fmt.Errorf("datasets: %s: preparation, step %d, %s: %w", info.Name, i+1, step, err)
		}
		p.steps = append(p.steps, op)
	}
	for _, field := range f.fields {
		if field.Text {
			return nil, fmt.Errorf("datasets: %s: preparation: column %q is of texts to be read, want the step words (Words{}), or the column in Ignore (--ignore)", info.Name, field.Name)
		}
		if f.category(field) {
			return nil, fmt.Errorf("datasets: %s: preparation: column %q is of texts, want the step one-hot (OneHot{}) or categories (Categories{}), or the column in Ignore (--ignore)", info.Name, field.Name)
		}
	}
	// What is missing is said now, not in the middle of an epoch.
	prepared := p.On(data)
	for _, rows := range Batches(inOrder(data.Len()), 4096) {
		if !slices.ContainsFunc(info.Inputs, func(f Field) bool { return f.Names != nil }) {
			break
		}
		if err := prepared.Read(roomFor(f.fields, len(rows)), rows, Draw{}); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// roomFor is a batch for samples of those inputs.
func roomFor(fields []Field, samples int) Batch {
	b := Batch{Inputs: make([]Values, len(fields))}
	for i, f := range fields {
		if n := samples * f.Size(); f.IDs {
			b.Inputs[i].IDs = make([]int32, n)
		} else {
			b.Inputs[i].Floats = make([]float32, n)
		}
	}
	return b
}

// A fitting is data, and the steps fitted so far.
type fitting struct {
	data   Data
	fields []Field
	stages []stage
	coded  []string // inputs of ids that Categories has made
}

// category says whether a field is a column of categories that no step has made anything of: one a sample, or one at each time of a window.
func (f *fitting) category(field Field) bool {
	return isCategory(field) && !field.Text && field.Values != nil && !slices.Contains(f.coded, field.Name) && (len(field.Shape) == 0 || f.data.Info().Reach > 1)
}

func (f *fitting) then(op operation) error {
	out, run, err := op.bind(f.fields)
	if err != nil {
		return err
	}
	if c, ok := op.(*coding); ok {
		for name := range c.Of {
			f.coded = append(f.coded, name)
		}
	}
	if w, ok := op.(*wording); ok {
		for name := range w.Of {
			f.coded = append(f.coded, name)
		}
	}
	f.fields, f.stages = out, append(f.stages, stage{out, run})
	return nil
}

// each shows every sample as the steps so far leave it; of windows as many as show every row of the series.
func (f *fitting) each(see func(sample []Values)) error {
	s := newScratch(f.data.Info().Inputs, f.stages)
	order := inOrder(f.data.Len())
	if info := f.data.Info(); info.Reach > 1 { // each row of a series once, or nearly
		var apart []int
		for at := 0; at < len(order); at += max(1, info.Shape()[0]) {
			apart = append(apart, at)
		}
		if last := len(order) - 1; apart[len(apart)-1] != last {
			apart = append(apart, last)
		}
		order = apart
	}
	for _, rows := range Batches(order, 256) {
		if err := s.read(f.data, Batch{}, rows, Draw{}); err != nil {
			return err
		}
		for i := range rows {
			see(s.sample(i))
		}
	}
	return nil
}

// scratch is room to prepare samples in.
type scratch struct {
	in     []Field
	stages []stage
	raw    []Values   // a batch as it was read
	cut    []Values   // one sample of it
	rooms  [][]Values // after each stage
}

func newScratch(in []Field, stages []stage) *scratch {
	s := &scratch{in: in, stages: stages, raw: make([]Values, len(in)), cut: make([]Values, len(in))}
	for _, st := range stages {
		s.rooms = append(s.rooms, roomFor(st.out, 1).Inputs)
	}
	return s
}

// read reads samples as they are, with whatever else b wants of them.
func (s *scratch) read(data Data, b Batch, rows []int, draw Draw) error {
	for i, f := range s.in {
		n := len(rows) * f.Size()
		if f.IDs {
			s.raw[i].IDs = slices.Grow(s.raw[i].IDs[:0], n)[:n]
		} else {
			s.raw[i].Floats = slices.Grow(s.raw[i].Floats[:0], n)[:n]
		}
	}
	b.Inputs = s.raw
	return data.Read(b, rows, draw)
}

// sample is one of those read, prepared; it is good until the next.
func (s *scratch) sample(i int) []Values {
	for k, f := range s.in {
		n := f.Size()
		if f.IDs {
			s.cut[k].IDs = s.raw[k].IDs[i*n : (i+1)*n]
		} else {
			s.cut[k].Floats = s.raw[k].Floats[i*n : (i+1)*n]
		}
	}
	at := s.cut
	for k, st := range s.stages {
		st.run(at, s.rooms[k])
		at = s.rooms[k]
	}
	return at
}

// On is the data prepared, with Info().Preparation set, so that package train keeps it with the model: a Data around them, that prepares samples as they are read. Data whose inputs are not of the kind that the preparation was fitted on, such as
// another table's columns, are an error of every Read. Categories are found by what they are called, so another file may number them otherwise; one that the training
// samples did not have counts as none of theirs.
func (p *Preparation) On(data Data) Data {
	d := &prepared{}
	if p == nil {
		d.err = errors.New("datasets: got no preparation (nil), want one: look at the error of datasets.Prepare")
		return d
	}
	d.info.Inputs = p.Inputs()
	if d.err = given(data); d.err != nil {
		return d
	}
	d.data, d.info = data, data.Info()
	in := d.info.Inputs
	d.in, d.info.Source = in, nil
	if d.err = p.fits(in); d.err == nil && d.info.Preparation != nil {
		d.err = fmt.Errorf("it is prepared already, by %s", d.info.Preparation)
	}
	d.info.Preparation = p
	if d.err == nil {
		d.stages, d.info.Inputs, d.err = p.bind(in)
	}
	if d.err != nil {
		d.info.Inputs = p.Inputs() // so that whoever reads is told the error, and not what follows from it
		d.err = fmt.Errorf("datasets: %s: %w", d.info.Name, d.err)
	}
	if len(d.info.Targets) > 0 && !d.info.Targets[0].IDs {
		d.target = p.targets
	}
	return d
}

// fits is an error where inputs are not those that the preparation was fitted on.
func (p *Preparation) fits(in []Field) error {
	names := func(fields []Field) string {
		var all []string
		for _, f := range fields {
			if f.Names != nil {
				all = append(all, f.Names...)
			} else {
				all = append(all, fmt.Sprintf("%s %v", f.Name, f.Shape))
			}
		}
		return short(all)
	}
	if !slices.EqualFunc(in, p.inputs, func(a, b Field) bool {
		return a.Name == b.Name && a.IDs == b.IDs && slices.Equal(a.Shape, b.Shape) && slices.Equal(a.Names, b.Names)
	}) {
		return fmt.Errorf("it has inputs %s, the preparation was fitted on %s; read the file with the columns of that one: Preparation.Source", names(in), names(p.inputs))
	}
	return nil
}

func (p *Preparation) bind(in []Field) (stages []stage, out []Field, err error) {
	out = in
	for _, op := range p.steps {
		s := stage{}
		if s.out, s.run, err = op.bind(out); err != nil {
			return nil, nil, fmt.Errorf("preparation, %s: %w", op.word(), err)
		}
		stages, out = append(stages, s), s.out
	}
	return stages, out, nil
}

// Inputs are what a model is given of a sample.
func (p *Preparation) Inputs() []Field {
	if p == nil {
		return nil
	}
	_, out, err := p.bind(p.inputs)
	if err != nil { // it was bound when it was made
		return nil
	}
	return cloneFields(out)
}

// ParsePreparation reads the JSON of one, as a model that was trained on prepared data has it in About().Preparation.
func ParsePreparation(text string) (*Preparation, error) {
	p := new(Preparation)
	if err := json.Unmarshal([]byte(text), p); err != nil {
		if text == "" {
			return nil, errors.New("datasets: got no preparation: the model was trained on data as they are")
		}
		return nil, err
	}
	return p, nil
}

// Source says how the samples that it was fitted on were read: what reads more of them. It is nil where that was no file's.
func (p *Preparation) Source() *Source {
	if p == nil {
		return nil
	}
	return p.source.clone()
}

// String is the steps as text, as [ParseSteps] reads them.
func (p *Preparation) String() string {
	if p == nil {
		return ""
	}
	return p.text
}

// Restore makes of a model's outputs, one sample's or several, what they stand for, in place: numbers in the units of the data, where the targets were standardised.
func (p *Preparation) Restore(outputs []float32) {
	if p == nil || p.targets == nil {
		return
	}
	offset, factor := p.targets.Offset[targetKey], p.targets.Factor[targetKey]
	for i, v := range outputs {
		k := i % len(offset)
		outputs[i] = float32(float64(v)/factor[k] + offset[k])
	}
}

// prepared is data as a preparation leaves them.
type prepared struct {
	data   Data
	in     []Field // of the data
	info   Info
	stages []stage
	target *affine
	err    error
	idle   sync.Pool // of *scratch
}

func (d *prepared) Len() int {
	if d.data == nil {
		return 0
	}
	return d.data.Len()
}

func (d *prepared) Info() Info { return d.info }

// Slow says that reading is worth doing ahead: where the data say so, and where pictures are drawn anew.
func (d *prepared) Slow() bool {
	return isSlow(d.data) || len(d.stages) > 0 && slices.ContainsFunc(d.in, isPicture)
}

func (d *prepared) Read(b Batch, rows []int, draw Draw) error {
	if d.err != nil {
		return d.err
	}
	if err := d.info.check(b, rows, d.data.Len()); err != nil {
		return err
	}
	wanted := slices.ContainsFunc(b.Inputs, func(v Values) bool { return v.Floats != nil || v.IDs != nil })
	if wanted {
		s, _ := d.idle.Get().(*scratch)
		if s == nil {
			s = newScratch(d.in, d.stages)
		}
		defer d.idle.Put(s)
		if err := s.read(d.data, b, rows, draw); err != nil {
			return err
		}
		for i, row := range rows {
			if err := d.keep(b, s.sample(i), i, row); err != nil {
				return err
			}
		}
	} else if err := d.data.Read(Batch{Targets: b.Targets, Weights: b.Weights}, rows, draw); err != nil {
		return err
	}
	if d.target != nil && len(b.Targets) > 0 && b.Targets[0].Floats != nil {
		to := b.Targets[0].Floats[:len(rows)*d.info.Targets[0].Size()]
		d.target.on(targetKey, to, to)
	}
	return nil
}

// keep copies a sample to its place. A number that is still missing, and a category, is an error: no model makes anything of it.
func (d *prepared) keep(b Batch, sample []Values, i, row int) error {
	for k, v := range b.Inputs {
		n := d.info.Inputs[k].Size()
		if v.IDs != nil {
			copy(v.IDs[i*n:(i+1)*n], sample[k].IDs)
		}
		if v.Floats == nil {
			continue
		}
		copy(v.Floats[i*n:(i+1)*n], sample[k].Floats)
		for j, value := range sample[k].Floats {
			if !finite(value) {
				what := fmt.Sprintf("value %d of input %q", j, d.info.Inputs[k].Name)
				if names := d.info.Inputs[k].Names; len(names) > 0 {
					what = fmt.Sprintf("column %q", names[j%len(names)])
				}
				return fmt.Errorf("datasets: %s: %s: %s is missing or not finite after the preparation; put the step fill-missing (FillMissing{}) before the others", d.info.Name, PlaceOf(d.data, row), what)
			}
		}
	}
	return nil
}

func cloneFields(fields []Field) []Field {
	all := slices.Clone(fields)
	for i := range all {
		all[i].Shape, all[i].Names, all[i].Values = slices.Clone(all[i].Shape), slices.Clone(all[i].Names), slices.Clone(all[i].Values)
	}
	return all
}

// preparationVersion is that of the JSON form.
const preparationVersion = 1

// preparationJSON is a preparation as JSON. Every step is under its name: {"standardize": {…}}.
type preparationJSON struct {
	Version int                          `json:"version"`
	Text    string                       `json:"text"`
	Source  *Source                      `json:"source,omitempty"`
	Inputs  []Field                      `json:"inputs"`
	Steps   []map[string]json.RawMessage `json:"steps"`
	Targets *affine                      `json:"targets,omitempty"`
}

// MarshalJSON writes the preparation, fitted, as it is kept with a model.
func (p *Preparation) MarshalJSON() ([]byte, error) {
	if p == nil {
		return []byte("null"), nil
	}
	j := preparationJSON{Version: preparationVersion, Text: p.text, Source: p.source, Inputs: p.inputs, Steps: []map[string]json.RawMessage{}, Targets: p.targets}
	for _, op := range p.steps {
		text, err := json.Marshal(op)
		if err != nil {
			return nil, err
		}
		j.Steps = append(j.Steps, map[string]json.RawMessage{op.word(): text})
	}
	return json.Marshal(j)
}

// UnmarshalJSON reads what MarshalJSON wrote. What does not fit together is an error.
func (p *Preparation) UnmarshalJSON(text []byte) error {
	fail := func(format string, args ...any) error {
		return fmt.Errorf("datasets: a preparation's JSON: %w", fmt.Errorf(format, args...))
	}
	var j preparationJSON
	if err := json.Unmarshal(text, &j); err != nil {
		return fail("%w", err)
	}
	if j.Version != preparationVersion {
		return fail("got version %d, want %d; a newer program wrote it", j.Version, preparationVersion)
	}
	got := Preparation{source: j.Source, inputs: j.Inputs, targets: j.Targets, text: j.Text}
	for _, f := range got.inputs {
		if _, ok := product(f.Shape, maxSample); !ok && len(f.Shape) > 0 {
			return fail("input %q has shape %v, want dimensions of at least 1 and at most %d values", f.Name, f.Shape, maxSample)
		}
		if f.Names != nil && (len(f.Shape) == 0 || len(f.Names) != f.Shape[len(f.Shape)-1]) {
			return fail("input %q has %d names, want one for each value along its last axis, shape %v", f.Name, len(f.Names), f.Shape)
		}
	}
	for i, step := range j.Steps {
		if len(step) != 1 {
			return fail("step %d has %d names, want one", i+1, len(step))
		}
		for word, raw := range step {
			make, ok := operations[word]
			if !ok {
				return fail("step %d is %q, want one of %s", i+1, word, strings.Join(operationWords(), ", "))
			}
			op := make()
			if err := json.Unmarshal(raw, op); err != nil {
				return fail("step %d, %s: %w", i+1, word, err)
			}
			got.steps = append(got.steps, op)
		}
	}
	if _, _, err := got.bind(got.inputs); err != nil {
		return fail("%w", err)
	}
	if got.targets != nil {
		if err := got.targets.valid(targetKey, 0); err != nil {
			return fail("targets: %w", err)
		}
	}
	*p = got
	return nil
}

// maxSample is the most values of a sample that a preparation's JSON may claim: a picture of 25 million pixels in four channels.
const maxSample = 4 * maxImagePixels
