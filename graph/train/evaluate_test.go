package train_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/train"
)

// outputs is a data set whose rows a model of layers.Linear alone gives back as its outputs.
func outputs(t testing.TB) (rows []float32, labels []int) {
	return []float32{
		2, 1, 0, // right
		0, 3, 1, // says 1 of a 2, which comes second
		1, 1, 0, // a tie goes to the lower class: says 0 of a 1
		5, 0, 1, // says 0 of a 1, which comes last
		0, 0, 4, // right
	}, []int{0, 2, 1, 1, 2}
}

func TestEvaluateByHand(t *testing.T) {
	rows, labels := outputs(t)
	data := dataset(t, []int{3}, rows, labels)
	// −ln of the right class's softmax, sample by sample.
	e := math.Exp
	crossEntropy := -(math.Log(e(2)/(e(2)+e(1)+1)) + math.Log(e(1)/(1+e(3)+e(1))) + math.Log(e(1)/(e(1)+e(1)+1)) +
		math.Log(1/(e(5)+1+e(1))) + math.Log(e(4)/(1+1+e(4)))) / 5
	for _, wide := range []bool{false, true} {
		m := model(t, graph.Config{Input: graph.Floats(3), Float64: wide}, layers.Linear)
		for _, batch := range []int{0, 1, 2, 3, 4, 5, 99} {
			for _, c := range []struct {
				loss graph.Loss
				want float64
			}{
				{losses.CrossEntropy{Logits: true}, crossEntropy},
				{losses.MSE{}, (2.0 + 9 + 1 + 27 + 9) / 15},
			} {
				got := evaluate(t, m, data, train.Config{Loss: c.loss, BatchSize: batch})
				if !near(got.Loss, c.want, 1e-6) || got.Accuracy() != .4 {
					t.Errorf("float64 %v, batch %d: got %+v, want %v and .4", wide, batch, got.Metrics, c.want)
				}
				if want := [][]int{{1, 0, 0}, {2, 0, 0}, {0, 1, 1}}; !reflect.DeepEqual(got.Confusion, want) {
					t.Errorf("float64 %v, batch %d: confusion %v, want %v", wide, batch, got.Confusion, want)
				}
				if want := []int{3, 1, 1}; !reflect.DeepEqual(got.Predicted(), want) || got.PredictedClasses() != 3 {
					t.Errorf("batch %d: predicted %v (%d classes), want %v", batch, got.Predicted(), got.PredictedClasses(), want)
				}
				for k, want := range []float64{0, .4, .8, 1, 1} {
					if topK := got.TopK(k); topK != want {
						t.Errorf("batch %d: top %d is %v, want %v", batch, k, topK, want)
					}
				}
			}
		}
	}
}

// TestNotANumberComesLast: a model that gives NaN is right as often as the class that it is taken to say.
func TestNotANumberComesLast(t *testing.T) {
	data := blobs(t, 10)
	m := small(t, 1)
	m.Params()[0].Value.Float32s()[0] = float32(math.NaN())
	got := evaluate(t, m, data, train.Config{})
	if got.TopK(1) != got.Accuracy() || got.Accuracy() != .4 || got.PredictedClasses() != 1 || !math.IsNaN(got.Loss) {
		t.Errorf("got %+v, top 1 %v", got, got.TopK(1))
	}

	// One class alone is NaN: the others are still told apart, wherever it stands.
	for nan := range 3 {
		m := model(t, graph.Config{Input: graph.Floats(3)}, layers.Dense{Units: 3, Weights: identity(), Bias: graph.Zeros})
		m.Params()[1].Value.Float32s()[nan] = float32(math.NaN())
		label := (nan + 1) % 3
		row := make([]float32, 3)
		row[label] = 1
		one := dataset(t, []int{3}, append(row, 0, 0, 0), []int{label, 2})
		one, err := one.Slice(0, 1)
		if err != nil {
			t.Fatal(err)
		}
		if got := evaluate(t, m, one, train.Config{}); got.Accuracy() != 1 || got.TopK(1) != 1 {
			t.Errorf("NaN at %d: accuracy %v, top 1 %v, want 1", nan, got.Accuracy(), got.TopK(1))
		}
	}
}

// identity initialises a 3×3 matrix to the identity.
func identity() graph.Initializer {
	return graph.Initializer{Name: "identity", Fill: func(_ *rand.Rand, w []float64, _ []int) {
		for i := range w {
			w[i] = 0
			if i%4 == 0 {
				w[i] = 1
			}
		}
	}}
}

