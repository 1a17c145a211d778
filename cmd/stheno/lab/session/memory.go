package session

import (
	"errors"
	"fmt"
	"math"
	"os"
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/models"
)

// mostMemory is what all runs may take together, in bytes, beside the data that the lab begins with: about what the largest network that comes with the program needs twice. It is reckoned before anything is made, by the sizes of networks,
// batches and data. Checkpoints have what is left of it, up to their own budget, and old ones make room first; where that is not enough, another run is refused.
const mostMemory = 2 << 30

// mostLayers are those of a network that is looked at while it is typed, wherever they stand. Everything waits meanwhile.
const mostLayers = 1000

// most is where a network is not measured any further. So many parameters are drawn in about a second, in which everything waits.
var most = graph.Size{Layers: mostLayers, Params: 16_000_000, Values: 16_000_000}

// measured is the size of an experiment's network, of which nothing is made; one that is too large for the lab is an error.
func measured(e models.Experiment, info datasets.Info) (graph.Size, error) {
	if n := max(len(e.Layers), len(e.Hidden)); n > mostLayers {
		return graph.Size{}, fmt.Errorf("layers: got %d of them, want at most %d: train it by stheno run", n, mostLayers)
	}
	size, err := e.Measure(info, most)
	if errors.Is(err, graph.ErrLarge) {
		return size, fmt.Errorf("%w, the most that the lab takes: make it smaller, or train it by stheno run", ofSample(err))
	}
	if err != nil {
		return size, ofSample(err)
	}
	return size, nil
}

// A need is what a run takes in memory, in bytes.
type need struct {
	asleep int64 // its last checkpoint and its epochs
	awake  int64 // beside that, while it is looked at or trained
}

// needs reckons with float32: weights and running values once for the checkpoint, once for the network and once for the copy that a diagnosis has of it, a gradient, and what the layers put out,
// for a batch forward, back and as it is looked at, and for a batch that is evaluated.
func needs(size graph.Size, e models.Experiment, samples int) need {
	const float, evaluated, epoch = 4, 500, 512
	kept := float * (float64(size.Params)*float64(1+runningValues(e)) + float64(size.States))
	batch := float64(3*min(e.BatchSize, samples) + min(evaluated, samples))
	return need{asleep: whole(kept + epoch*float64(e.Epochs)), awake: whole(2*kept + float*(float64(size.Params)+batch*float64(size.Values)))}
}

// whole is a number of bytes; of more than there could be the most.
func whole(v float64) int64 { return int64(min(v, math.MaxInt64/256)) }

// runningValues is how many numbers an optimizer keeps for each parameter: it is seen by a step of one.
func runningValues(e models.Experiment) (n int) {
	o, err := optim.New(e.Optimizer, e.LearningRate)
	if err != nil { // which who trains with it will say
		return 0
	}
	if _, averaged := optim.Find[*optim.EMA](o); averaged {
		n++
	}
	for w, ok := o.(optim.Wrapper); ok; w, ok = o.(optim.Wrapper) {
		o = w.Unwrap()
	}
	if o.Step([]gorgonia.ValueGrad{new(pair)}) != nil {
		return n
	}
	return n + len(o.State().Slots)
}

// pair is a parameter of one number.
type pair struct{ value, grad *tensor.Dense }

func (p *pair) Value() gorgonia.Value {
	if p.value == nil {
		p.value, p.grad = tensor.New(tensor.WithBacking([]float32{1})), tensor.New(tensor.WithBacking([]float32{1}))
	}
	return p.value
}

func (p *pair) Grad() (gorgonia.Value, error) {
	p.Value()
	return p.grad, nil
}

// needs are those of where the run is.
func (r *run) needs() need { return needs(r.size, r.experiment(), r.material.fit.Len()) }

// bytes are what the source's samples take in memory. Those of data sets are bytes, those of one's own numbers, and text as it stands in their file; pictures in a folder are read again and again.
func (s *source) bytes() int64 {
	if s.data == nil {
		return sizeOfData(s.train, 1) + sizeOfData(s.test, 1)
	}
	if slow, ok := s.data.(interface{ Slow() bool }); ok && slow.Slow() {
		return 0
	}
	file := int64(0)
	if info, err := os.Stat(s.config.File); err == nil && info.Mode().IsRegular() {
		file = info.Size()
	}
	return max(file, sizeOfData(s.data, 4))
}

func sizeOfData(d datasets.Data, each float64) int64 {
	if d == nil {
		return 0
	}
	values := 0.0
	info := d.Info()
	for _, f := range slices.Concat(info.Inputs, info.Targets) {
		values += float64(f.Size())
	}
	return whole(each * values * float64(d.Len()))
}

// taken is what all runs but one take, with another one in its place; each may be nil. Checkpoints count as the last of each run, which is not thinned.
func (s *Session) taken(but *run, with *need, on *source) (all int64) {
	sources := map[*source]bool{on: true, s.begun: true}
	if on != nil && on != s.begun && len(s.runs) > 0 {
		all += on.size
	}
	var awake []int64
	add := func(n need) { all, awake = all+n.asleep, append(awake, n.awake) }
	if with != nil {
		add(*with)
	}
	for _, r := range s.runs {
		if r == but {
			continue
		}
		add(r.needs())
		if from := r.material.source; !sources[from] {
			sources[from] = true
			all += from.size
		}
	}
	for name, from := range s.sources {
		if !sources[from] && name != "" {
			sources[from] = true
			all += from.size
		}
	}
	slices.Sort(awake)
	for _, n := range awake[max(0, len(awake)-maxAwake):] {
		all += n
	}
	return all
}

// room is an error where a run of such an experiment, in the place of another one if that is not nil, is more than there is room for.
func (s *Session) room(size graph.Size, e models.Experiment, m *material, but *run) error {
	n := needs(size, e, m.fit.Len())
	own := fmt.Sprintf("a network of %d parameters and %d values of a sample between its layers, batches of %d, %s, %d epochs", size.Params, size.Values, min(e.BatchSize, m.fit.Len()), e.Optimizer, e.Epochs)
	if alone := n.asleep + n.awake; alone > s.limit {
		return fmt.Errorf("%s: it would take about %s of memory, and the lab takes %s at most: make it smaller, or train it by stheno run", own, megabytes(alone), megabytes(s.limit))
	}
	if all := s.taken(but, &n, m.source); all > s.limit {
		return fmt.Errorf("%s: with the other %d runs and their data it would take about %s of memory, and the lab takes %s at most: remove some, or make it smaller", own, len(s.runs), megabytes(all), megabytes(s.limit))
	}
	return nil
}

func megabytes(bytes int64) string { return fmt.Sprintf("%d MB", (bytes+1<<20-1)>>20) }

// spare is what checkpoints may take that are not the last of their run: within their budget, and what the runs leave of all memory.
func (s *Session) spare() int64 {
	left := s.limit - s.taken(nil, nil, nil)
	for _, r := range s.runs {
		left += r.needs().asleep
	}
	return min(s.budget, left)
}
