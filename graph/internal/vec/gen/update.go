package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// updates calls the gradient grad, because the assembler takes g for a register.
func updates() {
	k := function("sgd"+suffix(), "(w, grad *float32, n int, lr float32)", "sets w ← w − lr·g, rounded after the product and after the difference.", "w", "grad")
	lr := scalar("lr")
	k.each(4, func() {
		w, step := k.load("w"), vector()
		VMULPS(k.operand("grad"), lr, step)
		VSUBPS(step, w, w)
		k.store(w, "w")
	})
	k.done()

	momentum("momentum"+suffix(), "sets v ← mu·v + g, w ← w − lr·v.", false)
	momentum("nesterov"+suffix(), "sets v ← mu·v + g, w ← w − lr·(g + mu·v).", true)
	adam("adam"+suffix(), "w ← w − rate·m/(root·√v + epsilon)", false)
	adam("amsGrad"+suffix(), "top ← max(top, v), w ← w − rate·m/(root·√top + epsilon)", true)
	nadam()
	lion()

	k = function("rmsProp"+suffix(), "(w, grad, v *float32, n int, lr, rho, rest, epsilon float32)",
		"sets v ← rho·v + rest·g², w ← w − lr·g/(√v + epsilon).", "w", "grad", "v")
	rho, rest := scalar("rho"), scalar("rest")
	step := adaptiveStep(k)
	k.each(2, func() {
		g, v := k.load("grad"), k.load("v")
		square := vector()
		VMULPS(g, g, square)
		VMULPS(rest, square, square)
		VFMADD213PS(square, rho, v)
		k.store(v, "v")
		step(g, v)
	})
	k.done()

	k = function("adaGrad"+suffix(), "(w, grad, v *float32, n int, lr, epsilon float32)",
		"sets v ← v + g², w ← w − lr·g/(√v + epsilon).", "w", "grad", "v")
	step = adaptiveStep(k)
	k.each(2, func() {
		g, v := k.load("grad"), k.load("v")
		VFMADD231PS(g, g, v)
		k.store(v, "v")
		step(g, v)
	})
	k.done()
}

// adaptiveStep is w ← w − lr·g/(√v + epsilon).
func adaptiveStep(k *kernel) func(g, v reg.VecVirtual) {
	lr, epsilon := scalar("lr"), scalar("epsilon")
	return func(g, v reg.VecVirtual) {
		w := k.load("w")
		VSQRTPS(v, v)
		VADDPS(epsilon, v, v)
		VMULPS(lr, g, g)
		VDIVPS(v, g, g)
		VSUBPS(g, w, w)
		k.store(w, "w")
	}
}

func momentum(name, doc string, nesterov bool) {
	k := function(name, "(w, grad, v *float32, n int, lr, mu float32)", doc, "w", "grad", "v")
	lr, mu := scalar("lr"), scalar("mu")
	k.each(2, func() {
		w, g, v := k.load("w"), k.load("grad"), k.load("v")
		VFMADD213PS(g, mu, v)
		k.store(v, "v")
		if nesterov {
			VFMADD213PS(g, mu, v)
		}
		VFNMADD231PS(v, lr, w)
		k.store(w, "w")
	})
	k.done()
}

// moments loads g, m and v and moves the two means on.
func moments(k *kernel, beta1, rest1, beta2, rest2 reg.VecVirtual) (g, m, v reg.VecVirtual) {
	g, m, v = k.load("grad"), k.load("m"), k.load("v")
	square, part := vector(), vector()
	VMULPS(g, g, square)
	VMULPS(rest1, g, part)
	VFMADD213PS(part, beta1, m)
	k.store(m, "m")
	VMULPS(rest2, square, square)
	VFMADD213PS(square, beta2, v)
	k.store(v, "v")
	return g, m, v
}

func adam(name, doc string, top bool) {
	pointers, signature := []string{"w", "grad", "m", "v"}, "(w, grad, m, v "
	if top {
		pointers, signature = append(pointers, "top"), "(w, grad, m, v, top "
	}
	k := function(name, signature+"*float32, n int, beta1, rest1, beta2, rest2, rate, root, epsilon float32)",
		"sets m ← beta1·m + rest1·g, v ← beta2·v + rest2·g², "+doc+".", pointers...)
	beta1, rest1, beta2, rest2 := scalar("beta1"), scalar("rest1"), scalar("beta2"), scalar("rest2")
	rate, root, epsilon := scalar("rate"), scalar("root"), scalar("epsilon")
	k.each(1, func() {
		_, m, v := moments(k, beta1, rest1, beta2, rest2)
		w := k.load("w")
		if top {
			VMAXPS(v, k.load("top"), v) // a NaN in v stays
			k.store(v, "top")
		}
		VSQRTPS(v, v)
		VFMADD213PS(epsilon, root, v)
		VMULPS(rate, m, m)
		VDIVPS(v, m, m)
		VSUBPS(m, w, w)
		k.store(w, "w")
	})
	k.done()
}

func nadam() {
	k := function("nadam"+suffix(), "(w, grad, m, v *float32, n int, beta1, rest1, beta2, rest2, rate, direct, root, epsilon float32)",
		"sets m ← beta1·m + rest1·g, v ← beta2·v + rest2·g², w ← w − (rate·m + direct·g)/(root·√v + epsilon).", "w", "grad", "m", "v")
	beta1, rest1, beta2, rest2 := scalar("beta1"), scalar("rest1"), scalar("beta2"), scalar("rest2")
	rate, direct, root, epsilon := scalar("rate"), scalar("direct"), scalar("root"), scalar("epsilon")
	k.each(1, func() {
		g, m, v := moments(k, beta1, rest1, beta2, rest2)
		w := k.load("w")
		VSQRTPS(v, v)
		VFMADD213PS(epsilon, root, v)
		VMULPS(direct, g, g)
		VFMADD231PS(rate, m, g)
		VDIVPS(v, g, g)
		VSUBPS(g, w, w)
		k.store(w, "w")
	})
	k.done()
}

func lion() {
	k := function("lion"+suffix(), "(w, grad, m *float32, n int, lr, beta1, rest1, beta2, rest2 float32)",
		"sets w ← w − lr·sign(beta1·m + rest1·g), then m ← beta2·m + rest2·g.", "w", "grad", "m")
	lr, beta1, rest1, beta2, rest2 := scalar("lr"), scalar("beta1"), scalar("rest1"), scalar("beta2"), scalar("rest2")
	sign, zero, nan := hold(bits(1<<31)), zeroed(), hold(bits(math.MaxUint32))
	k.each(1, func() {
		w, g, m := k.load("w"), k.load("grad"), k.load("m")
		c, part, some, unordered := vector(), vector(), newMask(), newMask()
		VMULPS(rest1, g, c)
		VFMADD231PS(beta1, m, c)
		VMULPS(rest2, g, part)
		VFMADD213PS(part, beta2, m)
		k.store(m, "m")
		VCMPPS(Imm(4), zero, c, some) // not equal to 0
		VCMPPS(Imm(3), c, c, unordered)
		VANDPS(sign, c, c)
		VORPS(lr, c, c)
		only(some, c, c)
		VSUBPS(c, w, w)
		blend(unordered, nan, w, w)
		k.store(w, "w")
	})
	k.done()
}
