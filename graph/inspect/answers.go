package inspect

import (
	"context"
	"math"
	"slices"
	"strings"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/train"
)

// How many samples of a set the diagnosis looks at, spread over all of it: fewer where they, or what the model puts out for them, are large.
const (
	asked     = 4000
	askedSize = 20_000_000 // numbers
)

// A kind is what is foretold of a sample.
type kind uint8

const (
	ofClasses kind = iota // one of several, or one for each position
	ofLabels              // several, each of which holds or not
	ofNumbers
)

// samples are some of a data set, as they are.
type samples struct {
	rows     []int
	x        []float32 // nil where the inputs are ids, or several
	features int       // of a sample in x
	flat     bool      // x has one axis: features are columns rather than pixels or steps
	classes  []int32   // of each sample or position; nil of numbers
	y        []float32
	width    int // numbers, or positions, of a sample
}

func (s *samples) len() int { return len(s.rows) }

func (s *samples) row(i int) []float32 { return s.x[i*s.features : (i+1)*s.features] }

// some reads up to most samples; nil where there is no single target.
func some(data datasets.Data, most int) (*samples, error) {
	if len(data.Info().Targets) != 1 {
		return nil, nil
	}
	n := min(data.Len(), most)
	rows := make([]int, n)
	for i := range rows {
		rows[i] = i * data.Len() / n
	}
	return these(data, rows)
}

// these reads the samples of data with one target.
func these(data datasets.Data, rows []int) (*samples, error) {
	info, n := data.Info(), len(rows)
	s := &samples{rows: rows, width: info.Targets[0].Size()}
	b := datasets.Batch{Inputs: make([]datasets.Values, len(info.Inputs)), Targets: make([]datasets.Values, 1)}
	if len(info.Inputs) == 1 && !info.Inputs[0].IDs {
		s.features, s.flat = info.Inputs[0].Size(), len(info.Inputs[0].Shape) < 2
		s.x = make([]float32, n*s.features)
		b.Inputs[0].Floats = s.x
	}
	if info.Targets[0].IDs {
		s.classes = make([]int32, n*s.width)
		b.Targets[0].IDs = s.classes
	} else {
		s.y = make([]float32, n*s.width)
		b.Targets[0].Floats = s.y
	}
	return s, data.Read(b, s.rows, datasets.Draw{})
}

// answers are what a model says of samples, beside what is right.
type answers struct {
	*samples
	kind      kind
	confusion [][]int   // of classes: [is][said]
	at        []int     // of classes: the place in samples.classes of each answer, those that are ignored left out
	said      []int     // of classes: at each of these
	sure      []float64 // of classes: how far the largest output lies above the next
	out       []float32 // of labels and numbers
	low, high float32   // of labels: how "does not hold" and "holds" are written
	above     float32   // of labels: the output from which on it is said to hold

	rate, chance float64 // share that is right, and what one earns who looks at no input; of numbers R² and 0
	skill        float64 // rate from chance (0) to 1 (1); NaN where there is nothing to tell apart; of a text by its bits, from those of the frequencies (0) to none (1)

	text             bool    // each class is the id that comes next in the input, of which nobody can know more than the language says
	bits, unforetold float64 // of a text: of a letter or word, by the network, and by the frequencies of them alone, whatever came before: their entropy
}

// ask has the model answer for so many samples at most; nil where its answers cannot be held against the target one by one.
func ask(ctx context.Context, m *graph.Model, loss graph.Loss, data datasets.Data, most int) (*answers, error) {
	if len(m.Outputs()) != 1 {
		return nil, nil
	}
	size := tensor.Shape(m.Outputs()[0].Shape).TotalSize()
	for _, f := range slices.Concat(data.Info().Inputs, data.Info().Targets) {
		size = max(size, f.Size())
	}
	if most <= 0 {
		most = asked
	}
	s, err := some(data, min(most, asked, max(50, askedSize/max(1, size))))
	if err != nil || s == nil {
		return nil, err
	}
	part, err := datasets.Rows(data, s.rows)
	if err != nil {
		return nil, err
	}
	predicted, err := train.Predict(ctx, m, part)
	if err != nil {
		return nil, err
	}
	out := predicted.Float32s()
	a := &answers{samples: s}
	switch {
	case s.classes != nil && len(out) > len(s.classes) && len(out)%len(s.classes) == 0:
		a.toClasses(out)
		if a.text, err = s.foretells(data); err == nil && a.text {
			a.toText(out, lastActivation(m))
		}
	case s.classes == nil && len(out) == len(s.y):
		a.out = out
		a.toNumbers(loss, lastActivation(m))
	default:
		return nil, nil
	}
	return a, err
}

