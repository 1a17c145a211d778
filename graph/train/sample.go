package train

import (
	"errors"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"slices"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/text"
)

// Sampling says how what comes next is drawn from the probabilities that a model gives.
type Sampling struct {
	Temperature float64 // by which their logarithms are divided: below 1 the likely is likelier still, above it the unlikely less so. 1 if 0; graph.Zero takes the likeliest each time
	Seed        uint64  // equal seeds draw alike
	Never       []int32 // ids that are not drawn, such as 0 of a text's vocabulary, which stands for what is not in it
}

// Sample goes on with a sequence of ids, one after another without end, until the caller has enough: each is drawn from the model's output at the last place, and is then part of what the model sees. The
// model has one input of ids, [time], and puts out for each time what comes next, [time,classes], probabilities or logits, and must not look ahead, as recurrent layers and causal attention do not: that is
// tried out, and an error. Of more ids than time the last are seen.
//
// No state is carried from one id to the next: each costs a run of the model over the whole of its time.
//
//	for id, err := range predictor.Sample(text.IDs("Alice "), train.Sampling{Temperature: .7, Never: []int32{0}}) { … }
func (p *Predictor) Sample(prompt []int32, how Sampling) iter.Seq2[int32, error] {
	return func(yield func(int32, error) bool) {
		s, err := p.sampler(prompt, how)
		for err == nil {
			var id int32
			if id, err = s.next(); err == nil && !yield(id, nil) {
				return
			}
		}
		yield(0, err)
	}
}

// A sampler is a sequence that is gone on with.
type sampler struct {
	predictor     *Predictor
	ids           []int32 // the last of them
	time, classes int
	logits        bool
	temperature   float64
	random        *rand.Rand
	never         []int32
	log           []float64
}

// streamSample keeps the draws apart from others of the same seed.
const streamSample = 0x73616d706c65

func (p *Predictor) sampler(prompt []int32, how Sampling) (*sampler, error) {
	if p == nil || p.model == nil {
		return nil, errNoPredictor
	}
	in, out := p.model.Inputs(), p.model.Outputs()[0]
	if len(in) != 1 || !in[0].IDs || len(in[0].Shape) != 1 || len(out.Shape) != 2 || out.Shape[0] != in[0].Shape[0] || out.Shape[1] < 2 {
		return nil, fmt.Errorf("train: sample: got a model of %d inputs, the first %v, with an output of %v, want one of ids, [time], and what comes next at each time, [time,classes]", len(in), in[0].Input, out.Shape)
	}
	s := &sampler{predictor: p, ids: slices.Clone(prompt), time: out.Shape[0], classes: out.Shape[1], logits: out.Linear, random: rand.New(rand.NewPCG(how.Seed, streamSample)), never: slices.Clone(how.Never)}
	switch s.temperature = text.Value(how.Temperature, 1); {
	case len(prompt) == 0:
		return nil, errors.New("train: sample: got no ids to go on with, want at least one")
	case !(s.temperature >= 0) || math.IsInf(s.temperature, 0):
		return nil, fmt.Errorf("train: sample: got temperature %v, want a number above 0, or graph.Zero for the likeliest each time", how.Temperature)
	}
	for i, id := range prompt {
		if id < 0 || int(id) >= s.classes {
			return nil, fmt.Errorf("train: sample: got id %d at place %d, want 0 to %d, of which the model has outputs", id, i, s.classes-1)
		}
	}
	for i, id := range how.Never {
		if id < 0 || int(id) >= s.classes {
			return nil, fmt.Errorf("train: sample: got id %d at place %d of those that are never drawn, want 0 to %d, of which the model has outputs", id, i, s.classes-1)
		}
	}
	s.log = make([]float64, s.classes)
	return s, s.looksAhead()
}

// looksAhead is an error where what stands behind a place changes the output there.
func (s *sampler) looksAhead() error {
	half := s.time / 2
	two := make([]int32, 2*s.time)
	copy(two, s.ids[:min(half, len(s.ids))])
	copy(two[s.time:], two[:half])
	for i := half; i < s.time; i++ { // of which each is another one in the second
		two[i], two[s.time+i] = int32(i%s.classes), int32((i+1)%s.classes)
	}
	out, err := s.predictor.Predict(tensor.New(tensor.WithShape(2, s.time), tensor.WithBacking(two)))
	if err != nil {
		return err
	}
	values := out[0].Float32s()
	for i, a := range values[:half*s.classes] {
		if b := values[s.time*s.classes+i]; math.Abs(float64(a-b)) > 1e-4*max(1, math.Abs(float64(a))) {
			return errors.New("train: sample: the model looks ahead: what it says of a place depends on what comes behind it, so it cannot go on with a text; want recurrent layers in one direction, or attention that is causal")
		}
	}
	return nil
}

// next draws an id, and adds it.
func (s *sampler) next() (int32, error) {
	s.ids = s.ids[max(0, len(s.ids)-s.time):]
	window := make([]int32, s.time) // behind the ids it is of no matter
	copy(window, s.ids)
	out, err := s.predictor.Predict(tensor.New(tensor.WithShape(1, s.time), tensor.WithBacking(window)))
	if err != nil {
		return 0, err
	}
	row := make([]float64, s.classes)
	for c, v := range out[0].Float32s()[(len(s.ids)-1)*s.classes:][:s.classes] {
		row[c] = float64(v)
	}
	logProbabilities(s.log, row, s.logits)
	id, err := s.draw()
	s.ids = append(s.ids, id)
	return id, err
}

// draw takes one by its probability at the temperature.
func (s *sampler) draw() (int32, error) {
	best := argmax(s.log)
	top := s.log[best]
	if math.IsNaN(top) || math.IsInf(top, 0) || slices.ContainsFunc(s.log, math.IsNaN) {
		return 0, errors.New("train: sample: the model's output is not a number: its training diverged: take an earlier checkpoint")
	}
	for _, id := range s.never {
		s.log[id] = math.Inf(-1)
	}
	best = argmax(s.log)
	if top = s.log[best]; math.IsInf(top, 0) {
		return 0, errors.New("train: sample: all that the model gives a probability is among what is never to be drawn (Sampling.Never): train it for longer, or take that out")
	}
	if s.temperature == 0 {
		return int32(best), nil
	}
	total := 0.0
	for _, l := range s.log {
		total += math.Exp((l - top) / s.temperature)
	}
	at := s.random.Float64() * total
	for c, l := range s.log {
		if at -= math.Exp((l - top) / s.temperature); at < 0 {
			return int32(c), nil
		}
	}
	return int32(best), nil // what rounding leaves
}
