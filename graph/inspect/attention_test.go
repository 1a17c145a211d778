package inspect_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/train"
)

// TestAttention: a map is softmax(q·kᵀ/√size) by a direct computation, its rows are 1 in all, and with the values and the last matrix it makes what the layer puts out.
func TestAttention(t *testing.T) {
	const batch, time, steps, features = 2, 5, 3, 4
	for _, c := range []struct {
		layer          layers.Attention
		cross, lengths bool
	}{
		{layers.Attention{Heads: 2}, false, false},
		{layers.Attention{Heads: 1, Size: 3, Causal: true}, false, false},
		{layers.Attention{Heads: 2, Rotary: true, Causal: true}, false, true},
		{layers.Attention{Heads: 2, Size: 6}, true, false},
		{layers.Attention{Heads: 2, Rotary: true}, true, true},
	} {
		for _, float64s := range []bool{false, true} {
			t.Run(fmt.Sprintf("%+v", c), func(t *testing.T) {
				var n graph.Net
				x := n.Input("x", graph.Floats(time, features))
				joined := []graph.Handle{x}
				r := rand.New(rand.NewPCG(5, 0))
				draw := func(count int) []float32 {
					all := make([]float32, count)
					for i := range all {
						all[i] = float32(r.NormFloat64())
					}
					return all
				}
				inputs := []datasets.Array{{Name: "x", Shape: []int{time, features}, Floats: draw(batch * time * features)}}
				memory, keys, in := inputs[0].Floats, time, features
				if c.cross {
					keys, in = steps, 7
					joined = append(joined, n.Input("memory", graph.Floats(steps, in)))
					memory = draw(batch * steps * in)
					inputs = append(inputs, datasets.Array{Name: "memory", Shape: []int{steps, in}, Floats: memory})
				}
				lengths := []int32{int32(keys), int32(keys)}
				if c.lengths {
					lengths = []int32{2, 0}
					joined = append(joined, n.Input("lengths", graph.Ints()))
					inputs = append(inputs, datasets.Array{Name: "lengths", IDs: lengths})
				}
				n.Output("y", n.Add(c.layer, joined...))
				m, err := graph.NewModel(graph.Config{Seed: 2, Float64: float64s}, &n)
				if err != nil {
					t.Fatal(err)
				}
				data, err := datasets.NewArrays("drawn", inputs, nil)
				if err != nil {
					t.Fatal(err)
				}
				b, err := train.NewBatch(m, nil, data, []int{0, 1})
				if err != nil {
					t.Fatal(err)
				}
				maps, err := inspect.Attention(m, b)
				if err != nil || len(maps) != 1 {
					t.Fatalf("%d maps, %v", len(maps), err)
				}
				a := maps[0]
				if a.Layer != "attention_1" || a.Samples != batch || a.Heads != c.layer.Heads || a.Queries != time || a.Keys != keys {
					t.Fatalf("got %d samples, %d heads, %d×%d of %s", a.Samples, a.Heads, a.Queries, a.Keys, a.Layer)
				}
				if a.Of(batch, 0) != nil || a.Of(0, -1) != nil || (*inspect.AttentionMap)(nil).Of(0, 0) != nil {
					t.Error("a head that there is not has a map")
				}
				out, err := train.Predict(t.Context(), m, data)
				if err != nil {
					t.Fatal(err)
				}
				w := map[string][]float64{}
				for _, p := range m.Params() {
					w[p.Name[len("attention_1."):]] = wideOf(p.Value)
				}
				size := c.layer.Size
				if size == 0 {
					size = features / c.layer.Heads
				}
				width := c.layer.Heads * size
				// projected is x·W + b of a row, from a column of a matrix so wide on, turned by its time.
				projected := func(row []float32, matrix, bias string, wide, column, at int, turned bool) []float64 {
					y := make([]float64, size)
					for j := range y {
						y[j] = w[bias][column+j]
						for i, v := range row {
							y[j] += float64(v) * w[matrix][i*wide+column+j]
						}
					}
					for i := 0; turned && c.layer.Rotary && i < size/2; i++ {
						s, co := math.Sincos(float64(at) * math.Pow(10000, -2*float64(i)/float64(size)))
						y[2*i], y[2*i+1] = y[2*i]*co-y[2*i+1]*s, y[2*i]*s+y[2*i+1]*co
					}
					return y
				}
				tolerance := 1e-5
				for s := range batch {
					for i := range time {
						made := append([]float64{}, w["output_bias"]...)
						for head := range c.layer.Heads {
							got := a.Of(s, head)[i*keys:][:keys]
							weights, sum, total := make([]float64, keys), 0.0, 0.0
							row := inputs[0].Floats[(s*time+i)*features:][:features]
							values := make([][]float64, keys)
							for j := range keys {
								other := memory[(s*keys+j)*in:][:in]
								var q, k []float64
								if c.cross {
									q = projected(row, "query", "query_bias", width, head*size, i, true)
									k, values[j] = projected(other, "memory", "memory_bias", 2*width, head*size, j, true), projected(other, "memory", "memory_bias", 2*width, width+head*size, j, false)
								} else {
									q, k = projected(row, "weight", "bias", 3*width, head*size, i, true), projected(other, "weight", "bias", 3*width, width+head*size, j, true)
									values[j] = projected(other, "weight", "bias", 3*width, 2*width+head*size, j, false)
								}
								if j >= int(lengths[s]) || c.layer.Causal && j > i {
									continue
								}
								dot := 0.0
								for d := range q {
									dot += q[d] * k[d]
								}
								weights[j] = math.Exp(dot / math.Sqrt(float64(size)))
								sum += weights[j]
							}
							for j := range weights {
								if sum > 0 {
									weights[j] /= sum
								}
								total += got[j]
								if math.Abs(got[j]-weights[j]) > tolerance {
									t.Fatalf("sample %d, head %d, query %d, key %d: got %v, want %v", s, head, i, j, got[j], weights[j])
								}
								for o := range made {
									for d, v := range values[j] {
										made[o] += got[j] * v * w["output"][(head*size+d)*features+o]
									}
								}
							}
							if want := float64(min(1, lengths[s])); math.Abs(total-want) > 1e-12 {
								t.Errorf("sample %d, head %d, query %d: the weights are %v in all, want %v", s, head, i, total, want)
							}
						}
						for o, v := range made {
							if y := float64(out.Float32s()[(s*time+i)*features+o]); math.Abs(v-y) > tolerance*max(1, math.Abs(y)) {
								t.Fatalf("sample %d, query %d: the layer put out %v, its map makes %v", s, i, y, v)
							}
						}
					}
				}
			})
		}
	}
	if _, err := inspect.Attention(nil, nil); err == nil {
		t.Error("no model: no error")
	}
}

