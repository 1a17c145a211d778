package look

import (
	"fmt"
	"math"
	"slices"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/train"
)

// A Hist is how the elements of a tensor are distributed.
type Hist struct {
	Min    Number            `json:"min"`
	Max    Number            `json:"max"`
	Mean   Number            `json:"mean"`
	Std    Number            `json:"std"`
	Counts [inspect.Bins]int `json:"counts"` // in equal parts from min to max
}

func histOf(a inspect.Array) Hist {
	h := Hist{Number(a.Min), Number(a.Max), Number(a.Mean), Number(a.Std), a.Histogram}
	if none := Number(math.NaN()); a.NonFinite == 1 { // the statistics are of the finite numbers: of none they are 0
		h.Min, h.Max, h.Mean, h.Std = none, none, none, none
	} else if a.NonFinite > 0 {
		h.Mean, h.Std = none, none
	}
	return h
}

// norm is √Σx², which is not finite where one x is not.
func norm(a inspect.Array) float64 {
	if a.NonFinite > 0 {
		return math.NaN()
	}
	return a.Norm
}

func optional(a *inspect.Array) *Hist {
	if a == nil {
		return nil
	}
	h := histOf(*a)
	return &h
}

// A Layer is one of a network at a step, beside what it was in the beginning.
type Layer struct {
	Name        string     `json:"name"`
	Kind        string     `json:"kind"`
	Label       string     `json:"label"`
	Nested      int        `json:"nested"` // how many layers it stands within
	Shape       []int      `json:"shape"`  // of its output, without the batch
	Params      int        `json:"params"`
	Units       int        `json:"units"`
	GradNorm    *Number    `json:"grad_norm"`    // of all that it learns; null where that is nothing, and where NotFinite
	NotFinite   bool       `json:"not_finite"`   // the gradient of what it learns has NaN or ±Inf in it
	UpdateRatio *Number    `json:"update_ratio"` // ‖Δw‖/‖w‖ of its largest parameter; null where no step was seen
	WeightNorm  *Number    `json:"weight_norm"`
	Saturated   *Number    `json:"saturated"` // the share; null where it is no sigmoid or tanh, of the layer that answers, and where its output has NaN or ±Inf in it
	Dead        *Number    `json:"dead"`      // the share; null where it is no relu, and where its output has NaN or ±Inf in it
	Activation  Hist       `json:"activation"`
	Gradient    *Hist      `json:"gradient"` // of the loss, with regard to the output
	First       FirstLayer `json:"first"`
	Draws       []string   `json:"draws"` // what LayerOf draws of it: "filters", "maps", "attention", "times"
}

// A FirstLayer is what a layer was in the beginning.
type FirstLayer struct {
	Activation Hist    `json:"activation"`
	Gradient   *Hist   `json:"gradient"`
	GradNorm   *Number `json:"grad_norm"`
}

// Layers are a network's at a snapshot, against the first one.
func Layers(s *Subject, now, first *inspect.Snapshot) []Layer {
	all := []Layer{}
	for i, info := range s.Model.Layers() {
		if i >= len(now.Layers) {
			break
		}
		all = append(all, s.layer(i, info, &now.Layers[i], first))
	}
	return all
}

// learnsAfter says whether a layer behind this one learns: it is not the one that answers.
func (s *Subject) learnsAfter(at int) bool {
	return slices.ContainsFunc(s.Model.Layers()[at+1:], func(l graph.LayerInfo) bool { return l.Params > 0 })
}

func (s *Subject) layer(at int, info graph.LayerInfo, l *inspect.Layer, first *inspect.Snapshot) Layer {
	out := Layer{
		Name: info.Name, Kind: info.Kind, Label: info.Label(), Nested: info.Nested, Shape: slices.Clone([]int(info.Output)), Params: info.Params, Units: l.Units,
		GradNorm: gradNorm(l), Activation: histOf(l.Output), Gradient: optional(l.Grad), Draws: s.draws(info),
	}
	if out.Shape == nil {
		out.Shape = []int{}
	}
	largest, squares := -1, 0.0
	for i, p := range l.Params {
		squares += norm(p.Value) * norm(p.Value)
		if largest < 0 || p.Shape.TotalSize() > l.Params[largest].Shape.TotalSize() {
			largest = i
		}
	}
	if largest >= 0 {
		out.WeightNorm = known(math.Sqrt(squares))
		if !math.IsNaN(l.Params[largest].UpdateRatio()) && (l.Params[largest].Update > 0) {
			out.UpdateRatio = known(l.Params[largest].UpdateRatio())
		}
	}
	switch layers.ActivationOf(info.Layer) {
	case layers.Sigmoid, layers.Tanh:
		if l.Output.NonFinite == 0 && s.learnsAfter(at) { // at a network's end it is where targets of 0 and 1 lie
			out.Saturated = known(l.Saturated)
		}
	case layers.ReLU:
		if l.Output.NonFinite == 0 { // NaN is neither 0 nor flat: of such units a share says nothing
			out.Dead = known(l.Dead)
		}
	}
	out.NotFinite = out.GradNorm == nil && slices.ContainsFunc(l.Params, func(p inspect.Param) bool { return p.Grad.NonFinite > 0 })
	was := l
	if first != nil && at < len(first.Layers) && first.Layers[at].Name == l.Name {
		was = &first.Layers[at]
	}
	out.First = FirstLayer{histOf(was.Output), optional(was.Grad), gradNorm(was)}
	return out
}

