package onnx

import "slices"

// norms puts LayerNormalization or RMSNormalization in place of the means, differences and roots that it is written in: by our own RMSNorm, by PyTorch for opsets below 17, and by tf2onnx of Keras' layers.
//
//	(x − m) / √(mean((x − m)²) + ε), or times 1/√…, with m = mean(x); then times a scale, and a shift added
//	x·g + (−m·g + shift), with g = scale/√(mean((x − m)²) + ε)
//	x / √(mean(x²) + ε), then times a scale
func norms(nodes []*given, consts map[string]*constant) {
	f := newFinder(nodes, consts)
	// mean is what a node takes the mean of, over one axis, which is kept, or those from one on.
	mean := func(value string) (x string, axis int, alone, ok bool) {
		n := f.by[value]
		switch {
		case n == nil || n.domain != "" || len(n.in) < 1:
			return "", 0, false, false
		case n.op == "GlobalAveragePool" && len(n.in) == 1:
			return n.in[0], 2, false, true
		case n.op != "ReduceMean" || n.int("keepdims", 1) != 1:
			return "", 0, false, false
		}
		axes := n.list("axes")
		if len(n.in) == 2 {
			if axis, ok := f.whole(n.in[1]); ok {
				axes = []int{axis}
			}
		}
		if len(axes) != 1 {
			return "", 0, false, false
		}
		return n.in[0], axes[0], true, true
	}
	square := func(value string) (x string, ok bool) {
		if n := f.is(value, "Mul", 2); n != nil && n.in[0] == n.in[1] {
			return n.in[0], true
		}
		if n := f.is(value, "Pow", 2); n != nil {
			if two, ok := f.scalar(n.in[1]); ok && two == 2 {
				return n.in[0], true
			}
		}
		return "", false
	}
	type moment struct { // √(mean(of²) + ε)
		of      string
		epsilon float64
		axis    int
		alone   bool
	}
	root := func(value string) (m moment, ok bool) {
		r := f.is(value, "Sqrt", 1)
		if r == nil {
			return m, false
		}
		v, epsilon, ok := f.with(f.is(r.in[0], "Add", 2))
		if !ok || epsilon < 0 {
			return m, false
		}
		squares, axis, alone, ok := mean(v)
		if !ok {
			return m, false
		}
		of, ok := square(squares)
		return moment{of, epsilon, axis, alone}, ok
	}
	// inverse is of 1/√….
	inverse := func(value string) (m moment, ok bool) {
		if n := f.is(value, "Reciprocal", 1); n != nil {
			return root(n.in[0])
		}
		if n := f.is(value, "Div", 2); n != nil {
			if one, ok := f.scalar(n.in[0]); ok && one == 1 {
				return root(n.in[1])
			}
		}
		return m, false
	}
	// centred is x of x − mean(x) over the axis.
	centred := func(value string, m moment) (x, at string, ok bool) {
		d := f.is(value, "Sub", 2)
		if d == nil {
			return "", "", false
		}
		of, axis, alone, ok := mean(d.in[1])
		return d.in[0], d.in[1], ok && of == d.in[0] && axis == m.axis && alone == m.alone
	}
	// put makes a node of it, of x, in the place of one that has that output.
	put := func(i int, op, x string, m moment, more ...string) {
		n := nodes[i]
		attrs := map[string]any{"axis": int64(m.axis), "epsilon": float32(m.epsilon)}
		if m.alone {
			attrs["alone"] = int64(1)
		}
		nodes[i] = &given{op: op, name: n.name, in: append([]string{x}, more...), out: n.out, attrs: attrs}
		f.by[n.out[0]] = nodes[i]
	}
	// vector is a constant without the axes of 1 before its last.
	vector := func(value string) (string, bool) {
		c := f.constant(value)
		if c == nil || c.integer || len(c.shape) == 0 || c.shape[len(c.shape)-1] != c.size() {
			return "", false
		}
		if len(c.shape) > 1 {
			flat := *c
			flat.shape = c.shape[len(c.shape)-1:]
			value += " as a vector"
			consts[value] = &flat
		}
		return value, true
	}
	scaled := func(n *given) (x, scale string, ok bool) {
		if n == nil {
			return "", "", false
		}
		for k := range 2 {
			if v, ok := vector(n.in[1-k]); ok {
				return n.in[k], v, true
			}
		}
		return "", "", false
	}
	for i, n := range nodes {
		if n.domain != "" || len(n.out) != 1 {
			continue
		}
		switch {
		case n.op == "Div" && len(n.in) == 2, n.op == "Mul" && len(n.in) == 2:
			for k := range 2 {
				var m moment
				var ok bool
				if n.op == "Mul" {
					m, ok = inverse(n.in[1-k])
				} else if k == 0 {
					m, ok = root(n.in[1])
				}
				if !ok || m.of != n.in[k] {
					continue
				}
				if x, _, ok := centred(m.of, m); ok {
					put(i, "LayerNormalization", x, m)
				} else {
					put(i, "RMSNormalization", m.of, m)
				}
				break
			}
			if n = nodes[i]; n.op != "Mul" {
				continue
			}
			// A scale behind one that has none.
			if x, scale, ok := scaled(n); ok {
				if l := f.by[x]; l != nil && (l.op == "LayerNormalization" || l.op == "RMSNormalization") && l.attrs["epsilon"] != nil && len(l.in) == 1 && f.once(x) {
					nodes[i] = &given{op: l.op, name: n.name, in: []string{l.in[0], scale}, out: n.out, attrs: l.attrs}
					f.by[n.out[0]] = nodes[i]
				}
			}
		case n.op == "Add" && len(n.in) == 2:
			if x, shift, ok := scaled(n); ok {
				if l := f.by[x]; l != nil && l.op == "LayerNormalization" && l.attrs["epsilon"] != nil && len(l.in) == 2 && f.once(x) {
					nodes[i] = &given{op: l.op, name: n.name, in: []string{l.in[0], l.in[1], shift}, out: n.out, attrs: l.attrs}
					f.by[n.out[0]] = nodes[i]
					continue
				}
			}
			for k := range 2 { // x·g + (−m·g + shift)
				xg, rest := f.is(n.in[k], "Mul", 2), f.is(n.in[1-k], "Add", 2)
				mg, shift, ok := scaled(rest)
				away := f.is(mg, "Mul", 2)
				if xg == nil || !ok || away == nil {
					continue
				}
				for j := range 2 {
					x, g := xg.in[j], xg.in[1-j]
					at := slices.Index(away.in, g)
					deviation, scale, ok := scaled(f.is(g, "Mul", 2))
					if at < 0 || !ok {
						continue
					}
					m, ok := inverse(deviation)
					minus := f.is(away.in[1-at], "Neg", 1)
					if !ok || minus == nil {
						continue
					}
					if of, middle, ok := centred(m.of, m); ok && of == x && middle == minus.in[0] {
						put(i, "LayerNormalization", x, m, scale, shift)
						break
					}
				}
			}
		}
	}
}
