package layers

import (
	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
	"github.com/stheno-ml/stheno/graph/text"
)

// MaxPool is the largest element of each window of an image, a channel for itself: [batch,rows,columns,channels] → [batch,rows',columns',channels]. Windows may overlap; padding is never the largest. The
// gradient goes to the first of equal elements, as in PyTorch.
type MaxPool struct{ Window }

// MaxPool1D is MaxPool over sequences: [batch,time,features] → [batch,time',features].
type MaxPool1D struct{ Window }

// GlobalMaxPool is the largest element of each channel: [batch,…,channels] → [batch,channels].
type GlobalMaxPool struct{}

func init() {
	text.Register[graph.Layer]("maxpool", "the largest of each window: [batch,rows,columns,channels] → [batch,rows',columns',channels]", "maxpool 2", MaxPool{})
	text.Register[graph.Layer]("maxpool1d", "the largest of each window: [batch,time,features] → [batch,time',features]", "maxpool1d 2", MaxPool1D{})
	text.Register[graph.Layer]("globalmaxpool", "the largest of each channel: [batch,…,channels] → [batch,channels]", "globalmaxpool", GlobalMaxPool{})
}

// poolWindow is the size of a pooling's window that is not given.
const poolWindow = 2

// Build is an error where the window does not fit, or may lie on padding alone.
func (p MaxPool) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	x, places := image(b, x)
	return p.pool(b, x, places)
}

// Build is an error where the window does not fit, or may lie on padding alone.
func (p MaxPool1D) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	x, places := sequence(b, x)
	return p.pool(b, x, places)
}

// pool makes one op of itself and a convolution before it, unless somebody wants to see what that puts out.
func (w Window) pool(b *graph.Builder, x *gorgonia.Node, places []int) *gorgonia.Node {
	axes := w.over(b, places, poolWindow, true)
	if b.Inspecting() {
		return b.Node(ops.MaxPool(x, axes...))
	}
	return b.Node(ops.ConvMaxPool(x, axes...))
}

// Build wants an axis between batch and channels.
func (GlobalMaxPool) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	return b.Node(ops.GlobalMaxPool(x))
}

// Label is "maxpool 2x2", with the stride where it has one.
func (p MaxPool) Label() string { return "maxpool " + p.label(2, poolWindow) }

// Label is "maxpool1d 2", with the stride where it has one.
func (p MaxPool1D) Label() string { return "maxpool1d " + p.label(1, poolWindow) }