// gradNorm is that of all that a layer learns.
func gradNorm(l *inspect.Layer) *Number {
	if len(l.Params) == 0 || l.Frozen {
		return nil
	}
	for _, p := range l.Params {
		if p.Grad.NonFinite > 0 {
			return nil
		}
	}
	return known(l.GradNorm())
}

// draws says what can be drawn of a layer.
func (s *Subject) draws(info graph.LayerInfo) []string {
	all := []string{}
	if kernel, pictures := s.kernel(info); kernel != nil || pictures {
		all = append(all, "filters")
	}
	if o := info.Output; len(o) == 3 && o[0] > 1 && o[1] > 1 {
		all = append(all, "maps")
	}
	switch info.Layer.(type) {
	case layers.Attention:
		all = append(all, "attention")
	case layers.RNN, layers.LSTM, layers.GRU, layers.Bidirectional:
		all = append(all, "times")
	}
	return all
}

// overTime says whether a layer is a convolution over sequences: its filters are lines rather than pictures.
func overTime(l graph.Layer) bool {
	switch l.(type) {
	case layers.Conv1D, layers.ConvTranspose1D:
		return true
	}
	return false
}

// kernel is that of a convolution, over images or sequences; pictures says whether a layer weighs whole pictures, as the first one does where it takes their pixels.
func (s *Subject) kernel(info graph.LayerInfo) (kernel *tensor.Dense, pictures bool) {
	var own *graph.Param
	params := s.Model.Params()
	first := ""
	for i, p := range params {
		if len(p.Value.Shape()) == 2 && first == "" {
			first = p.Name
		}
		if p.Name == info.Name+".weight" {
			own = &params[i]
		}
	}
	if own == nil {
		return nil, false
	}
	if own.Value.Dims() == 4 || overTime(info.Layer) {
		return own.Value, false
	}
	h, w, channels, ok := s.pictures()
	return nil, ok && channels == 1 && own.Name == first && own.Value.Shape()[0] == h*w && params[0].Name == first
}

// pictures says what pictures the samples are, as they came; not ok where they are none.
func (s *Subject) pictures() (height, width, channels int, ok bool) {
	if len(s.Fit.Info().Inputs) != 1 {
		return 0, 0, 0, false
	}
	if source := s.Prepare.Source(); source != nil && source.Pictures == nil { // a series, in memory, has lost the names of its columns
		return 0, 0, 0, false
	}
	return picturesOf(s.Fit.Info().Inputs[0])
}

// A FullLayer is one layer in full.
type FullLayer struct {
	Layer
	Parameters []Parameter `json:"parameters"`
	Filters    []*Picture  `json:"filters,omitempty"`   // what it looks for, those of the largest weights first
	Maps       []*Picture  `json:"maps,omitempty"`      // what it makes of the sample, a channel each
	Attention  []*Picture  `json:"attention,omitempty"` // what it looks at in the sample, a head each: a row is a place that looks
	Times      *Times      `json:"times,omitempty"`     // of a layer over time
}

// Times are the norms of the gradient with regard to what a layer is given at each time, over the batch.
type Times struct {
	Values  []Number `json:"values"`
	Picture *Picture `json:"picture"` // the same as a line of shades, by their logarithms
}

// A Parameter is what a layer learns.
type Parameter struct {
	Name        string  `json:"name"`
	Shape       []int   `json:"shape"`
	Values      Hist    `json:"values"`
	Gradient    *Hist   `json:"gradient"` // null of a frozen one
	GradNorm    *Number `json:"grad_norm"`
	WeightNorm  *Number `json:"weight_norm"`
	UpdateRatio *Number `json:"update_ratio"`
}

// most is how many pictures a layer shows of one kind.
const most = 64

