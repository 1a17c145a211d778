package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// chains is how many sums are under way at once: a sum takes four or five cycles, and two begin in each.
const chains = 12

// peak writes the loop that does nothing but FMA, which shows what the processor can do at most.
func (s isa) peak() {
	TEXT("fma"+s.suffix, NOSPLIT, "func(turns int)")
	Doc(fmt.Sprintf("computes x = x/2 + 1/2 on 12 vectors of %d, that many times.", s.lanes))
	turns := Load(Param("turns"), GP64())
	bits, half := GP32(), s.vector()
	MOVL(U32(0x3f000000), bits)
	VMOVD(bits, half.AsX())
	VBROADCASTSS(half.AsX(), half)
	x := s.vectors(chains)
	for i := range x {
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
