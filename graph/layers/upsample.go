package layers

import (
	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
	"github.com/stheno-ml/stheno/graph/text"
)

// Upsample makes images larger by repeating rows and columns: [batch,rows,columns,channels] → [batch,rows·Factor,columns·Factor,channels] (nearest neighbour, as in both frameworks).
type Upsample struct {
	Factor []int `default:"2"` // one for both, or one for rows and one for columns
}

// Upsample1D makes sequences longer by repeating their steps: [batch,time,features] → [batch,time·Factor,features].
type Upsample1D struct {
	Factor []int `default:"2"`
}

func init() {
	text.Register[graph.Layer]("upsample", "repeats rows and columns: [batch,rows,columns,channels] → [batch,rows·factor,columns·factor,channels]", "upsample 2", Upsample{})
	text.Register[graph.Layer]("upsample1d", "repeats steps: [batch,time,features] → [batch,time·factor,features]", "upsample1d 2", Upsample1D{})
}

// Build is an error of factors below 1.
func (u Upsample) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	x, places := image(b, x)
	return b.Node(ops.Upsample(x, sizes(b, "Factor", u.Factor, len(places), 2)...))
}

// Build is an error of factors below 1.
func (u Upsample1D) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	x, places := sequence(b, x)
	return b.Node(ops.Upsample(x, sizes(b, "Factor", u.Factor, len(places), 2)...))
}