// LayerOf is a layer of a snapshot in full, against the first one. What it makes of a sample is shown of the batch's first one, such as Predict has looked at; of the first test sample where that is nil. A layer that there is not is an error.
func LayerOf(s *Subject, now, first *inspect.Snapshot, name string, b *train.Batch) (*FullLayer, error) {
	infos := s.Model.Layers()
	at := slices.IndexFunc(infos, func(l graph.LayerInfo) bool { return l.Name == name })
	if at < 0 || at >= len(now.Layers) {
		return nil, fmt.Errorf("there is no layer %q, want one of the network's", name)
	}
	info, l := infos[at], &now.Layers[at]
	out := &FullLayer{Layer: s.layer(at, info, l, first), Parameters: []Parameter{}}
	for _, p := range l.Params {
		param := Parameter{Name: p.Name, Shape: slices.Clone([]int(p.Shape)), Values: histOf(p.Value), WeightNorm: known(norm(p.Value))}
		if !l.Frozen {
			param.Gradient, param.GradNorm = optional(&p.Grad), known(norm(p.Grad))
			if p.Update > 0 {
				param.UpdateRatio = known(p.UpdateRatio())
			}
		}
		out.Parameters = append(out.Parameters, param)
	}
	var err error
	for _, what := range out.Draws {
		switch what {
		case "filters":
			out.Filters, err = s.filters(info)
		case "maps":
			out.Maps, err = s.maps(info, b)
		case "attention":
			out.Attention, err = s.attention(info, b)
		case "times":
			out.Times = timesOf(l.Times)
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// filters are the first weights as pictures, or a convolution's kernels.
func (s *Subject) filters(info graph.LayerInfo) ([]*Picture, error) {
	var tiles []inspect.Tile
	var err error
	h, w, _, _ := s.pictures()
	kernel, _ := s.kernel(info)
	line := overTime(info.Layer)
	if kernel != nil {
		if h, w = kernel.Shape()[0], kernel.Shape()[1]; line {
			h, w = 1, kernel.Shape()[0]
		}
		tiles, err = inspect.FilterTiles(kernel)
	} else {
		for _, p := range s.Model.Params() {
			if p.Name == info.Name+".weight" {
				tiles, err = inspect.UnitTiles(p.Value, h, w)
			}
		}
	}
	var all []*Picture
	if kernel != nil && err == nil && !line && s.ofColours(info) {
		all = coloured(tiles, h, w)
		return all[:min(most, len(all))], nil
	}
	for _, t := range tiles[:min(most, len(tiles))] {
		name := fmt.Sprint(t.Unit + 1)
		if kernel != nil && kernel.Shape()[kernel.Dims()-2] > 1 {
			name += fmt.Sprint(", ", t.Channel+1)
		}
		p := tile(t, h, w, name)
		if line {
			p.Values = numbers(t.Values)
		}
		all = append(all, p)
	}
	return all, err
}

// ofColours says whether a convolution is the first layer that learns, of pictures in colour.
func (s *Subject) ofColours(info graph.LayerInfo) bool {
	_, _, channels, ok := s.pictures()
	params := s.Model.Params()
	return ok && channels == 3 && params[0].Name == info.Name+".weight" && params[0].Value.Shape()[2] == 3
}

// first is the batch that is looked at.
func (s *Subject) first(b *train.Batch) (*train.Batch, error) {
	if b.Len() > 0 {
		return b, nil
	}
	data := s.Test
	if data == nil {
		data = s.Fit
	}
	return train.NewBatch(s.Model, nil, data, []int{0})
}

func (s *Subject) maps(info graph.LayerInfo, b *train.Batch) ([]*Picture, error) {
	b, err := s.first(b)
	if err != nil {
		return nil, err
	}
	p, err := inspect.AtRest(s.Model, b)
	if err != nil {
		return nil, err
	}
	for _, r := range p.Recordings() {
		if !r.Layer || r.Name != info.Name {
			continue
		}
		tiles, err := inspect.MapTiles(r.Value, 0)
		if err != nil {
			return nil, err
		}
		var all []*Picture
		for _, t := range tiles[:min(most, len(tiles))] {
			all = append(all, tile(t, info.Output[0], info.Output[1], fmt.Sprint(t.Channel+1)))
		}
		return all, nil
	}
	return nil, nil
}

func (s *Subject) attention(info graph.LayerInfo, b *train.Batch) ([]*Picture, error) {
	b, err := s.first(b)
	if err != nil {
		return nil, err
	}
	maps, err := inspect.Attention(s.Model, b)
	if err != nil {
		return nil, err
	}
	var all []*Picture
	for _, a := range maps {
		if a.Layer != info.Name {
			continue
		}
		for head := range min(most, a.Heads) {
			p := pictureOf(a.Of(0, head), a.Queries, a.Keys, 1)
			p.Name = fmt.Sprint(head + 1)
			all = append(all, p)
		}
	}
	return all, nil
}

// timesOf are norms at each time, as numbers and as shades: from the smallest to the largest by their logarithms.
func timesOf(values []float64) *Times {
	if len(values) == 0 {
		return nil
	}
	low, high := math.Inf(1), 0.0
	for _, v := range values {
		if v > 0 && v-v == 0 {
			low, high = min(low, v), max(high, v)
		}
	}
	shades := make([]float64, len(values))
	for i, v := range values {
		switch {
		case !(v > 0): // 0, or not a number
		case high > low:
			shades[i] = .1 + .9*math.Log(v/low)/math.Log(high/low)
		default:
			shades[i] = 1
		}
	}
	return &Times{numbers(values), pictureIn(shades, 1, len(values), 1, 0, 1)}
}
