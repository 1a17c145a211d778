package main

import (
	. "github.com/mmcloughlin/avo/build"
)

// attends writes what vec/attend.go does.
func attends() {
	k := function("softmaxGrad"+suffix(), "(grad, w *float32, n int, mean, scale float32)", "sets grad = w·(grad − mean)·scale.", "grad", "w")
	mean, scale := scalar("mean"), scalar("scale")
	k.each(2, func() {
		g := k.load("grad")
		VSUBPS(mean, g, g)
		VMULPS(k.operand("w"), g, g)
		VMULPS(scale, g, g)
		k.store(g, "grad")
	})
	k.done()
}
