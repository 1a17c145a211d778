package graph_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/internal/scalar"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
)

// A drawing is a random network in the making: shapes are those of the inputs and the items, without the batch.
type drawing struct {
	a      *architecture
	r      *rand.Rand
	shapes []tensor.Shape
}

// drawNet draws a network and lets the reference compute it; not ok where it stands at a kink, or nothing counts.
func drawNet(seed uint64) (a *architecture, ok bool) {
	d := &drawing{r: rand.New(rand.NewPCG(seed, 12)), a: &architecture{Name: fmt.Sprint("seed ", seed)}}
	a = d.a
	a.Batch = 1 + d.r.IntN(4)
	for range 1 + d.r.IntN(3) {
		shape := tensor.Shape{}
		for range d.r.IntN(4) {
			shape = append(shape, d.size())
		}
		in := archInput{Name: fmt.Sprint("in", len(a.Inputs)), Shape: shape}
		if len(shape) < 3 && d.r.IntN(3) == 0 {
			in.Words = 1 + d.size()
		}
		a.Inputs = append(a.Inputs, in)
		d.shapes = append(d.shapes, shape)
	}
	var places []int
	for i, in := range a.Inputs {
		switch {
		case in.Words > 0 && len(in.Shape) > 0 && d.r.IntN(2) == 0:
			mean := d.r.IntN(2)
			l := archLayer{Kind: "embedding", Words: in.Words, Units: d.size(), Number: float64(mean)}
			l.Text = fmt.Sprintf("embedding %d %d %s padding=0", l.Words, l.Units, []string{"sum", "mean"}[mean])
			places = append(places, d.add(l, i))
		case in.Words > 0:
			places = append(places, d.add(archLayer{Kind: "embed", Words: in.Words, Units: d.size()}, i))
		case len(in.Shape) == 0:
			places = append(places, d.add(archLayer{Kind: "flatten"}, i))
		default:
			places = append(places, i)
		}
	}
	for range 2 + d.r.IntN(5) {
		places = append(places, d.grow(places))
	}
	d.ends(places)
	return a, d.compute()
}

func (d *drawing) size() int { return 1 + d.r.IntN(4) }

// add feeds a layer, and finds out its shape by building it.
func (d *drawing) add(l archLayer, from ...int) int {
	d.a.Items = append(d.a.Items, archItem{Layer: l, From: from})
	var shapes []tensor.Shape
	for _, f := range from {
		shapes = append(shapes, d.shapes[f])
	}
	d.shapes = append(d.shapes, d.after(l, shapes...))
	return len(d.shapes) - 1
}

// after is the shape that a layer makes of others.
func (d *drawing) after(l archLayer, shapes ...tensor.Shape) tensor.Shape {
	trial := *d.a
	trial.Params, trial.States = nil, nil
	var xs []value
	for _, s := range shapes {
		s = append(tensor.Shape{d.a.Batch}, s...)
		xs = append(xs, valueOf(s, make([]float64, s.TotalSize())))
	}
	return newSlow(&trial, rand.New(rand.NewPCG(0, 0)), true).apply(l, xs...).shape[1:]
}

// grow adds a layer, or a join, somewhere.
func (d *drawing) grow(places []int) int {
	x := places[d.r.IntN(len(places))]
	alike := func(suits func(a, b tensor.Shape) bool) []int {
		var all []int
		for _, p := range places {
			if suits(d.shapes[p], d.shapes[x]) {
				all = append(all, p)
			}
		}
		return all
	}
	same := alike(func(a, b tensor.Shape) bool { return slices.Equal(a, b) })
	switch d.r.IntN(8) {
	case 0:
		beside := alike(func(a, b tensor.Shape) bool { return len(a) == len(b) && slices.Equal(a[:len(a)-1], b[:len(b)-1]) })
		return d.add(archLayer{Kind: "concat"}, x, beside[d.r.IntN(len(beside))])
	case 1:
		return d.add(archLayer{Kind: "sum"}, x, same[d.r.IntN(len(same))], x)
	case 2:
		if other := same[d.r.IntN(len(same))]; other != x {
			return d.add(archLayer{Kind: "absdiff"}, x, other)
		}
	case 3: // one layer on two places, or twice on one
		d.a.Shared = append(d.a.Shared, archLayer{Kind: "sequence", Layers: []archLayer{d.layer(d.shapes[x], 1, false)}})
		share := archLayer{Kind: "share", Of: len(d.a.Shared) - 1}
		once := d.add(share, x)
		other := same[d.r.IntN(len(same))]
		if slices.Equal(d.shapes[once], d.shapes[x]) && d.r.IntN(2) == 0 {
			other = once
		}
		return d.add(archLayer{Kind: []string{"sum", "concat"}[d.r.IntN(2)]}, once, d.add(share, other))
	}
	return d.add(d.layer(d.shapes[x], 0, true), x)
}

