package graph_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
)

// TestInitializers draws 120,000 numbers of each and compares mean, deviation, bounds and the whole distribution
// (Kolmogorov–Smirnov at 1 %) with the definition.
func TestInitializers(t *testing.T) {
	const n, fanIn, fanOut = 120_000, 300, 100
	for name, c := range map[string]struct {
		init    graph.Initializer
		sigma   float64
		uniform bool
	}{
		"GlorotUniform": {graph.GlorotUniform, math.Sqrt(2. / (fanIn + fanOut)), true},
		"GlorotNormal":  {graph.GlorotNormal, math.Sqrt(2. / (fanIn + fanOut)), false},
		"HeUniform":     {graph.HeUniform, math.Sqrt(2. / fanIn), true},
		"HeNormal":      {graph.HeNormal, math.Sqrt(2. / fanIn), false},
	} {
		r := rand.New(rand.NewPCG(1, 2))
		x := make([]float64, n)
		sum, squares := 0.0, 0.0
		for part := range slices.Chunk(x, fanIn*fanOut) {
			c.init.Fill(r, part, []int{fanIn, fanOut})
		}
		for i := range x {
			sum += x[i]
			squares += x[i] * x[i]
		}
		slices.Sort(x)
		bound := c.sigma * math.Sqrt(3) // of the uniform distribution with that deviation
		cdf := func(v float64) float64 { return math.Erfc(-v/c.sigma/math.Sqrt2) / 2 }
		kurtosis := 3.0
		if c.uniform {
			cdf = func(v float64) float64 { return (v/bound + 1) / 2 }
			kurtosis = 1.8
			if x[0] < -bound || x[n-1] > bound || x[0] > -.999*bound || x[n-1] < .999*bound {
				t.Errorf("%s: from %v to %v, want the whole of ±%v and no more", name, x[0], x[n-1], bound)
			}
		} else if x[n-1] < 3.5*c.sigma || x[0] > -3.5*c.sigma {
			t.Errorf("%s: from %v to %v, want it not truncated", name, x[0], x[n-1])
		}
		if mean := sum / n; math.Abs(mean) > 3*c.sigma/math.Sqrt(n) {
			t.Errorf("%s: mean %v, want 0", name, mean)
		}
		variance, spread := squares/n, c.sigma*c.sigma*math.Sqrt((kurtosis-1)/n)
		if math.Abs(variance-c.sigma*c.sigma) > 3*spread {
			t.Errorf("%s: deviation %v, want %v", name, math.Sqrt(variance), c.sigma)
		}
		distance := 0.0
		for i, v := range x {
			f := cdf(v)
			distance = max(distance, f-float64(i)/n, float64(i+1)/n-f)
		}
		if limit := 1.628 / math.Sqrt(n); distance > limit {
			t.Errorf("%s: Kolmogorov–Smirnov distance %v, want at most %v", name, distance, limit)
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	for want, init := range map[float64]graph.Initializer{0: graph.Zeros, 1: graph.Ones, -2.5: graph.Constant(-2.5)} {
		w := []float64{7, 7, 7, 7, 7, 7}
		if init.Fill(r, w, []int{2, 3}); !slices.Equal(w, slices.Repeat([]float64{want}, 6)) {
			t.Errorf("%s gave %v, want %v", init.Name, w, want)
		}
		if got := (graph.Initializer{}).Or(init); got.Name != init.Name {
			t.Errorf("none or %s is %s", init.Name, got.Name)
		}
		if got := init.Or(graph.HeNormal); got.Name != init.Name {
			t.Errorf("%s or another is %s", init.Name, got.Name)
		}
	}
}

// TestFans sees what an initializer is told for parameters of each number of dimensions, and that a model's elements are
// what it returned.
func TestFans(t *testing.T) {
	type fans struct{ in, out int }
	want := map[string]fans{}
	got := map[string]fans{}
	layer := graph.LayerFunc("params", func(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
		for _, c := range []struct {
			shape []int
			fans
		}{{[]int{7}, fans{7, 7}}, {[]int{1}, fans{1, 1}}, {[]int{3, 5}, fans{3, 5}}, {[]int{1, 5}, fans{1, 5}}, {[]int{3, 1}, fans{3, 1}}, {[]int{2, 3, 4}, fans{6, 8}}, {[]int{2, 3, 4, 5}, fans{24, 30}}} {
			name := fmt.Sprint(c.shape)
			want[name] = c.fans
			b.Param(name, graph.InitFunc("fans", func(_ *rand.Rand, in, out int) float64 {
				got[name] = fans{in, out}
				return float64(100*in + out)
			}), c.shape...)
		}
		return x
	})
	m := model(t, graph.Config{Input: graph.Floats(3)}, layer)
	for name, w := range want {
		if got[name] != w {
			t.Errorf("shape %s: told fans %v, want %v", name, got[name], w)
		}
	}
	for _, p := range m.Params() {
		w := want[p.Name[len("params_1."):]]
		for i, v := range p.Value.Float32s() {
			if v != float32(100*w.in+w.out) {
				t.Errorf("%s[%d] = %v, want what the initializer gave", p.Name, i, v)
			}
		}
	}
}

// TestDenseDefaults: Glorot's uniform weights and biases of zero, unless given.
func TestDenseDefaults(t *testing.T) {
	m := model(t, graph.Config{Input: graph.Floats(50), Seed: 3}, layers.Dense{Units: 100}, layers.Dense{Units: 2, Weights: graph.Constant(.25), Bias: graph.Constant(-1)})
	bound := float32(math.Sqrt(6. / 150))
	w := m.Params()[0].Value.Float32s()
	if lo, hi := slices.Min(w), slices.Max(w); lo < -bound || hi > bound || lo > -.99*bound || hi < .99*bound {
		t.Errorf("weights from %v to %v, want ±%v", lo, hi, bound)
	}
	for i, want := range []float32{1: 0, 2: .25, 3: -1} {
		for _, v := range m.Params()[i].Value.Float32s() {
			if i > 0 && v != want {
				t.Errorf("%s is %v, want %v", m.Params()[i].Name, v, want)
				break
			}
		}
	}
}
