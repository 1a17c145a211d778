package layers

import (
	"math"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
	"github.com/stheno-ml/stheno/graph/text"
)

// Embedding is a table with a row of Units numbers for each id, all of them learnt: int32 [batch,…] → [batch,…,Units]. With a Bag the rows of the last axis are added up, or their mean is
// taken: [batch,…,n] → [batch,…,Units] (PyTorch's EmbeddingBag; Joulin et al. 2017). The id of padding counts as zeros, is left out of a mean, and learns nothing; a bag of nothing else is
// zeros. Any other id that is not 0 to IDs−1 is an error of the run. Its parameter is "table", [IDs,Units].
type Embedding struct {
	IDs     int               // how many there are, 0 to IDs−1
	Units   int               // at least 1
	Bag     Bag               // EachID if not given
	Padding float64           `default:"-1"` // the id that stands for nothing; 0: −1; graph.Zero: 0
	Weights graph.Initializer // graph.Uniform(0.05) if not given, Keras'
}

// A Bag says what an Embedding makes of the ids of the last axis.
type Bag uint8

const (
	EachID  Bag = iota // a row each
	BagMean            // the mean of their rows
	BagSum             // the sum of their rows
)

var bags = []string{"each", "mean", "sum"}

// String is the bag's name, as the text form has it.
func (b Bag) String() string {
	if int(b) < len(bags) {
		return bags[b]
	}
	return "unknown"
}

func init() {
	for i, word := range bags {
		text.Register(word, []string{"a row for each id", "the mean of the ids' rows", "the sum of the ids' rows"}[i], word, Bag(i))
	}
	text.Register[graph.Layer]("embedding", "a table's row for each id, or with a bag their mean or sum: [batch,…] → [batch,…,units]", "embedding 10000 units=64 mean padding=0", Embedding{})
}

// Build makes one op of it.
func (l Embedding) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	padding := text.Value(l.Padding, -1)
	switch {
	case x.Dtype() != tensor.Int32:
		return b.Errorf("got numbers, want ids, int32: make the input graph.Ints(…)")
	case l.IDs < 1 || l.Units < 1:
		return b.Errorf("got %d IDs and %d Units, want at least 1 of each", l.IDs, l.Units)
	case padding != math.Trunc(padding) || math.Abs(padding) > math.MaxInt32:
		return b.Errorf("got Padding %v, want a whole number, an id", padding)
	case l.Bag > BagSum:
		return b.Errorf("got Bag %d, want EachID, BagMean or BagSum", l.Bag)
	case l.Bag != EachID && x.Dims() < 2:
		return b.Errorf("got one id a sample, want several for a bag: graph.Ints(100), say")
	}
	table := b.Param("table", l.Weights.Or(graph.Uniform(.05)), l.IDs, l.Units)
	if l.Bag != EachID {
		return b.Node(ops.EmbeddingBag(table, x, int(padding), l.Bag == BagMean))
	}
	return b.Node(ops.Embedding(table, x, int(padding)))
}