// layer is a layer that suits a shape. A penalty would count at each use of a shared one.
func (d *drawing) layer(shape tensor.Shape, deep int, penalties bool) archLayer {
	activation := layers.ActivationNames()[d.r.IntN(len(layers.ActivationNames()))]
	last := shape[len(shape)-1]
	dense := archLayer{Kind: "dense", Units: d.size(), Activation: activation}
	kind := d.r.IntN(20)
	if deep > 1 {
		kind = 4 + d.r.IntN(16)
	}
	switch kind {
	case 0, 1:
		l := archLayer{Kind: "residual", Layers: []archLayer{d.layer(shape, deep+1, penalties)}}
		if !slices.Equal(d.after(l.Layers[0], shape), shape) {
			dense.Units = last
			l.Layers = []archLayer{dense}
		}
		return l
	case 2, 3:
		l := archLayer{Kind: "concat", Layers: []archLayer{dense}}
		for range d.r.IntN(3) {
			inner := d.layer(shape, deep+1, penalties)
			if after := d.after(inner, shape); len(after) == len(shape) && slices.Equal(after[:len(after)-1], shape[:len(shape)-1]) {
				l.Layers = append(l.Layers, inner)
			}
		}
		return l
	case 4:
		return archLayer{Kind: "activation", Activation: activation}
	case 5:
		return archLayer{Kind: []string{"swish", "affine"}[d.r.IntN(2)], Number: -.5}
	case 6:
		return archLayer{Kind: "centre", Number: .25}
	case 7:
		return archLayer{Kind: "mix", Number: .375}
	case 8:
		if penalties && len(shape) == 1 {
			return archLayer{Kind: "ridge", Units: d.size(), Number: .125}
		}
	case 9:
		if last > 1 {
			return archLayer{Kind: "columns"}
		}
	case 10:
		return archLayer{Kind: "flatten"}
	case 11, 12, 13, 14:
		if l, ok := d.normalization(shape); ok {
			return l
		}
	case 15, 16, 17:
		if l, ok := d.moved(shape, deep, penalties); ok {
			return l
		}
	}
	return dense
}

// ends gives each place that nobody reads a loss; where they are many, they are put together first.
func (d *drawing) ends(places []int) {
	read := map[int]bool{}
	for _, i := range d.a.Items {
		for _, f := range i.From {
			read[f] = true
		}
	}
	unread := slices.DeleteFunc(slices.Clone(places), func(p int) bool { return read[p] })
	if len(unread) > 2 {
		for i, p := range unread {
			unread[i] = d.add(archLayer{Kind: "flatten"}, p)
		}
		unread = []int{d.add(archLayer{Kind: "concat"}, unread...)}
	}
	for i, p := range unread {
		d.end(fmt.Sprint("out", i), p)
	}
	if d.r.IntN(2) == 0 {
		for range d.a.Batch {
			d.a.Samples = append(d.a.Samples, float64(d.r.IntN(9))/4)
		}
	}
}

