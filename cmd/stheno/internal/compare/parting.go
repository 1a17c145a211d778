package compare

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/train"
)

// A Parting is where two runs of one seed are first not the same to the bit, as far as both were recorded.
type Parting struct {
	A, B  *Run
	Steps []uint64 // of which both have gradients, in order
	Step  int      // the first of Steps at which they differ; −1 where they never do
	What  string   // differs there, in words
	Epoch int      // the first whose figures differ; 0 where none does
	Both  int      // epochs that both have
	Ended bool     // both ended after the same step, so that their weights can be compared
	Same  bool     // these are the same to the bit
}

// part compares two runs to the bit.
func part(a, b *Run) Parting {
	p := Parting{A: a, B: b, Step: -1, Both: min(len(a.Epochs), len(b.Epochs))}
	for _, s := range a.snapshots {
		other := slices.IndexFunc(b.snapshots, func(o *inspect.Snapshot) bool { return o.Step == s.Step })
		if other < 0 || slices.Contains(p.Steps, s.Step) {
			continue
		}
		p.Steps = append(p.Steps, s.Step)
		if p.Step < 0 {
			if p.What = differs(s, b.snapshots[other]); p.What != "" {
				p.Step = len(p.Steps) - 1
			}
		}
	}
	for i := range p.Both {
		if !sameEpoch(a.Epochs[i], b.Epochs[i]) {
			p.Epoch = i + 1
			break
		}
	}
	if a.model != nil && b.model != nil && a.at.Step == b.at.Step {
		p.Ended, p.Same = true, same(a, b)
	}
	return p
}

// same says whether the weights are, and what else the layers keep.
func same(a, b *Run) bool {
	x, y := a.model.Tensors(), b.model.Tensors()
	if len(x) != len(y) {
		return false
	}
	for i := range x {
		if x[i].Name != y[i].Name || !x[i].Value.Shape().Eq(y[i].Value.Shape()) || !sameBits(x[i].Value, y[i].Value) {
			return false
		}
	}
	return true
}

func sameBits(a, b *tensor.Dense) bool {
	if a.Dtype() != b.Dtype() {
		return false
	}
	switch a.Dtype() {
	case tensor.Float64:
		return slices.EqualFunc(a.Float64s(), b.Float64s(), func(x, y float64) bool { return math.Float64bits(x) == math.Float64bits(y) })
	case tensor.Float32:
		return slices.EqualFunc(a.Float32s(), b.Float32s(), func(x, y float32) bool { return math.Float32bits(x) == math.Float32bits(y) })
	}
	return slices.Equal(a.Int32s(), b.Int32s())
}

// sameEpoch compares what the weights make of an epoch; seconds are the machine's.
func sameEpoch(a, b train.Epoch) bool {
	equal := func(a, b *train.Metrics) bool {
		if a == nil || b == nil {
			return a == b
		}
		return sameNumber(a.Loss, b.Loss) && slices.EqualFunc(a.Scores, b.Scores, func(x, y train.Score) bool { return x.Name == y.Name && sameNumber(x.Value, y.Value) })
	}
	return equal(&a.Running, &b.Running) && (a.Evaluated == nil || b.Evaluated == nil || equal(a.Evaluated, b.Evaluated))
}

// sameNumber takes one NaN for another, as a log does.
func sameNumber(a, b float64) bool { return a == b || a != a && b != b }

// differs says what is first not the same in two snapshots of one step, on the way of a step: weights, outputs, gradients, the update; "" where all is.
func differs(a, b *inspect.Snapshot) string {
	if len(a.Layers) != len(b.Layers) {
		return otherNetwork
	}
	for i, x := range a.Layers {
		y := b.Layers[i]
		if x.Name != y.Name || x.Units != y.Units || len(x.Params) != len(y.Params) {
			return otherNetwork
		}
	}
	type pair struct {
		where string
		a, b  inspect.Stats
	}
	var weights, outputs, gradients []pair
	var updates []string
	for i, x := range a.Layers {
		y := b.Layers[i]
		outputs = append(outputs, pair{x.Name, x.Output.Stats, y.Output.Stats})
		for j, p := range x.Params {
			q := y.Params[j]
			where := x.Name + "." + p.Name
			weights, gradients = append(weights, pair{where, p.Value.Stats, q.Value.Stats}), append(gradients, pair{where, p.Grad.Stats, q.Grad.Stats})
			if a.Stepped && b.Stepped && p.Update != q.Update {
				updates = append(updates, fmt.Sprintf("another update of %s: %.3g and %.3g", where, p.Update, q.Update))
			}
		}
	}
	for _, of := range []struct {
		what string
		all  []pair
	}{{"other weights in", weights}, {"another output of", outputs}, {"another gradient of", gradients}} {
		for _, p := range of.all {
			if p.a != p.b {
				return strings.TrimSpace(fmt.Sprintf("%s %s%s", of.what, p.where, norms(p.a.Norm, p.b.Norm)))
			}
		}
	}
	if len(updates) > 0 {
		return updates[0]
	}
	if a.Loss != b.Loss {
		return fmt.Sprintf("another loss: %s and %s", train.FormatFigure(a.Loss, 6), train.FormatFigure(b.Loss, 6))
	}
	return ""
}

