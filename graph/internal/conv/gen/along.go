package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// along writes the kernels for convolutions of each channel by itself.
func along() {
	for _, e := range elements {
		TEXT(e.name("along"), NOSPLIT, e.signature("func(vectors, n int, x *T, xs *int, w *T, ws *int, y *T)"))
		Pragma("noescape")
		Doc("y += Σ x[xs[i]…]·w[ws[i]…] along so many vectors, for n ≥ 1 places; xs and ws are in elements.")
		vectors, n := Load(Param("vectors"), GP64()), Load(Param("n"), GP64())
		x, xs := Load(Param("x"), GP64()), Load(Param("xs"), GP64())
		w, ws, y := Load(Param("w"), GP64()), Load(Param("ws"), GP64()), Load(Param("y"), GP64())
		i, at, sum, value := GP64(), GP64(), YMM(), YMM()
		Label("vector")
		VMOVUPS(Mem{Base: y}, sum)
		XORQ(i, i)
		Label("place")
		MOVQ(Mem{Base: xs, Index: i, Scale: 8}, at)
		VMOVUPS(Mem{Base: x, Index: at, Scale: uint8(e.size)}, value)
		MOVQ(Mem{Base: ws, Index: i, Scale: 8}, at)
		e.add(Mem{Base: w, Index: at, Scale: uint8(e.size)}, value, sum)
		INCQ(i)
		CMPQ(i, n)
		JLT(LabelRef("place"))
		VMOVUPS(sum, Mem{Base: y})
		ADDQ(Imm(32), x)
		ADDQ(Imm(32), w)
		ADDQ(Imm(32), y)
		DECQ(vectors)
		JNZ(LabelRef("vector"))
		VZEROUPPER()
		RET()
	}
}