// TestTopOneIsAccuracy, whatever the outputs, ties included.
func TestTopOneIsAccuracy(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 0))
	for range 50 {
		n, classes := 1+r.IntN(40), 2+r.IntN(5)
		rows, labels := make([]float32, n*classes), make([]int, n)
		for i := range rows {
			rows[i] = float32(r.IntN(3))
		}
		for i := range labels {
			labels[i] = r.IntN(classes)
		}
		labels[0] = classes - 1
		got := evaluate(t, model(t, graph.Config{Input: graph.Floats(classes)}, layers.Linear), dataset(t, []int{classes}, rows, labels), train.Config{Loss: losses.CrossEntropy{Logits: true}, BatchSize: 1 + r.IntN(n)})
		if got.TopK(1) != got.Accuracy() || got.TopK(classes) != 1 {
			t.Errorf("top 1 %v, accuracy %v, top %d %v", got.TopK(1), got.Accuracy(), classes, got.TopK(classes))
		}
		total := 0
		for _, c := range got.Predicted() {
			total += c
		}
		if total != n {
			t.Errorf("%d predictions for %d samples", total, n)
		}
	}
}

// TestEvaluateLeavesTheModelAlone: nothing random, nothing learnt.
func TestEvaluateLeavesTheModelAlone(t *testing.T) {
	m, data := small(t, 1), blobs(t, 30)
	before := bits(m)
	a, b := evaluate(t, m, data, train.Config{}), evaluate(t, m, data, train.Config{})
	if !reflect.DeepEqual(a, b) || !reflect.DeepEqual(before, bits(m)) {
		t.Errorf("twice evaluated: %+v and %+v", a, b)
	}
}

func TestPredict(t *testing.T) {
	for _, wide := range []bool{false, true} {
		const n = 1203 // more than two batches, the last one smaller
		rows, labels := make([]float32, 2*n), make([]int, n)
		r := rand.New(rand.NewPCG(5, 0))
		for i := range rows {
			rows[i] = float32(r.NormFloat64())
		}
		labels[0] = 6 // another number of classes than the model has outputs: labels do not matter
		data := dataset(t, []int{2}, rows, labels)
		m := model(t, graph.Config{Input: graph.Floats(2), Seed: 8, Float64: wide}, layers.Dense{Units: 3, Activation: layers.Softmax})
		out, err := train.Predict(context.Background(), m, data)
		if err != nil {
			t.Fatal(err)
		}
		if !out.Shape().Eq(tensor.Shape{n, 3}) {
			t.Fatalf("shape %v", out.Shape())
		}
		at := func(p, i int) float64 {
			if wide {
				return m.Params()[p].Value.Float64s()[i]
			}
			return float64(m.Params()[p].Value.Float32s()[i])
		}
		for i := range n {
			var z [3]float64
			sum := 0.0
			for j := range z {
				z[j] = math.Exp(float64(rows[2*i])*at(0, j) + float64(rows[2*i+1])*at(0, 3+j) + at(1, j))
				sum += z[j]
			}
			for j := range z {
				if got := float64(out.Float32s()[3*i+j]); !near(got, z[j]/sum, 1e-6) {
					t.Fatalf("float64 %v: sample %d, class %d: got %v, want %v", wide, i, j, got, z[j]/sum)
				}
			}
		}
	}
}

func TestClasses(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	rows := []float64{.1, .7, .2, .4, .4, .2, nan, -1, -2, nan, nan, nan, -inf, -inf, nan, 0, inf, inf}
	want := []int{1, 0, 1, 0, 0, 1}
	narrow := make([]float32, len(rows))
	for i, v := range rows {
		narrow[i] = float32(v)
	}
	for _, backing := range []any{rows, narrow} {
		if got := train.Classes(tensor.New(tensor.WithShape(6, 3), tensor.WithBacking(backing))); !slices.Equal(got, want) {
			t.Errorf("%T: got %v, want %v", backing, got, want)
		}
	}
	m, data := small(t, 1), blobs(t, 9)
	output, err := train.Predict(context.Background(), m, data)
	if err != nil {
		t.Fatal(err)
	}
	counts := make([]int, m.Outputs()[0].Shape[0])
	for _, class := range train.Classes(output) {
		counts[class]++
	}
	result, err := train.Evaluate(context.Background(), m, data, train.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(counts, result.Predicted()) {
		t.Errorf("says the classes %v times, evaluated %v", counts, result.Predicted())
	}
}

func TestEvaluationIsCancelled(t *testing.T) {
	why := errors.New("enough")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(why)
	if _, err := train.Evaluate(ctx, small(t, 1), blobs(t, 9), train.Config{}); !errors.Is(err, why) {
		t.Errorf("Evaluate: %v", err)
	}
	if _, err := train.Predict(ctx, small(t, 1), blobs(t, 9)); !errors.Is(err, why) {
		t.Errorf("Predict: %v", err)
	}
}
