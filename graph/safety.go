package graph

import (
	"fmt"
	"strings"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph/ops"
)

// Some of Gorgonia's ops are wrong, and some are right but work in place on what they are given, which may be a parameter. Both are refused here, with what to use
// instead: a layer of raw ops that compiles is then as safe as one of package ops.

// wrong is what not to use, by the type of op and the beginning of its text, and what to use instead.
var wrong = []struct{ kind, text, why, instead string }{
	{"softmaxOp", "", "it shares its node with its logarithm, and is NaN for rows such as [-100, -200, -300]", "ops.Softmax, or losses.CrossEntropy, which takes logits"},
	{"dropoutOp", "", "its gradient is wrong unless the probability is 0.5, it is seeded from the clock, and two of one input become one", "layers.Dropout, or ops.Dropout with b.Stream"},
	{"BatchNormOp", "", "it keeps its moving moments where no other program of the model sees them", "b.State for the moments, ops.MeanRows, ops.SubRow, ops.MulRow"},
	{"randomOp", "", "it is seeded from the clock, so that no run repeats", "b.Normal, or ops.Dropout with b.Stream"},
	{"avgPoolOp", "", "its gradient is wrong", "the mean of slices"},
	{"globalAveragePoolOp", "", "it panics when it is differentiated", "gorgonia.Mean along the axes of the picture"},
	{"atOp", "", "the tape machine skips it, so that its reader reads another node", "gorgonia.Slice, or ops.Columns"},
	{"elemUnaryOp", "log2", "its gradient is wrong by a factor", "gorgonia.Log and a factor of 1/ln 2"},
	{"elemUnaryOp", "invsqrt", "its gradient is wrong", "gorgonia.Inverse of gorgonia.Sqrt"},
}

// checkOps refuses ops that are wrong, and edges that would let an op write into what it must not.
func checkOps(g *gorgonia.ExprGraph, from int) error {
	for _, n := range g.AllNodes()[from:] {
		if n.Op() == nil || ops.Ours(n) {
			continue
		}
		kind := fmt.Sprintf("%T", n.Op())
		kind = kind[strings.LastIndexByte(kind, '.')+1:]
		for _, w := range wrong {
			if kind == w.kind && strings.HasPrefix(strings.ToLower(n.Op().String()), w.text) {
				return fmt.Errorf("got Gorgonia's op %v of shape %v, which must not be used: %s; use %s", n.Op(), n.Shape(), w.why, w.instead)
			}
		}
		if isLogSumExp(n, kind) {
			return fmt.Errorf("got Gorgonia's LogSumExp of shape %v, which must not be used: its value is wrong; use ops.CrossEntropy, which takes logits, or gorgonia.Log of gorgonia.Sum of gorgonia.Exp", n.Shape())
		}
		if err := checkAlias(n, kind); err != nil {
			return err
		}
	}
	return nil
}

// isLogSumExp knows Gorgonia's by what it is made of, Σ ln(Σ e^(a−max) + max): the logarithm is taken of the maximum too.
func isLogSumExp(n *gorgonia.Node, kind string) bool {
	is := func(n *gorgonia.Node, kind, text string) bool {
		return n.Op() != nil && strings.HasSuffix(fmt.Sprintf("%T", n.Op()), "."+kind) && strings.HasPrefix(n.Op().String(), text)
	}
	if kind != "sumOp" {
		return false
	}
	log := ops.Inputs(n)[0]
	if !is(log, "elemUnaryOp", "ln") {
		return false
	}
	sum := ops.Inputs(log)[0]
	if !is(sum, "elemBinOp", "+") {
		return false
	}
	terms := ops.Inputs(sum)
	return is(terms[0], "sumOp", "") && is(terms[1], "maxOp", "")
}

// inPlace are the ops that write into their operand where nobody reads it any more.
var inPlace = map[string]bool{"elemBinOp": true, "elemUnaryOp": true, "clampOp": true, "sliceIncrOp": true}

// checkAlias refuses an op in place on a view: the machine sees that the view is read no more, not that the storage is a parameter's, the input's or another
// node's.
func checkAlias(n *gorgonia.Node, kind string) error {
	at := n.Op().OverwritesInput()
	if !inPlace[kind] || at < 0 {
		return nil
	}
	if view := ops.Inputs(n)[at]; isView(view) {
		return fmt.Errorf("got Gorgonia's op %v on its %v, of shape %v, which shares storage with what it was made of, and which it would write over: use ops.Reshape in place of Reshape and Ravel, or put ops.Copy around it", n.Op(), view.Op(), view.Shape())
	}
	return nil
}

// isView says whether a node hands on the storage of its operand.
func isView(n *gorgonia.Node) bool {
	if n.Op() == nil || ops.Ours(n) {
		return false
	}
	kind := fmt.Sprintf("%T", n.Op())
	switch kind[strings.LastIndexByte(kind, '.')+1:] {
	case "reshapeOp", "sliceOp":
		return true
	case "concatOp":
		return len(ops.Inputs(n)) == 1
	}
	return false
}
