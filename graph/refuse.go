package graph

import (
	"fmt"
	"math"
	"slices"
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
	{"linAlgBinOp", "a ⊗ b", "its gradient is wrong", "gorgonia.Mul of a column and a row: ops.Reshape to (n,1) and to (1,m)"},
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
		if isOddNorm(n) {
			return fmt.Errorf("got Gorgonia's Norm of shape %v with an odd power, which must not be used: it takes no absolute values; give it gorgonia.Abs of the node", n.Shape())
		}
		if what, instead := mistakable(n, kind); what != "" && forks(g, n) {
			return fmt.Errorf("got Gorgonia's op %v of shape %v that is read in several places, and may be two: %s, and takes two for one without a word; use %s", n.Op(), n.Shape(), what, instead)
		}
	}
	return nil
}

// mistakable says of a slice or a constant that Gorgonia could have taken another for it, and what to use instead; "" of any other node.
func mistakable(n *gorgonia.Node, kind string) (what, instead string) {
	switch kind {
	case "sliceOp": // whose text is T[:, 3:5:1...] for the second axis
		text := n.Op().String()
		axis := strings.Count(text, ":, ")
		if from := ops.Inputs(n)[0].Shape(); !strings.HasSuffix(text, ":...]") && axis < len(from) && from[axis] > 256 {
			return "Gorgonia knows slices by their bounds modulo 256", "ops.Columns, or one ops.Copy of it that all of them read"
		}
	case "constantTensor":
		if text := fmt.Sprint(n.Value()); strings.Contains(text, "...") || strings.Contains(text, "\n.\n") {
			return "Gorgonia knows constants by their printed text, which leaves out the middle of long ones", "b.State with an Initializer that fills it, or one ops.Copy of it that all of them read"
		}
	}
	return "", ""
}

// forks says whether a node, or what Gorgonia's ops make of it alone, is read in several places. Two nodes taken for one have their readers together, and readers
// that are alike are taken for one in turn; an op of ours never is.
func forks(g *gorgonia.ExprGraph, n *gorgonia.Node) bool {
	for {
		var places gorgonia.Nodes
		for _, reader := range g.AllNodes() {
			for _, in := range ops.Inputs(reader) {
				if in == n {
					places = append(places, reader)
				}
			}
		}
		if len(places) != 1 {
			return len(places) > 1
		}
		if n = places[0]; ops.Ours(n) {
			return false
		}
	}
}

// kindOf is the type of a node's op, without its package.
func kindOf(n *gorgonia.Node) string {
	kind := fmt.Sprintf("%T", n.Op())
	return kind[strings.LastIndexByte(kind, '.')+1:]
}

// backward refuses an op whose derivative Gorgonia cannot compute: a product along axes of tensors one of which has an axis of size 1, such as a last batch of one sample.
func backward(n *gorgonia.Node) error {
	if kindOf(n) == "tensordotOp" {
		for _, in := range ops.Inputs(n) {
			if slices.Contains(in.Shape(), 1) {
				return fmt.Errorf("got an operand of shape %v, whose axis of size 1 Gorgonia's gradient fails at: use ops.MatMul or ops.Dense, or leave out the last batch of one sample", in.Shape())
			}
		}
	}
	return nil
}

// operands are those of a node, where its op is of that kind, and its text begins so.
func operands(n *gorgonia.Node, kind, text string) gorgonia.Nodes {
	if n.Op() != nil && kindOf(n) == kind && strings.HasPrefix(n.Op().String(), text) {
		return ops.Inputs(n)
	}
	return nil
}

// isOddNorm knows Gorgonia's norm of an odd power by what it is made of, (Σ a^p)^(1/p), of an a that may be negative.
func isOddNorm(n *gorgonia.Node) bool {
	if root := operands(n, "elemBinOp", "^"); root != nil {
		if sum := operands(root[0], "sumOp", ""); sum != nil {
			if power := operands(sum[0], "elemBinOp", "^"); power != nil && operands(power[0], "elemUnaryOp", "abs") == nil {
				p, inverse := number(power[1]), number(root[1])
				return math.Mod(p, 2) == 1 && math.Abs(p*inverse-1) < 1e-6
			}
		}
	}
	return false
}

// number is a scalar constant's; NaN of any other node.
func number(n *gorgonia.Node) float64 {
	if n.Op() != nil && kindOf(n) == "constantScalar" {
		switch v := n.Value().(type) {
		case *gorgonia.F32:
			return float64(*v)
		case *gorgonia.F64:
			return float64(*v)
		}
	}
	return math.NaN()
}

// isLogSumExp knows Gorgonia's by what it is made of, ln(Σ e^(a−max) + max): the logarithm is taken of the maximum too.
func isLogSumExp(n *gorgonia.Node) bool {
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

// checkAliases refuses ops that would write into what they must not. Gorgonia's ops of two operands write into the first that is a tensor, where nobody reads it
// after them; but its machine does not see that a view shares its storage with what it was made of. So such an op is refused where that storage is a variable's or a
// constant's, or is yet to be read under another node; kept are the nodes that are read when all is over.
func checkAliases(g *gorgonia.ExprGraph, kept gorgonia.Nodes) error {
	if !slices.ContainsFunc(g.AllNodes(), writes) {
		return nil
	}
	sub := g.ExactSubgraphRoots(kept...)
	order, err := gorgonia.Sort(sub) // as the compiler sorts it; the last is done first
	if err != nil {
		return err
	}
	at, sharing := map[*gorgonia.Node]int{}, map[*gorgonia.Node]gorgonia.Nodes{}
	for i, n := range order {
		at[n] = -i
		sharing[storage(n)] = append(sharing[storage(n)], n)
	}
	for _, n := range order {
		if !writes(n) {
			continue
		}
		operand := ops.Inputs(n)[n.Op().OverwritesInput()]
		for _, other := range sharing[storage(operand)] {
			if other == operand {
				continue
			}
			late := len(ops.Inputs(other)) == 0 || slices.Contains(kept, other)
			for it := sub.To(other.ID()); !late && it.Next(); {
				late = at[it.Node().(*gorgonia.Node)] >= at[n]
			}
			if late {
				return fmt.Errorf("got Gorgonia's op %v on %s, which it may write over, though it shares its storage with %s, which is read later: use ops.Reshape in place of Reshape and Ravel, ops.Columns in place of Slice, or put ops.Copy around them",
					n.Op(), describe(operand), describe(other))
			}
		}
	}
	return nil
}

// writes says whether an op may write into one of its operands.
func writes(n *gorgonia.Node) bool {
	return n.Op() != nil && kindOf(n) == "elemBinOp" && n.Op().OverwritesInput() >= 0
}

// storage is the node in whose storage a node's value lies: its own, unless it is a view.
func storage(n *gorgonia.Node) *gorgonia.Node {
	for isView(n) {
		n = ops.Inputs(n)[0]
	}
	return n
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
