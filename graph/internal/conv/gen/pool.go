package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// largest writes the kernel of a maximum over a window.
func largest() {
	TEXT("largest", NOSPLIT, "func(vectors, taps int, offsets *int, base int, x, y *float32, arg *int32, lanes *[8]int32)")
	Pragma("noescape")
	Doc("y is the largest of the window's elements at x, channel by channel, 8 channels a vector; offsets are of its taps, in elements, from base, a place of x. arg is the place in x of the element, the first of equal",
		"ones; NaN is larger than all. lanes are 0 to 7.")
	vectors, taps := Load(Param("vectors"), GP64()), Load(Param("taps"), GP64())
	offsets, base := Load(Param("offsets"), GP64()), Load(Param("base"), GP64())
	x, y, arg := Load(Param("x"), GP64()), Load(Param("y"), GP64()), Load(Param("arg"), GP64())
	lanesAt := Load(Param("lanes"), GP64())
	lanes := YMM()
	VMOVDQU(Mem{Base: lanesAt}, lanes)
	Label("vector")
	t, at := GP64(), GP64()
	best, place := YMM(), YMM()
	look := func(value, where VecVirtual) {
		MOVQ(Mem{Base: offsets, Index: t, Scale: 8}, at)
		ADDQ(base, at)
		VMOVUPS(Mem{Base: x, Index: at, Scale: 4}, value)
		VMOVD(at.As32(), where.AsX())
		VPBROADCASTD(where.AsX(), where)
		VPADDD(lanes, where, where)
	}
	XORQ(t, t)
	look(best, place)
	INCQ(t)
	CMPQ(t, taps)
	JGE(LabelRef("store"))
	Label("tap")
	value, where, larger, number := YMM(), YMM(), YMM(), YMM()
	look(value, where)
	VCMPPS(Imm(6), best, value, larger) // not less or equal, or unordered
	VCMPPS(Imm(7), best, best, number)  // ordered
	VANDPS(number, larger, larger)
	VBLENDVPS(larger, value, best, best)
	VBLENDVPS(larger, where, place, place)
	INCQ(t)
	CMPQ(t, taps)
	JLT(LabelRef("tap"))
	Label("store")
	VMOVUPS(best, Mem{Base: y})
	VMOVDQU(place, Mem{Base: arg})
	ADDQ(Imm(32), y)
	ADDQ(Imm(32), arg)
	ADDQ(Imm(8), base)
	DECQ(vectors)
	JNZ(LabelRef("vector"))
	VZEROUPPER()
	RET()
}
