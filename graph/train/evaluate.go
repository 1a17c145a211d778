package train

import (
	"cmp"
	"context"
	"fmt"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/internal/memory"
)

// Evaluation is what a model does on a data set with its weights at rest and nothing random.
type Evaluation struct {
	Metrics
	Confusion [][]int // [actual class][predicted class], samples, where each sample has one class; else nil
	ranks     []int   // samples by how many classes had a larger output than the right one
}

// TopK is the share of samples whose class is among the k largest outputs; TopK(1) is the accuracy. Of equal outputs the lower class comes first. It is 0
// where samples have no class.
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

// Evaluate takes the mean loss (Config.Loss), the metrics (Config.Metrics) and, for classes, the confusion matrix over data. Nothing else of the Config is read but BatchSize,
// 500 if 0, which does not change the result beyond rounding, and Ranks, which do not change it at all. Data that do not fit the model, and a cancelled context, are errors.
func Evaluate(ctx context.Context, m *graph.Model, data datasets.Data, c Config) (*Evaluation, error) {
	if err := given(ctx, m, data); err != nil {
		return nil, err
	}
	switch {
	case c.BatchSize < 0:
		return nil, fmt.Errorf("train: got batch size %d, want at least 1, or 0 for %d", c.BatchSize, evaluationBatch)
	case c.BatchSize == 0:
		c.BatchSize = evaluationBatch
	}
	c.defaults(data.Len())
	f, err := newFeeder(m, data, c.Loss, false)
	if err != nil {
		return nil, err
	}
	metrics, err := f.metrics(c.Metrics)
	if err != nil {
		return nil, err
	}
	result := &Evaluation{}
	classes := f.classes()
	if classes > 0 {
		result.Confusion, result.ranks = make([][]int, classes), make([]int, classes)
		for i := range result.Confusion {
			result.Confusion[i] = make([]int, classes)
		}
	}
	all := Position{Sums: make([][]float64, len(metrics))}
	look := func(output, target *tensor.Dense) error {
		if err := judgeValues(f, metrics, all.Sums, output, target); err != nil {
			return err
		}
		if classes > 0 {
			are := classesOf(target, classes)
			eachRow(output, func(i int, output []float64) {
				if label := are[i]; label >= 0 {
					result.Confusion[label][argmax(output)]++
					result.ranks[rank(output, label)]++
				}
			})
		}
		return nil
	}
	err = each(ctx, f, c.Ranks, graph.Spec{Mode: graph.Evaluate, Loss: c.Loss}, c.BatchSize, func(d *done) error {
		all.add(d.terms, d.masses)
		return look(d.output, d.target)
	})
	if err != nil {
		return nil, err
	}
	result.Metrics = all.figures(metrics)
	return result, nil
}

// classes is the number of outputs, where the model has one output of classes and a sample one class; else 0.
func (f *feeder) classes() int {
	output := f.model.Outputs()[0]
	if len(f.answers) == 1 && len(f.model.Outputs()) == 1 && len(output.Shape) == 1 && output.Shape[0] > 1 && (f.answers[0].input.IDs || f.answers[0].oneHot > 0) {
		return output.Shape[0]
	}
	return 0
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

// Predict returns the model's first output for every sample, [samples,…] in float32, in the data set's order: probabilities where the model ends in
// softmax. The targets are not looked at. For samples one by one, or from many goroutines, make a [Predictor].
func Predict(ctx context.Context, m *graph.Model, data datasets.Data) (*tensor.Dense, error) {
	return PredictTogether(ctx, nil, m, data)
}

// PredictTogether is Predict by ranks, each of a part of the samples; all of them get the whole.
func PredictTogether(ctx context.Context, ranks Ranks, m *graph.Model, data datasets.Data) (*tensor.Dense, error) {
	if err := given(ctx, m, data); err != nil {
		return nil, err
	}
	f, err := newFeeder(m, data, nil, false)
	if err != nil {
		return nil, err
	}
	shape := append([]int{data.Len()}, m.Outputs()[0].Shape...)
	samples, width := uint64(data.Len()), uint64(tensor.Shape(shape[1:]).TotalSize())
	if err := memory.Check(4*samples*min(width, 1<<60/samples), fmt.Sprintf("the outputs for %d samples", data.Len())); err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	out := make([]float32, 0, tensor.Shape(shape).TotalSize())
	err = each(ctx, f, ranks, graph.Spec{Mode: graph.Predict}, evaluationBatch, func(d *done) error {
		out = append(out, float32s(d.output)...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(out)), nil
}

// float32s are a tensor's elements; of a float32 one its own.
func float32s(t *tensor.Dense) []float32 {
	if t.Dtype() == tensor.Float32 {
		return t.Float32s()
	}
	narrow := make([]float32, len(t.Float64s()))
	for i, v := range t.Float64s() {
		narrow[i] = float32(v)
	}
	return narrow
}

// done is what a batch came to. It is good until the next one runs.
type done struct {
	terms, masses  []float64 // of the loss, by target; none without one
	output, target *tensor.Dense
}

// each runs the model over the data, batch by batch, and says in their order what they came to. Ranks take turns, and tell one another.
func each(ctx context.Context, f *feeder, ranks Ranks, spec graph.Spec, batch int, do func(*done) error) error {
	order := make([]int, f.data.Len())
	for i := range order {
		order[i] = i
	}
	var batches [][]int
	for _, rows := range datasets.Batches(order, min(batch, len(order))) {
		batches = append(batches, rows)
	}
	programs := &programs{model: f.model, spec: spec}
	size, rank := 1, 0
	if !solitary(ranks) {
		size, rank = ranks.Size(), ranks.Rank()
	}
	for first := 0; first < len(batches); first += size {
		var d *done
		var err error
		if ctx.Err() != nil {
			err = fmt.Errorf("train: evaluation stopped: %w", context.Cause(ctx))
		} else if first+rank < len(batches) {
			if d, err = f.evaluate(programs, batches[first+rank]); err != nil {
				err = fmt.Errorf("train: %w", err)
			}
		}
		all := []*done{d}
		if !solitary(ranks) {
			all, err = f.tellDone(ranks, batches[first:min(first+size, len(batches))], d, err)
		}
		if err != nil {
			return err
		}
		for _, d := range all {
			if err := do(d); err != nil {
				return fmt.Errorf("train: %w", err)
			}
		}
	}
	return nil
}

// evaluate runs one batch.
func (f *feeder) evaluate(programs *programs, rows []int) (*done, error) {
	p, err := programs.of(len(rows))
	if err != nil {
		return nil, err
	}
	b := &Batch{Inputs: p.Inputs(), Targets: p.Targets()}
	if err := f.read(b, rows, datasets.Draw{}); err != nil {
		return nil, err
	}
	masses, err := p.Weigh(b.Weights, nil)
	if err == nil {
		err = p.Run()
	}
	if err != nil {
		return nil, err
	}
	if len(f.targets) == 0 {
		return &done{output: p.Output()}, nil
	}
	return &done{terms(p), masses, judgedOutput(f, p), p.Y()}, nil
}

// eachRow calls f with every row of a tensor, [batch,…,n], in float64; the row is good until f returns.
func eachRow(t *tensor.Dense, f func(i int, row []float64)) {
	width := t.Shape()[t.Dims()-1]
	row := make([]float64, width)
	for i := range t.Shape().TotalSize() / width {
		if t.Dtype() == tensor.Float64 {
			copy(row, t.Float64s()[i*width:])
		} else {
			for j, v := range t.Float32s()[i*width : (i+1)*width] {
				row[j] = float64(v)
			}
		}
		f(i, row)
	}
}