// foretells says whether the class of each place is the id that the input has at the next one.
func (s *samples) foretells(data datasets.Data) (bool, error) {
	info := data.Info()
	if s.width < 2 || len(info.Inputs) != 1 || !info.Inputs[0].IDs || info.Inputs[0].Size() != s.width {
		return false, nil
	}
	rows := s.rows[:min(len(s.rows), 100)]
	ids := make([]int32, len(rows)*s.width)
	b := datasets.Batch{Inputs: []datasets.Values{{IDs: ids}}, Targets: make([]datasets.Values, 1)}
	if err := data.Read(b, rows, datasets.Draw{}); err != nil {
		return false, err
	}
	for i := range ids {
		if c := s.classes[i]; (i+1)%s.width != 0 && c >= 0 && c != ids[i+1] {
			return false, nil
		}
	}
	return true, nil
}

// toText measures what is said of a text by its bits: −log₂ of the probability of what came.
func (a *answers) toText(out []float32, last layers.Activation) {
	n := len(a.confusion)
	for _, i := range a.at {
		row := out[i*n : (i+1)*n]
		p := float64(row[a.classes[i]])
		switch last {
		case layers.Softmax:
			p = math.Log(p)
		case layers.LogSoftmax:
		default: // logits
			top, sum := slices.Max(row), 0.0
			for _, v := range row {
				sum += math.Exp(float64(v - top))
			}
			p -= float64(top) + math.Log(sum)
		}
		a.bits -= p / math.Ln2 / float64(len(a.at))
	}
	for _, count := range a.counts() {
		if share := float64(count) / float64(len(a.at)); share > 0 {
			a.unforetold -= share * math.Log2(share)
		}
	}
	switch {
	case a.unforetold == 0:
		a.skill = math.NaN()
	case math.IsNaN(a.bits): // outputs that are no numbers foretell nothing
		a.skill = math.Inf(-1)
	default:
		a.skill = 1 - a.bits/a.unforetold
	}
}

func (a *answers) toClasses(out []float32) {
	n := len(out) / len(a.classes)
	a.kind, a.confusion = ofClasses, make([][]int, n)
	for i := range a.confusion {
		a.confusion[i] = make([]int, n)
	}
	right, all := 0, 0
	for i, is := range a.classes {
		if is < 0 || int(is) >= n {
			continue
		}
		row := out[i*n : (i+1)*n]
		said, next := 0, math.Inf(-1)
		for c, v := range row {
			if v > row[said] {
				said = c
			}
		}
		for c, v := range row {
			if c != said {
				next = max(next, float64(v))
			}
		}
		a.at, a.said, a.sure = append(a.at, i), append(a.said, said), append(a.sure, float64(row[said])-next)
		a.confusion[is][said]++
		if all++; int(is) == said {
			right++
		}
	}
	a.rate, a.chance = float64(right)/float64(max(1, all)), float64(slices.Max(a.counts()))/float64(max(1, all))
	a.skill = skill(a.rate, a.chance)
}

// counts are the samples, or positions, of each class.
func (a *answers) counts() []int {
	counts := make([]int, len(a.confusion))
	for c, row := range a.confusion {
		for _, n := range row {
			counts[c] += n
		}
	}
	return counts
}

// skill is a rate on the way from chance, 0, to 1, 1; NaN where chance is always right.
func skill(rate, chance float64) float64 {
	if chance >= 1 {
		return math.NaN()
	}
	return (rate - chance) / (1 - chance)
}

// labels says how labels are written, if that is what the numbers are.
func labels(y []float32) (low, high float32, ok bool) {
	low, high = slices.Min(y), slices.Max(y)
	ok = high == 1 && (low == 0 || low == -1) && !slices.ContainsFunc(y, func(v float32) bool { return v != low && v != high })
	return low, high, ok
}

