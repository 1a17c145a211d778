package train_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/train"
)

// judgement is one case of testdata/metrics.json, which testdata/metrics.py made with scikit-learn.
type judgement struct {
	Name      string
	Shape     []int
	Linear    bool
	Output    []float64 // as float32 has them
	IDs       bool
	Target    []float64
	Figures   map[string]*float64 // nil is NaN
	Confusion train.Confusion
}

func readJudgements(t *testing.T) []judgement {
	t.Helper()
	data, err := os.ReadFile("testdata/metrics.json")
	if err != nil {
		t.Fatal(err)
	}
	var all struct{ Cases []judgement }
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	return all.Cases
}

// metric is that of a figure's name: "precision at 0.3".
func metric(t *testing.T, name string) train.Metric {
	t.Helper()
	name, at, _ := strings.Cut(name, " at ")
	m, err := train.ParseMetric(name)
	if err != nil {
		t.Fatal(err)
	}
	if at == "" {
		return m
	}
	threshold, err := strconv.ParseFloat(at, 64)
	if err != nil {
		t.Fatal(err)
	}
	switch m.(type) {
	case train.BinaryAccuracy:
		return train.BinaryAccuracy{Threshold: threshold}
	case train.Precision:
		return train.Precision{Threshold: threshold}
	case train.Recall:
		return train.Recall{Threshold: threshold}
	case train.F1:
		return train.F1{Threshold: threshold}
	}
	t.Fatalf("%s has no threshold", name)
	return nil
}

// batch is rows lo to hi of the case.
func (j judgement) batch(dt tensor.Dtype, lo, hi int) (output graph.OutputInfo, values, target *tensor.Dense) {
	output = graph.OutputInfo{Name: "output", Shape: j.Shape[1:], Linear: j.Linear}
	part := func(all []float64) []float64 {
		a := len(all) / j.Shape[0]
		return all[lo*a : hi*a]
	}
	values = dense(dt, append([]int{hi - lo}, j.Shape[1:]...), part(j.Output))
	if j.IDs {
		ids := []int32{}
		for _, v := range part(j.Target) {
			ids = append(ids, int32(v))
		}
		shape := append([]int{hi - lo}, j.Shape[1:len(j.Shape)-1]...)
		return output, values, tensor.New(tensor.WithShape(shape...), tensor.WithBacking(ids))
	}
	return output, values, dense(dt, values.Shape(), part(j.Target))
}

// dense is a tensor of what the numbers are in float32.
func dense(dt tensor.Dtype, shape []int, values []float64) *tensor.Dense {
	x := tensor.New(tensor.Of(dt), tensor.WithShape(shape...))
	for i, v := range values {
		if dt == tensor.Float64 {
			x.Float64s()[i] = float64(float32(v))
		} else {
			x.Float32s()[i] = float32(v)
		}
	}
	return x
}

func (j judgement) target() graph.Input {
	if j.IDs {
		return graph.Ints(j.Shape[1 : len(j.Shape)-1]...)
	}
	return graph.Floats(j.Shape[1:]...)
}

// TestMetricsGolden compares every metric with scikit-learn's, and its value over any cut into batches with that over one, bit by bit.
func TestMetricsGolden(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	without := train.MetricNames()
	for _, j := range readJudgements(t) {
		for name, want := range j.Figures {
			m := metric(t, name)
			without = slices.DeleteFunc(without, func(n string) bool { return n == m.Name() })
			for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
				output, values, target := j.batch(dt, 0, j.Shape[0])
				if err := m.Check(output, j.target()); err != nil {
					t.Errorf("%s, %s: got error %v", j.Name, name, err)
				}
				got := m.Value(m.Add(nil, output, values, target))
				if (want == nil) != math.IsNaN(got) || want != nil && math.Abs(got-*want) > 1e-9*math.Max(1, math.Abs(*want)) {
					t.Errorf("%s, %s, %v: got %v, want %v", j.Name, name, dt, got, value(want))
				}
				for range 3 {
					var sums []float64
					for lo, hi := 0, 0; lo < j.Shape[0]; lo = hi {
						hi = min(lo+1+r.IntN(5), j.Shape[0])
						output, values, target := j.batch(dt, lo, hi)
						sums = m.Add(sums, output, values, target)
					}
					if cut := m.Value(sums); math.Float64bits(cut) != math.Float64bits(got) && !(cut != cut && got != got) {
						t.Errorf("%s, %s, %v: got %v over several batches, %v over one", j.Name, name, dt, cut, got)
					}
				}
			}
		}
		if j.Confusion != nil {
			var c train.Confusion
			for lo := 0; lo < j.Shape[0]; lo += 2 {
				if err := c.Add(j.batch(tensor.Float32, lo, min(lo+2, j.Shape[0]))); err != nil {
					t.Fatalf("%s: %v", j.Name, err)
				}
			}
			if !reflect.DeepEqual(c, j.Confusion) {
				t.Errorf("%s: got confusion %v, want %v", j.Name, c, j.Confusion)
			}
		}
	}
	without = slices.DeleteFunc(without, func(n string) bool { return n == "top-5" }) // it has other numbers there
	if len(without) > 0 {
		t.Errorf("%v: got no golden, want one for each metric", without)
	}
}

func value(v *float64) float64 {
	if v == nil {
		return math.NaN()
	}
	return *v
}
