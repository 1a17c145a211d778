package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// chains is how many sums are under way at once: a sum takes four or five cycles, and two begin in each.
const chains = 12

// peak writes the loop that does nothing but FMA, which shows what the processor can do at most.
func peak() {
	TEXT("fma", NOSPLIT, "func(turns int)")
	Doc("computes x = x/2 + 1/2 on 12 vectors of 8, that many times.")
	turns := Load(Param("turns"), GP64())
	bits, half := GP32(), YMM()
	MOVL(U32(0x3f000000), bits)
	VMOVD(bits, half.AsX())
	VBROADCASTSS(half.AsX(), half)
	var x [chains]VecVirtual
	for i := range x {
		x[i] = YMM()
		VMOVAPS(half, x[i])
	}
	Label("turn")
	for i := range x {
		VFMADD213PS(half, half, x[i])
	}
	DECQ(turns)
	JNZ(LabelRef("turn"))
	VZEROUPPER()
	RET()
}
