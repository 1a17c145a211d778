package train

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"github.com/stheno-ml/stheno/graph/optim"
)

// Position is a place in a run, and what the running figures of its epoch have come to. With the weights and the optimizer's
// state of the same moment it is all that a run needs to go on as if it had never stopped. It fits one data set and batch size.
type Position struct {
	Epoch int          `json:"epoch"`          // epochs that are over
	Batch int          `json:"batch"`          // batches of this epoch that are over
	Step  uint64       `json:"step"`           // steps that are over
	Loss  float64      `json:"loss"`           // of the first target: sum of this epoch's batches so far, each by what its positions count
	Mass  float64      `json:"mass"`           // what these positions count: the samples, where each counts 1
	More  [][2]float64 `json:"more,omitempty"` // of the targets after the first, where there are several: likewise a sum, and what the positions count
	Sums  [][]float64  `json:"sums,omitempty"` // of this epoch so far, one list for each of Config.Metrics
	Seen  int          `json:"seen"`           // this epoch's samples so far

	Clipped *Clipped `json:"clipped,omitempty"` // this epoch's steps so far; nil where no optim.Clip is at work
}

// Clipped is what an optim.Clip did in the steps of an epoch.
type Clipped struct {
	Steps   int     `json:"steps"`   // whose gradients were too large
	Largest float64 `json:"largest"` // of the gradients before, as optim.Clipping has it
}

// Equal says whether two positions are one.
func (p Position) Equal(q Position) bool {
	return p.Epoch == q.Epoch && p.Batch == q.Batch && p.Step == q.Step && p.Loss == q.Loss && p.Mass == q.Mass && p.Seen == q.Seen && slices.Equal(p.More, q.More) && slices.EqualFunc(p.Sums, q.Sums, slices.Equal) &&
		(p.Clipped == q.Clipped || p.Clipped != nil && q.Clipped != nil && *p.Clipped == *q.Clipped)
}

// UnmarshalJSON also reads what was written when the only metric was accuracy, as the number of samples that were right.
func (p *Position) UnmarshalJSON(text []byte) error {
	type plain Position
	var in struct {
		plain
		Correct *int `json:"correct"`
	}
	if err := json.Unmarshal(text, &in); err != nil {
		return err
	}
	*p = Position(in.plain)
	if in.Correct != nil {
		p.Mass, p.Sums = float64(p.Seen), [][]float64{{float64(*in.Correct), float64(p.Seen)}}
	}
	return nil
}

// clone has sums of its own.
func (p Position) clone() Position {
	p.More, p.Sums = slices.Clone(p.More), slices.Clone(p.Sums)
	for i := range p.Sums {
		p.Sums[i] = slices.Clone(p.Sums[i])
	}
	if p.Clipped != nil {
		clipped := *p.Clipped
		p.Clipped = &clipped
	}
	return p
}

// add adds a batch: the parts of its loss, one for each target, by what the positions of that count.
func (p *Position) add(terms, masses []float64) {
	for k, mass := range masses {
		if k == 0 {
			p.Loss += terms[0] * mass
			p.Mass += mass
			continue
		}
		if len(p.More) < k {
			p.More = append(p.More, [2]float64{})
		}
		p.More[k-1][0] += terms[k] * mass
		p.More[k-1][1] += mass
	}
}

// clip adds what a step's clipping found. A size that is no finite number is left out.
func (p *Position) clip(found optim.Clipping) {
	if p.Clipped == nil {
		p.Clipped = &Clipped{}
	}
	if found.Clipped {
		p.Clipped.Steps++
	}
	if found.Size-found.Size == 0 {
		p.Clipped.Largest = max(p.Clipped.Largest, found.Size)
	}
}

// mean is the loss over all that was added: that of each target by itself, so that it does not depend on the batches. A target of which nothing counts adds nothing; where
// there is no other it is NaN.
func (p *Position) mean() float64 {
	sum, any := 0.0, false
	for _, part := range append([][2]float64{{p.Loss, p.Mass}}, p.More...) {
		if part[1] > 0 {
			sum, any = sum+part[0]/part[1], true
		}
	}
	if !any {
		return math.NaN()
	}
	return sum
}

// running are the means over this epoch's samples so far.
func (p *Position) running(metrics []Metric) Metrics {
	if p.Seen == 0 {
		return Metrics{}
	}
	return p.figures(metrics)
}

func (p *Position) figures(metrics []Metric) Metrics {
	m := Metrics{Loss: p.mean()}
	for i, metric := range metrics {
		var s []float64
		if i < len(p.Sums) {
			s = p.Sums[i]
		}
		m.Scores = append(m.Scores, Score{metric.Name(), metric.Value(s)})
	}
	return m
}

// Metrics are a loss, and the figures of the metrics beside it. As JSON they are one object: {"loss":0.1,"accuracy":0.97}.
type Metrics struct {
	Loss   float64 // mean over the samples, by what their positions count; NaN where none counts
	Scores []Score // in the order of Config.Metrics
}

// Score is a metric's figure, by its name; NaN where it was not measured.
func (m Metrics) Score(name string) float64 {
	for _, s := range m.Scores {
		if s.Name == name {
			return s.Value
		}
	}
	return math.NaN()
}

// Accuracy is the share of samples whose class had the largest output, from 0 to 1; NaN where it was not measured.
func (m Metrics) Accuracy() float64 { return m.Score("accuracy") }

// MarshalJSON writes null for a figure that is no finite number.
func (m Metrics) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	for i, s := range append([]Score{{"loss", m.Loss}}, m.Scores...) {
		b.WriteByte("{,"[min(i, 1)])
		name, err := json.Marshal(s.Name)
		if err != nil {
			return nil, err
		}
		value := []byte("null")
		if s.Value-s.Value == 0 {
			if value, err = json.Marshal(s.Value); err != nil {
				return nil, err
			}
		}
		fmt.Fprintf(&b, "%s:%s", name, value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// UnmarshalJSON reads what MarshalJSON wrote, in its order.
func (m *Metrics) UnmarshalJSON(text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return fmt.Errorf("metrics: got %.40q, want an object such as {\"loss\":0.1}", text)
	}
	*m = Metrics{Loss: math.NaN()}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		value := math.NaN()
		var v *float64
		if err := d.Decode(&v); err != nil {
			return fmt.Errorf("metrics: %v: %w", name, err)
		}
		if v != nil {
			value = *v
		}
		if name == "loss" {
			m.Loss = value
		} else {
			m.Scores = append(m.Scores, Score{name.(string), value})
		}
	}
	_, err := d.Token()
	return err
}
