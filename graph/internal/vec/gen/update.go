package main

import (
	. "github.com/mmcloughlin/avo/build"
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
	adam()

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

func adam() {
	k := function("adam"+suffix(), "(w, grad, m, v *float32, n int, beta1, rest1, beta2, rest2, rate, root, epsilon, keep float32)",
		"sets m ← beta1·m + rest1·g, v ← beta2·v + rest2·g², w ← keep·w − rate·m/(root·√v + epsilon).", "w", "grad", "m", "v")
	beta1, rest1, beta2, rest2 := scalar("beta1"), scalar("rest1"), scalar("beta2"), scalar("rest2")
	rate, root, epsilon, keep := scalar("rate"), scalar("root"), scalar("epsilon"), scalar("keep")
	k.each(1, func() {
		w, g, m, v := k.load("w"), k.load("grad"), k.load("m"), k.load("v")
		square := vector()
		VMULPS(g, g, square)
		VMULPS(rest1, g, g)
		VFMADD213PS(g, beta1, m)
		k.store(m, "m")
		VMULPS(rest2, square, square)
		VFMADD213PS(square, beta2, v)
		k.store(v, "v")
		VSQRTPS(v, v)
		VFMADD213PS(epsilon, root, v)
		VMULPS(rate, m, m)
		VDIVPS(v, m, m)
		VFMSUB213PS(m, keep, w)
		k.store(w, "w")
	})
	k.done()
}