func wideOf(t *tensor.Dense) []float64 {
	if t.Dtype() == tensor.Float64 {
		return t.Float64s()
	}
	all := make([]float64, len(t.Float32s()))
	for i, v := range t.Float32s() {
		all[i] = float64(v)
	}
	return all
}

// TestAttentionOfOthers: a model without attention has no map, and a layer that is shared has one at each place.
func TestAttentionOfOthers(t *testing.T) {
	data, err := datasets.NewArrays("zeros", []datasets.Array{{Name: "x", Shape: []int{3, 4}, Floats: make([]float32, 12)}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	shared, err := layers.Parse("a = attention 2, a, dense 4")
	if err != nil {
		t.Fatal(err)
	}
	for want, network := range map[int][]graph.Layer{0: {layers.Dense{Units: 2}}, 2: shared} {
		m, err := graph.NewModel(graph.Config{Input: graph.Floats(3, 4), Seed: 1}, network...)
		if err != nil {
			t.Fatal(err)
		}
		b, err := train.NewBatch(m, nil, data, []int{0})
		if err != nil {
			t.Fatal(err)
		}
		maps, err := inspect.Attention(m, b)
		if err != nil || len(maps) != want {
			t.Errorf("got %d maps, %v, want %d", len(maps), err, want)
		}
		if want == 2 && (maps[1].Layer != "attention_1/2" || maps[1].Of(0, 1)[0] != 1.0/3) {
			t.Errorf("of a shared layer: %+v", maps[1])
		}
	}
}
