package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// cells writes what vec/cell.go does beside the gates' functions of activate_amd64.s.
func cells() {
	lstm()
	lstmGradient()
	gru()
	gruGradient()
}

// partwise is a kernel over slices of which some are several parts of n elements each, one behind the other.
func partwise(name, signature, doc string, pointers ...string) (*kernel, func(pointer string, part int) string) {
	k := function(name, signature, doc, pointers...)
	stride := GP64()
	MOVQ(k.n, stride)
	SHLQ(Imm(2), stride)
	return k, func(pointer string, part int) string {
		base := k.base[pointer]
		for ; part > 0; part-- {
			next := GP64()
			LEAQ(Mem{Base: base, Index: stride, Scale: 1}, next)
			base = next
		}
		k.base["part"] = base
		return "part"
	}
}

// rest returns y·(1 − y).
func rest(one, y reg.VecVirtual) reg.VecVirtual {
	t := vector()
	VSUBPS(y, one, t)
	VMULPS(y, t, t)
	return t
}

func lstm() {
	k, part := partwise("lstm"+suffix(), "(gates, c0, c, h *float32, n int)", "sets c = f·c0 + i·g and h = o·tanh(c), gates being i, f, g and o, n elements each.", "gates", "c0", "c", "h")
	tanh := tanh()
	k.each(1, func() {
		c, f := k.load(part("gates", 0)), k.load(part("gates", 1))
		VMULPS(k.operand(part("gates", 2)), c, c)
		VFMADD231PS(k.operand("c0"), f, c)
		k.store(c, "c")
		h := tanh(c)
		VMULPS(k.operand(part("gates", 3)), h, h)
		k.store(h, "h")
	})
	k.done()
}

func lstmGradient() {
	k, part := partwise("lstmGrad"+suffix(), "(dz, gates, c0, c, dh, dc *float32, n int)",
		"sets dz to the gradients of the sums of the gates, n elements each, and dc to that of c0.", "dz", "gates", "c0", "c", "dh", "dc")
	tanh, one := tanh(), hold(f32(1))
	k.each(1, func() {
		t := tanh(k.load("c"))
		dh, o := k.load("dh"), k.load(part("gates", 3))
		u := rest(one, o)
		VMULPS(t, u, u)
		VMULPS(dh, u, u)
		k.store(u, part("dz", 3))
		VFNMADD213PS(one, t, t)
		VMULPS(o, dh, dh)
		d := k.load("dc")
		VFMADD231PS(t, dh, d)
		f := k.load(part("gates", 1))
		u = rest(one, f)
		VMULPS(k.operand("c0"), u, u)
		VMULPS(d, u, u)
		k.store(u, part("dz", 1))
		VMULPS(d, f, f)
		k.store(f, "dc")
		i, g := k.load(part("gates", 0)), k.load(part("gates", 2))
		u = rest(one, i)
		VMULPS(g, u, u)
		VMULPS(d, u, u)
		k.store(u, part("dz", 0))
		VFNMADD213PS(one, g, g)
		VMULPS(i, g, g)
		VMULPS(d, g, g)
		k.store(g, part("dz", 2))
	})
	k.done()
}

func gru() {
	k, part := partwise("gru"+suffix(), "(gates, inner, h0, h, kept *float32, n int)",
		"sets kept = inner, the third part c of the gates, after z and r, to tanh(c + r·inner), and h = c + z·(h0 − c).", "gates", "inner", "h0", "h", "kept")
	tanh := tanh()
	k.each(1, func() {
		inner := k.load("inner")
		k.store(inner, "kept")
		x := k.load(part("gates", 2))
		VFMADD231PS(k.operand(part("gates", 1)), inner, x)
		c := tanh(x)
		k.store(c, part("gates", 2))
		h := k.load("h0")
		VSUBPS(c, h, h)
		VFMADD132PS(k.operand(part("gates", 0)), c, h)
		k.store(h, "h")
	})
	k.done()
}

func gruGradient() {
	k, part := partwise("gruGrad"+suffix(), "(dz, inner, gates, kept, h0, dh *float32, n int)",
		"sets dz and inner to the gradients of the sums of the input and of the state, n elements a gate, and dh to what goes to h0 past them.", "dz", "inner", "gates", "kept", "h0", "dh")
	one := hold(f32(1))
	k.each(1, func() {
		d, z, c := k.load("dh"), k.load(part("gates", 0)), k.load(part("gates", 2))
		u, v, dc := vector(), k.load("h0"), vector()
		VSUBPS(z, one, u)
		VSUBPS(c, v, v)
		VMULPS(d, v, v)
		VMULPS(z, v, v)
		VMULPS(u, v, v)
		k.store(v, part("dz", 0))
		k.store(v, part("inner", 0))
		VFNMADD213PS(one, c, c)
		VMULPS(d, u, dc)
		VMULPS(c, dc, dc)
		k.store(dc, part("dz", 2))
		r := k.load(part("gates", 1))
		u = rest(one, r)
		VMULPS(k.operand("kept"), u, u)
		VMULPS(dc, u, u)
		k.store(u, part("dz", 1))
		k.store(u, part("inner", 1))
		VMULPS(r, dc, dc)
		k.store(dc, part("inner", 2))
		VMULPS(z, d, d)
		k.store(d, "dh")
	})
	k.done()
}
