package layers

import (
	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
	"github.com/stheno-ml/stheno/graph/text"
)

// AvgPool is the mean of each window of an image, a channel for itself: [batch,rows,columns,channels] → [batch,rows',columns',channels]. Windows may overlap; padding does not count (as in Keras; in PyTorch with
// count_include_pad=False).
type AvgPool struct{ Window }

// AvgPool1D is AvgPool over sequences: [batch,time,features] → [batch,time',features].
type AvgPool1D struct{ Window }

// GlobalAvgPool is the mean of each channel: [batch,…,channels] → [batch,channels] (Lin, Chen and Yan 2014, Network in network).
type GlobalAvgPool struct{}

func init() {
	text.Register[graph.Layer]("avgpool", "the mean of each window: [batch,rows,columns,channels] → [batch,rows',columns',channels]", "avgpool 2", AvgPool{})
	text.Register[graph.Layer]("avgpool1d", "the mean of each window: [batch,time,features] → [batch,time',features]", "avgpool1d 2", AvgPool1D{})
	text.Register[graph.Layer]("globalavgpool", "the mean of each channel: [batch,…,channels] → [batch,channels]", "globalavgpool", GlobalAvgPool{})
}

// Build is an error where the window does not fit, or may lie on padding alone.
func (p AvgPool) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	x, places := image(b, x)
	axes := p.over(b, places, poolWindow, true)
	return b.Node(ops.AvgPool(x, axes...))
}

// Build is an error where the window does not fit, or may lie on padding alone.
func (p AvgPool1D) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	x, places := sequence(b, x)
	axes := p.over(b, places, poolWindow, true)
	return b.Node(ops.AvgPool(x, axes...))
}

// Build wants an axis between batch and channels.
func (GlobalAvgPool) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	return b.Node(ops.GlobalAvgPool(x))
}

// Label is "avgpool 2x2", with the stride where it has one.
func (p AvgPool) Label() string { return "avgpool " + p.label(2, poolWindow) }

// Label is "avgpool1d 2", with the stride where it has one.
func (p AvgPool1D) Label() string { return "avgpool1d " + p.label(1, poolWindow) }
