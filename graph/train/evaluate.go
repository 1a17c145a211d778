package train

import (
	"cmp"
	"context"
	"fmt"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
)

// Evaluation is what a model does on a data set with its weights at rest and nothing random.
type Evaluation struct {
	Metrics
	Confusion [][]int // [actual class][predicted class], samples
	ranks     []int   // samples by how many classes had a larger output than the right one
}

// TopK is the share of samples whose class is among the k largest outputs; TopK(1) is the accuracy. Of equal outputs the lower class comes first.
func (e *Evaluation) TopK(k int) float64 {
	in, all := 0, 0
	for rank, n := range e.ranks {
		if rank < k {
			in += n
		}
		all += n
	}
	return float64(in) / float64(max(1, all))
}

// Predicted counts how often each class was predicted.
func (e *Evaluation) Predicted() []int {
	counts := make([]int, len(e.Confusion))
	for _, row := range e.Confusion {
		for class, n := range row {
			counts[class] += n
		}
	}
	return counts
}

// PredictedClasses is the number of different classes that were predicted: 1 is a network that says the same of everything.
func (e *Evaluation) PredictedClasses() int {
	n := 0
	for _, count := range e.Predicted() {
		if count > 0 {
			n++
		}
	}
	return n
}

// evaluationBatch is large enough for the products to run at full speed, small enough for activations to stay in cache.
const evaluationBatch = 500

// Evaluate takes the mean loss (Config.Loss), the accuracy and the confusion matrix over data. Nothing else of the Config is read but BatchSize,
// 500 if 0, which does not change the result beyond rounding. Data that do not fit the model, and a cancelled context, are errors.
func Evaluate(ctx context.Context, m *graph.Model, data *datasets.Dataset, c Config) (*Evaluation, error) {
	if err := given(m, data); err != nil {
		return nil, err
	}
	if err := fits(m, data); err != nil {
		return nil, err
	}
	switch {
	case c.BatchSize < 0:
		return nil, fmt.Errorf("train: got batch size %d, want at least 1, or 0 for %d", c.BatchSize, evaluationBatch)
	case c.BatchSize == 0:
		c.BatchSize = evaluationBatch
	}
	c.defaults()
	classes := len(data.Classes)
	result := &Evaluation{Confusion: make([][]int, classes), ranks: make([]int, classes)}
	for i := range result.Confusion {
		result.Confusion[i] = make([]int, classes)
	}
	correct := 0
	err := each(ctx, m, data, graph.Spec{Mode: graph.Evaluate, Loss: c.Loss}, c.BatchSize, func(p *graph.Program, rows []int) {
		result.Loss += p.Loss() * float64(len(rows))
		eachRow(p.Output(), func(i int, output []float64) {
			label := data.Label(rows[i])
			said := argmax(output)
			result.Confusion[label][said]++
			result.ranks[rank(output, label)]++
			if said == label {
				correct++
			}
		})
	})
	if err != nil {
		return nil, err
	}
	result.Loss /= float64(max(1, data.Len()))
	result.Accuracy = float64(correct) / float64(max(1, data.Len()))
	return result, nil
}

// rank is how many classes come before label by their outputs; of equal ones the first comes first, NaN last.
func rank(output []float64, label int) int {
	n := 0
	for class, v := range output {
		if c := cmp.Compare(v, output[label]); c > 0 || (c == 0 && class < label) {
			n++
		}
	}
	return n
}

// Predict returns the model's output for every sample, [samples,outputs] in float32, in the data set's order: probabilities where the model ends in
// softmax. Neither the labels nor the number of classes is looked at.
func Predict(ctx context.Context, m *graph.Model, data *datasets.Dataset) (*tensor.Dense, error) {
	if err := given(m, data); err != nil {
		return nil, err
	}
	if got, want := data.Features(), m.Config().Inputs; got != want {
		return nil, fmt.Errorf("train: data set %q has %d values a sample, the model takes %d", data.Name, got, want)
	}
	width := m.Outputs()
	out := make([]float32, 0, data.Len()*width)
	err := each(ctx, m, data, graph.Spec{Mode: graph.Predict}, evaluationBatch, func(p *graph.Program, _ []int) {
		eachRow(p.Output(), func(_ int, row []float64) {
			for _, v := range row {
				out = append(out, float32(v))
			}
		})
	})
	if err != nil {
		return nil, err
	}
	return tensor.New(tensor.WithShape(data.Len(), width), tensor.WithBacking(out)), nil
}

// Classes is what a model says: of each row of its output, [samples,classes] as Predict returns it, the class with the largest value. Of equal
// ones the first counts, and NaN is below all numbers.
func Classes(output *tensor.Dense) []int {
	said := make([]int, 0, output.Shape()[0])
	eachRow(output, func(_ int, row []float64) { said = append(said, argmax(row)) })
	return said
}

// each runs the model over the data in order, batch by batch.
func each(ctx context.Context, m *graph.Model, data *datasets.Dataset, spec graph.Spec, batch int, f func(*graph.Program, []int)) error {
	order := make([]int, data.Len())
	for i := range order {
		order[i] = i
	}
	programs := programs{model: m, spec: spec}
	feed := newFeed(data)
	for _, rows := range datasets.Batches(order, min(batch, len(order))) {
		if ctx.Err() != nil {
			return fmt.Errorf("train: evaluation stopped: %w", context.Cause(ctx))
		}
		program, err := programs.of(len(rows))
		if err != nil {
			return err
		}
		feed.fill(program, rows)
		if err := program.Run(); err != nil {
			return err
		}
		f(program, rows)
	}
	return nil
}
