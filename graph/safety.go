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

// checkOps refuses ops that are wrong.
func checkOps(g *gorgonia.ExprGraph) error {
	for _, n := range g.AllNodes() {
		if n.Op() == nil || ops.Ours(n) {
			continue
		}
		kind := kindOf(n)
		for _, w := range wrong {
			if kind == w.kind && strings.HasPrefix(strings.ToLower(n.Op().String()), w.text) {
				return fmt.Errorf("got Gorgonia's op %v of shape %v, which must not be used: %s; use %s", n.Op(), n.Shape(), w.why, w.instead)
			}
		}
		if isLogSumExp(n) {
			return fmt.Errorf("got Gorgonia's LogSumExp of shape %v, which must not be used: its value is wrong; use ops.CrossEntropy, which takes logits, or gorgonia.Log of gorgonia.Sum of gorgonia.Exp", n.Shape())
		}
	}
	return nil
}

// kindOf is the type of a node's op, without its package.
func kindOf(n *gorgonia.Node) string {
	kind := fmt.Sprintf("%T", n.Op())
	return kind[strings.LastIndexByte(kind, '.')+1:]
}

// isLogSumExp knows Gorgonia's by what it is made of, ln(Σ e^(a−max) + max): the logarithm is taken of the maximum too.
func isLogSumExp(n *gorgonia.Node) bool {
	operands := func(n *gorgonia.Node, kind, text string) gorgonia.Nodes {
		if n.Op() != nil && kindOf(n) == kind && strings.HasPrefix(n.Op().String(), text) {
			return ops.Inputs(n)
		}
		return nil
	}
	if log := operands(n, "elemUnaryOp", "ln"); log != nil {
		if terms := operands(log[0], "elemBinOp", "+"); terms != nil && operands(terms[1], "maxOp", "") != nil {
			if sum := operands(terms[0], "sumOp", ""); sum != nil {
				if exp := operands(sum[0], "elemUnaryOp", "exp"); exp != nil {
					difference := operands(exp[0], "elemBinOp", "-")
					return difference != nil && difference[1] == terms[1]
				}
			}
		}
	}
	return false
}

// inPlace are the ops that write into their operand where nobody reads it any more: those that have a UsePreallocDo, name an operand as theirs to write, and make something of its size.
var inPlace = map[string]bool{"elemBinOp": true, "sliceIncrOp": true}

// checkAliases refuses edges that would let an op write into what it must not. The kept nodes are read when all is over.
func checkAliases(g *gorgonia.ExprGraph, kept map[*gorgonia.Node]bool) error {
	for _, n := range g.AllNodes() {
		if n.Op() == nil || ops.Ours(n) {
			continue
		}
		if err := checkAlias(n, kept); err != nil {
			return err
		}
	}
	return nil
}

// checkAlias refuses an op in place where storage is shared, which the machine does not see: on a view, whose storage may be a parameter's, the input's or
// another node's; and on a node of which somebody may yet read a view.
func checkAlias(n *gorgonia.Node, kept map[*gorgonia.Node]bool) error {
	at := n.Op().OverwritesInput()
	if at < 0 || !inPlace[kindOf(n)] {
		return nil
	}
	operand := ops.Inputs(n)[at]
	view := operand
	if !isView(operand) {
		if operand.Op() == nil || len(ops.Inputs(operand)) == 0 {
			return nil // the machine writes over no variable and no constant
		}
		var before map[*gorgonia.Node]bool
		view = readLate(operand, kept, func(reader *gorgonia.Node) bool {
			if before == nil {
				before = ancestors(n)
			}
			return !before[reader]
		})
	}
	if view == nil {
		return nil
	}
	return fmt.Errorf("got Gorgonia's op %v on %v, of shape %v, whose storage %v shares, of shape %v, and which it would write over: use ops.Reshape in place of Reshape and Ravel, ops.Columns in place of Slice, or put ops.Copy around what it is given",
		n.Op(), operand.Op(), operand.Shape(), sharer(operand, view), view.Shape())
}

// sharer names what shares an operand's storage.
func sharer(operand, view *gorgonia.Node) string {
	if view == operand {
		return "what it was made of"
	}
	return view.Op().String()
}

// readLate is a view of a node, or one of such a view, that is kept, or has a reader that is late; nil if there is none.
func readLate(n *gorgonia.Node, kept map[*gorgonia.Node]bool, late func(reader *gorgonia.Node) bool) *gorgonia.Node {
	for _, view := range readers(n) {
		if !isView(view) {
			continue
		}
		if kept[view] {
			return view
		}
		for _, reader := range readers(view) {
			if !isView(reader) && late(reader) {
				return view
			}
		}
		if further := readLate(view, kept, late); further != nil {
			return further
		}
	}
	return nil
}

func readers(n *gorgonia.Node) (all gorgonia.Nodes) {
	for it := n.Graph().To(n.ID()); it.Next(); {
		all = append(all, it.Node().(*gorgonia.Node))
	}
	return all
}

// ancestors are the nodes that are computed before a node, since it is made of them.
func ancestors(n *gorgonia.Node) map[*gorgonia.Node]bool {
	seen := map[*gorgonia.Node]bool{}
	for todo := ops.Inputs(n); len(todo) > 0; {
		last := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if !seen[last] {
			seen[last] = true
			todo = append(todo, ops.Inputs(last)...)
		}
	}
	return seen
}

// isView says whether a node hands on the storage of its operand.
func isView(n *gorgonia.Node) bool {
	if n.Op() == nil || ops.Ours(n) {
		return false
	}
	switch kindOf(n) {
	case "reshapeOp", "sliceOp":
		return true
	case "concatOp":
		return len(ops.Inputs(n)) == 1
	}
	return false
}
