package run

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/internal/randomnet"
	"github.com/stheno-ml/stheno/graph/layers"
)

// TestRandomNetworksInFiles: 200 random networks go from text to a model, to a file, to a model and to text, and say the same to the bit; each other one is cut and given
// another head on the way.
func TestRandomNetworksInFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m.safetensors")
	for seed := range uint64(200) {
		c, all := randomnet.New(seed)
		words, err := layers.Format(all...)
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := layers.Parse(words)
		if err != nil {
			t.Fatal(err)
		}
		m, err := graph.NewModel(c, parsed...)
		if err != nil {
			t.Fatal(err)
		}
		if seed%2 == 0 && len(m.Outputs()) == 1 {
			if m, err = m.Then(layers.Dense{Units: 2}); err != nil {
				t.Fatal(err)
			}
		}
		for _, p := range m.Tensors() { // others than the seed draws
			switch x := p.Value.Data().(type) {
			case []float32:
				for i := range x {
					x[i] += .25
				}
			case []float64:
				for i := range x {
					x[i] += .25
				}
			}
		}
		want, err := randomnet.Said(m)
		if err != nil {
			t.Fatal(err)
		}
		if err := SaveModel(path, m, nil); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		again, _, err := LoadModel(path)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if got, err := randomnet.Said(again); err != nil || !slices.Equal(got, want) {
			t.Fatalf("seed %d: got\n%s\n%v, want\n%s", seed, strings.Join(got, "\n"), err, strings.Join(want, "\n"))
		}
		before, _ := layers.Format(m.Net())
		if after, err := layers.Format(again.Net()); err != nil || after != before {
			t.Fatalf("seed %d: got the text\n%s\n%v, want\n%s", seed, after, err, before)
		}
	}
}