func (a *answers) toNumbers(loss graph.Loss, last layers.Activation) {
	low, high, ok := labels(a.y)
	if !ok {
		a.kind = ofNumbers
		a.rate = explained(a.out, a.y, a.width)
		a.skill = a.rate
		return
	}
	a.kind, a.low, a.high = ofLabels, low, high
	middle := (low + high) / 2
	if last == layers.Linear && strings.Contains(loss.Name(), "binary") {
		middle = 0 // of logits
	}
	a.above = middle
	a.rate, a.chance = told(a.out, a.y, a.width, middle, (low+high)/2)
	a.skill = skill(a.rate, a.chance)
}

// told is the share of labels that were told right, and what always saying the more frequent earns, label by label.
func told(out, y []float32, width int, above, holds float32) (rate, chance float64) {
	positive := make([]int, width)
	right := 0
	for i, v := range y {
		if (v > holds) == (out[i] > above) {
			right++
		}
		if v > holds {
			positive[i%width]++
		}
	}
	n, base := len(y)/width, 0
	for _, p := range positive {
		base += max(p, n-p)
	}
	return float64(right) / float64(len(y)), float64(base) / float64(len(y))
}

// everyNth are the numbers from the i-th on, n apart.
func everyNth(y []float32, i, n int) (all []float32) {
	for ; i < len(y); i += n {
		all = append(all, y[i])
	}
	return all
}

// explained is R², 1 − Σ(o − t)²/Σ(t − mean)², of numbers in columns, all together.
func explained(out, y []float32, width int) float64 {
	mean := make([]float64, width)
	n := float64(len(y) / width)
	for i, v := range y {
		mean[i%width] += float64(v) / n
	}
	for i := range mean { // of equal numbers the mean is they, to the bit
		if !slices.ContainsFunc(everyNth(y, i, width), func(v float32) bool { return v != y[i] }) {
			mean[i] = float64(y[i])
		}
	}
	var left, all float64
	for i, v := range y {
		left += (float64(out[i]) - float64(v)) * (float64(out[i]) - float64(v))
		all += (float64(v) - mean[i%width]) * (float64(v) - mean[i%width])
	}
	if all == 0 {
		return math.NaN()
	}
	if math.IsNaN(left) { // outputs that are no numbers explain nothing
		return math.Inf(-1)
	}
	return 1 - left/all
}

// uncertainty is the standard error of the rate, as of one measured on so many samples.
func (a *answers) uncertainty() float64 {
	r := min(max(a.rate, 0), 1)
	if a.kind == ofNumbers {
		return 2 * math.Sqrt(r/float64(a.len())) * (1 - r) // Olkin and Finn 1995
	}
	return math.Sqrt(r * (1 - r) / float64(a.len()))
}

// interval holds the rate that more samples would show, 95 times in 100: of shares Wilson's score interval (1927), which stays within 0 and 1 and holds of few; of R² two standard errors.
func (a *answers) interval() (low, high float64) {
	const z = 1.96
	if a.kind == ofNumbers {
		if a.len() < 10 || math.IsNaN(a.rate) {
			return math.Inf(-1), 1
		}
		return a.rate - z*a.uncertainty(), min(1, a.rate+z*a.uncertainty())
	}
	n := float64(a.len())
	middle, wide := (a.rate+z*z/(2*n))/(1+z*z/n), z/(1+z*z/n)*math.Sqrt(a.rate*(1-a.rate)/n+z*z/(4*n*n))
	return max(0, middle-wide), min(1, middle+wide)
}

// lastActivation is that of a model's last layer.
func lastActivation(m *graph.Model) layers.Activation {
	all := m.Layers()
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].Nested == 0 {
			return lastOf(all[i].Layer)
		}
	}
	return layers.Linear
}

// lastOf is a layer's activation: of a wrapper or sequence that of the last within.
func lastOf(l graph.Layer) layers.Activation {
	switch l := l.(type) {
	case layers.Regularized:
		return lastOf(l.Layer)
	case layers.Sequence:
		if len(l) > 0 {
			return lastOf(l[len(l)-1])
		}
	}
	return layers.ActivationOf(l)
}
