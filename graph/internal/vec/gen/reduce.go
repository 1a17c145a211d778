package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func reductions() {
	reduction("sum", "(x *float32, n int) float64", "returns Σx, added in float64.", []string{"x"}, func(v []reg.VecVirtual, sum reg.VecVirtual) {
		VADDPD(v[0], sum, sum)
	})
	reduction("sumSquares", "(x *float32, n int) float64", "returns Σx², added in float64.", []string{"x"}, func(v []reg.VecVirtual, sum reg.VecVirtual) {
		VFMADD231PD(v[0], v[0], sum)
	})
	reduction("dot", "(a, b *float32, n int) float64", "returns Σa·b, added in float64.", []string{"a", "b"}, func(v []reg.VecVirtual, sum reg.VecVirtual) {
		VFMADD231PD(v[0], v[1], sum)
	})
	maximum("max", "returns the largest x, or NaN.", false)
	maximum("maxAbs", "returns the largest |x|, or NaN.", true)
}

// reduction adds into sums of four lanes each, taken in turn; those of the masked tail are zero where nothing is.
func reduction(name, signature, doc string, pointers []string, add func(v []reg.VecVirtual, sum reg.VecVirtual)) {
	k := function(name+"AVX2", signature, doc, pointers...)
	const unroll = 2
	sums := make([]reg.VecVirtual, 2*unroll)
	for i := range sums {
		sums[i] = zeroed()
	}
	k.each(unroll, func() {
		low, high := make([]reg.VecVirtual, len(pointers)), make([]reg.VecVirtual, len(pointers))
		for i, p := range pointers {
			low[i], high[i] = YMM(), YMM()
			if k.masked {
				v := k.load(p)
				VCVTPS2PD(v.AsX(), low[i])
				VEXTRACTF128(Imm(1), v, v.AsX())
				VCVTPS2PD(v.AsX(), high[i])
				continue
			}
			m := k.at(p)
			VCVTPS2PD(m, low[i])
			m.Disp += 16
			VCVTPS2PD(m, high[i])
		}
		turn := k.disp / 32
		add(low, sums[2*turn])
		add(high, sums[2*turn+1])
	})
	VADDPD(sums[1], sums[0], sums[0])
	VADDPD(sums[3], sums[2], sums[2])
	VADDPD(sums[2], sums[0], sums[0])
	returnLanes(sums[0])
}

// returnLanes adds the four lanes and returns.
func returnLanes(sum reg.VecVirtual) {
	high := YMM()
	VEXTRACTF128(Imm(1), sum, high.AsX())
	VADDPD(high.AsX(), sum.AsX(), sum.AsX())
	VUNPCKHPD(sum.AsX(), sum.AsX(), high.AsX())
	VADDSD(high.AsX(), sum.AsX(), sum.AsX())
	VZEROUPPER()
	Store(sum.AsX(), ReturnIndex(0))
	RET()
}

// maximum keeps apart whether a NaN was seen, because MAXPS forgets it.
func maximum(name, doc string, abs bool) {
	k := function(name+"AVX2", "(x *float32, n int) float32", doc, "x")
	const unroll = 2
	infinite := hold(bits(0xff800000))
	var sign reg.VecVirtual
	if abs {
		sign = hold(bits(1 << 31))
	}
	largest, unordered := make([]reg.VecVirtual, unroll), make([]reg.VecVirtual, unroll)
	for i := range unroll {
		largest[i], unordered[i] = YMM(), zeroed()
		VMOVAPS(infinite, largest[i])
	}
	k.each(unroll, func() {
		turn := k.disp / 32
		x, nan := k.load("x"), YMM()
		if abs {
			VANDNPS(x, sign, x)
		}
		if k.masked {
			VBLENDVPS(k.mask, x, infinite, x)
		}
		VCMPPS(Imm(3), x, x, nan)
		VORPS(nan, unordered[turn], unordered[turn])
		VMAXPS(x, largest[turn], largest[turn])
	})
	m := largest[0]
	VMAXPS(largest[1], m, m)
	VORPS(unordered[1], unordered[0], unordered[0])
	VBLENDVPS(unordered[0], unordered[0], m, m) // all ones are a NaN
	VCMPPS(Imm(3), m, m, unordered[0])
	seen := GP32()
	VMOVMSKPS(unordered[0], seen)
	high := YMM()
	VEXTRACTF128(Imm(1), m, high.AsX())
	VMAXPS(high.AsX(), m.AsX(), m.AsX())
	VPERMILPS(Imm(0x4e), m.AsX(), high.AsX())
	VMAXPS(high.AsX(), m.AsX(), m.AsX())
	VPERMILPS(Imm(0xb1), m.AsX(), high.AsX())
	VMAXPS(high.AsX(), m.AsX(), m.AsX())
	TESTL(seen, seen)
	JZ(LabelRef("finite"))
	VPCMPEQD(m.AsX(), m.AsX(), m.AsX())
	Label("finite")
	VZEROUPPER()
	Store(m.AsX(), ReturnIndex(0))
	RET()
}