// norms are two of them, where so many digits tell them apart.
func norms(a, b float64) string {
	x, y := train.FormatFigure(a, 6), train.FormatFigure(b, 6)
	if x == y {
		return ""
	}
	return fmt.Sprintf(" (norm %s and %s)", x, y)
}

// sentence says it of runs of one group, or of two.
func (p Parting) sentence() string {
	line := fmt.Sprintf("seed %d, %s and %s: ", p.A.Seed(), p.A.Title, p.B.Title)
	var says []string
	switch n := len(p.Steps); {
	case n == 0:
	case p.Step < 0:
		says = append(says, "the same to the bit at "+steps(p.Steps))
	case strings.HasPrefix(p.What, "another update"):
		says = append(says, fmt.Sprintf("the same to the bit at %s, where they part with %s", steps(p.Steps[:p.Step+1]), p.What))
	case p.Step == 0 && p.Steps[0] == 0 && !strings.HasPrefix(p.What, "other weights") && p.What != otherNetwork:
		says = append(says, "they begin with the same weights, and "+p.What)
	case p.Step == 0 && p.Steps[0] == 0:
		says = append(says, "they begin with "+p.What)
	case p.Step == 0:
		says = append(says, fmt.Sprintf("at step %d, the first that both have, there is %s", p.Steps[0], p.What))
	case p.Steps[p.Step]-p.Steps[p.Step-1] > 1 && strings.HasPrefix(p.What, "other weights"):
		says = append(says, fmt.Sprintf("the same to the bit at %s; they part by step %d, with %s", steps(p.Steps[:p.Step]), p.Steps[p.Step], p.What))
	default:
		says = append(says, fmt.Sprintf("the same to the bit at %s; they part at step %d, with %s", steps(p.Steps[:p.Step]), p.Steps[p.Step], p.What))
	}
	switch {
	case p.Both == 0 || p.Step >= 0 && p.Epoch == 1:
	case p.Epoch > 0:
		says = append(says, fmt.Sprintf("the figures of epoch %d are the first that differ", p.Epoch))
	case p.Both == 1:
		says = append(says, "the figures of the one epoch that both have are the same")
	default:
		says = append(says, fmt.Sprintf("the figures of all %d epochs are the same", p.Both))
	}
	switch {
	case p.Ended && p.Same:
		says = append(says, fmt.Sprintf("the weights after step %d are the same to the bit", p.A.at.Step))
	case p.Ended && p.Step < 0 && p.Epoch == 0:
		says = append(says, fmt.Sprintf("the weights after step %d are not the same", p.A.at.Step))
	}
	if len(says) == 0 {
		says = []string{"nothing was recorded of both"}
	}
	return line + strings.Join(says, "; ")
}

// sentences say it of all, and together of networks that are not the same, which have no step in common.
func sentences(all []Parting) (lines []string) {
	var others []string
	for _, p := range all {
		if p.What == otherNetwork {
			others = append(others, p.B.Title)
		} else {
			lines = append(lines, p.sentence())
		}
	}
	if len(others) > 0 {
		lines = append(lines, fmt.Sprintf("%s: another network than that of %s, from the first step on", strings.Join(others, ", "), all[len(all)-1].A.Title))
	}
	return lines
}

// otherNetwork is what differs where layers are others.
const otherNetwork = "another network"

// steps lists some, of many the first and the last.
func steps(all []uint64) string {
	var names []string
	for _, s := range all {
		names = append(names, fmt.Sprint(s))
	}
	if len(names) == 1 {
		return "step " + names[0]
	}
	if n := len(names); n > 6 {
		names = append(append(names[:3:3], "…"), names[n-2:]...)
	}
	return "steps " + strings.Join(names, ", ")
}
