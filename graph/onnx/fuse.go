package onnx

import (
	"math"
	"slices"
	"strconv"
)

// fusedDomain is that of ops that stand for several of the standard ones.
const fusedDomain = "stheno"

// shortest is a float32 as a float64 of as few digits: what 0.1 was before it was rounded.
func shortest(v float32) float64 {
	s, err := strconv.ParseFloat(strconv.FormatFloat(float64(v), 'g', -1, 32), 64)
	if err != nil {
		return float64(v)
	}
	return s
}

// fused puts one node in place of several that are an activation: x·σ(x), x·tanh(softplus(x)), ½x·(1 + erf(x/√2)), and a softplus with a threshold.
func fused(nodes []*given, wanted []string, consts map[string]*constant) []*given {
	f := newFinder(nodes, consts)
	near := func(a, b float64) bool { return math.Abs(a-b) < 1e-5*math.Abs(b) }
	// gelu is what 1 + erf(x/√2) is of; "" of others.
	gelu := func(value string) string {
		if c := f.is(value, "Erfc", 1); c != nil { // which is 1 − erf
			x, root, ok := f.with(f.is(c.in[0], "Mul", 2))
			if n := f.is(x, "Neg", 1); ok && n != nil && near(root, math.Sqrt2/2) {
				return n.in[0]
			}
		}
		inner, one, ok := f.with(f.is(value, "Add", 2))
		erf := f.is(inner, "Erf", 1)
		if !ok || one != 1 || erf == nil {
			return ""
		}
		if x, c, ok := f.with(f.is(erf.in[0], "Mul", 2)); ok && near(c, math.Sqrt2/2) {
			return x
		}
		if n := f.is(erf.in[0], "Div", 2); n != nil {
			if c, ok := f.scalar(n.in[1]); ok && near(c, math.Sqrt2) {
				return n.in[0]
			}
		}
		return ""
	}
	for i, n := range nodes {
		// PyTorch's softplus is x itself above a threshold, where they do not differ.
		if n.op == "Where" && n.domain == "" && len(n.in) == 3 && len(n.out) > 0 {
			g, s := f.is(n.in[0], "Greater", 2), f.is(n.in[2], "Softplus", 1)
			if g != nil && s != nil && g.in[0] == n.in[1] && s.in[0] == n.in[1] {
				if c, ok := f.scalar(g.in[1]); ok && c >= 15 {
					nodes[i] = &given{op: "Softplus", name: n.name, in: n.in[1:2], out: n.out}
				}
			}
		}
		if n.op != "Mul" || n.domain != "" || len(n.in) != 2 || len(n.out) == 0 {
			continue
		}
		put := func(op, x string) {
			nodes[i] = &given{op: op, name: n.name, domain: fusedDomain, in: []string{x}, out: n.out}
		}
		for k := range 2 {
			x, other := n.in[k], n.in[1-k]
			if s := f.is(other, "Sigmoid", 1); s != nil && s.in[0] == x {
				put("Silu", x)
			}
			if t := f.is(other, "Tanh", 1); t != nil {
				if s := f.is(t.in[0], "Softplus", 1); s != nil && s.in[0] == x {
					put("Mish", x)
				}
			}
			if of, half, ok := f.with(f.is(x, "Mul", 2)); ok && half == .5 && gelu(other) == of {
				put("Gelu", of)
			}
			if half, ok := f.scalar(x); ok && half == .5 {
				if m := f.is(other, "Mul", 2); m != nil {
					for j := range 2 {
						if gelu(m.in[j]) == m.in[1-j] {
							put("Gelu", m.in[1-j])
						}
					}
				}
			}
		}
	}
	return needed(slices.Clip(nodes), wanted)
}