// end adds a Dense layer, a loss that takes it, and a target.
func (d *drawing) end(name string, of int) {
	loss := losses.Names()[d.r.IntN(len(losses.Names()))]
	pick := func(all ...string) string { return all[d.r.IntN(len(all))] }
	units, end := d.size(), pick("linear", "tanh", "sigmoid", "softplus")
	var options lossOptions
	switch loss {
	case "cross-entropy":
		units, end = units+1, pick("linear", "softmax")
		options.Smoothing = []float64{0, .25}[d.r.IntN(2)]
		if options.Distributions = d.r.IntN(2) == 0; !options.Distributions && d.r.IntN(2) == 0 {
			for range units {
				options.Weights = append(options.Weights, float64(1+d.r.IntN(8))/4)
			}
		}
	case "clipped-cross-entropy":
		units, end = units+1, "softmax"
	case "kl":
		units, end = units+1, pick("linear", "softmax")
	case "binary-cross-entropy":
		end = pick("linear", "sigmoid")
	case "hinge":
		end = "linear"
	case "multi-margin":
		units, end = units+1, "linear"
	case "cosine":
		units++
	case "huber":
		options.Delta = []float64{0, .5}[d.r.IntN(2)]
	}
	if separate := d.r.IntN(2) == 0; separate && end != "linear" {
		of = d.add(archLayer{Kind: "activation", Activation: end}, d.add(archLayer{Kind: "dense", Units: units, Activation: "linear"}, of))
	} else {
		of = d.add(archLayer{Kind: "dense", Units: units, Activation: end}, of)
	}
	text, err := json.Marshal(options)
	if err != nil {
		panic(err)
	}
	o := archOutput{Name: name, Of: of, Loss: loss, Options: text, Weight: []float64{0, .5, 2}[d.r.IntN(3)]}
	n := d.a.Batch * d.shapes[of].TotalSize()
	switch {
	case classified(loss, options):
		for range n / units {
			o.Target = append(o.Target, float64(d.r.IntN(units+1)-1)) // −1: ignored
		}
	case loss == "cross-entropy" || loss == "kl":
		o.Target = make([]float64, n)
		for row := range slices.Chunk(o.Target, units) {
			row[d.r.IntN(units)] += .25
			row[d.r.IntN(units)] += .75
		}
	case loss == "binary-cross-entropy" || loss == "hinge":
		for range n {
			o.Target = append(o.Target, float64(d.r.IntN(2)))
		}
	default:
		o.Target = fractions(d.r, n, 1)
	}
	d.a.Outputs = append(d.a.Outputs, o)
}

// compute draws the inputs, and lets the reference fill in what is to come out.
func (d *drawing) compute() bool {
	a := d.a
	var inputs []value
	for i := range a.Inputs {
		in := &a.Inputs[i]
		shape := append(tensor.Shape{a.Batch}, in.Shape...)
		in.X = fractions(d.r, shape.TotalSize(), 1)
		for k := range in.X {
			if in.Words > 0 {
				in.X[k] = float64(d.r.IntN(in.Words))
			}
		}
		inputs = append(inputs, valueOf(shape, in.X))
	}
	for _, o := range a.Outputs {
		var options lossOptions
		if json.Unmarshal(o.Options, &options); classified(o.Loss, options) && slices.Max(o.Target) < 0 {
			return false // all are ignored
		}
	}
	s := newSlow(a, d.r, true)
	outputs, values, loss := s.run(inputs)
	if s.nearest < 1e-4 {
		return false
	}
	scalar.Backward(loss)
	grad := func(v value) (g []float64) {
		for _, x := range v.v {
			g = append(g, x.Grad)
		}
		return g
	}
	a.Loss = loss.X
	for i := range a.Outputs {
		a.Outputs[i].Values, a.Outputs[i].Losses = numbersIn(outputs[i].v), numbersIn(values[i])
	}
	for i := range a.Params {
		a.Params[i].Grad = grad(s.leaves[a.Params[i].Name])
	}
	for i := range a.Inputs {
		a.Inputs[i].Grad = grad(inputs[i])
	}
	for i := range a.States {
		a.States[i].Next = numbersIn(s.next[a.States[i].Name].v)
	}
	if len(a.States) > 0 {
		outputs, _, loss = newSlow(a, d.r, false).run(inputs)
		a.Evaluated = &loss.X
		for i := range a.Outputs {
			a.Outputs[i].Evaluated = numbersIn(outputs[i].v)
		}
	}
	return true
}

func numbersIn(v []number) (x []float64) {
	for _, n := range v {
		x = append(x, n.X)
	}
	return x
}
