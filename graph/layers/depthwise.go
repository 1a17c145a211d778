package layers

import (
	"math"
	"math/rand/v2"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/text"
)

// Depthwise is a convolution of each channel by itself, into Multiplier channels: [batch,rows,columns,in] → [batch,rows',columns',in·Multiplier]. It is Conv with as many groups as there are channels; with a Conv of
// 1x1 behind it, it is a separable convolution (Chollet 2017, Xception). Its parameters are "weight", [window's rows, its columns, 1, in·Multiplier], and "bias", [in·Multiplier].
type Depthwise struct {
	Window
	Multiplier int               `default:"1"` // filters of each channel
	Activation Activation        // Linear if not given
	Weights    graph.Initializer // graph.GlorotUniform of all channels and the multiplier, Keras', if not given
	Bias       graph.Initializer // graph.Zeros if not given
}

func init() {
	text.Register[graph.Layer]("depthwise", "a convolution of each channel by itself: [batch,rows,columns,in] → [batch,rows',columns',in·multiplier]", "depthwise 3x3 relu", Depthwise{})
}

// Build is an error where the window does not fit.
func (d Depthwise) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	x, places := image(b, x)
	if d.Multiplier < 0 {
		return b.Errorf("got Multiplier %d, want at least 1", d.Multiplier)
	}
	in := graph.Features(x)
	return Conv{in * max(1, d.Multiplier), d.Window, in, d.Activation, d.Weights.Or(apart(in)), d.Bias}.over(b, x, places)
}

// apart is graph.GlorotUniform as Keras has it for so many channels by themselves: of the window's taps times the channels, and times the multiplier.
func apart(channels int) graph.Initializer {
	return graph.InitFunc("glorot-uniform", func(r *rand.Rand, fanIn, fanOut int) float64 {
		return (2*r.Float64() - 1) * math.Sqrt(6/float64(fanIn*channels+fanOut/channels))
	})
}

// Label is "depthwise 3x3", with the stride and the activation where it has one.
func (d Depthwise) Label() string {
	return "depthwise " + d.Window.label(2, convWindow) + d.Activation.suffix()
}
