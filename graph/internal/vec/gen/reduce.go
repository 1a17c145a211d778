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

// reduction adds into sums of eight lanes each, taken in turn by eight elements; what is less than sixteen elements at the end goes to the first. Lanes of the masked tail are zero where
// nothing is.
func reduction(name, signature, doc string, pointers []string, add func(v []reg.VecVirtual, sum reg.VecVirtual)) {
	k := function(name+suffix(), signature, doc, pointers...)
	if wide {
		wideReduction(k, pointers, add)
		return
	}
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

func wideReduction(k *kernel, pointers []string, add func(v []reg.VecVirtual, sum reg.VecVirtual)) {
	sums := [2]reg.VecVirtual{zeroed(), zeroed()}
	k.each(1, func() {
		low, high := make([]reg.VecVirtual, len(pointers)), make([]reg.VecVirtual, len(pointers))
		for i, p := range pointers {
			low[i], high[i] = widened(k.load(p))
		}
		add(low, sums[0])
		if k.masked {
			add(high, sums[0])
		} else {
			add(high, sums[1])
		}
	})
	halves := [2]reg.Register{}
	for i, s := range sums {
		halves[i] = folded(s)
	}
	VADDPD(halves[1], halves[0], halves[0])
	returnLanes(halves[0].(reg.Vec))
}

// widened are sixteen float32 as float64, the lower eight and the upper.
func widened(v reg.VecVirtual) (low, high reg.VecVirtual) {
	low, high = ZMM(), ZMM()
	VCVTPS2PD(v.AsY(), low)
	VEXTRACTF32X8(Imm(1), v, high.AsY())
	VCVTPS2PD(high.AsY(), high)
	return low, high
}

// folded is the sum of the halves of eight lanes.
func folded(sum reg.VecVirtual) reg.Register {
	high := YMM()
	VEXTRACTF64X4(Imm(1), sum, high)
	VADDPD(high, sum.AsY(), sum.AsY())
	return sum.AsY()
}

// eightSums adds up vectors in float64, eight elements at a time.
type eightSums []reg.VecVirtual

func newEightSums() eightSums {
	if wide {
		return eightSums{zeroed()}
	}
	return eightSums{zeroed(), zeroed()}
}

func (s eightSums) add(y reg.VecVirtual) {
	if wide {
		low, high := widened(y)
		VADDPD(low, s[0], s[0])
		VADDPD(high, s[0], s[0])
		return
	}
	low, high := YMM(), YMM()
	VCVTPS2PD(y.AsX(), low)
	VADDPD(low, s[0], s[0])
	VEXTRACTF128(Imm(1), y, high.AsX())
	VCVTPS2PD(high.AsX(), high)
	VADDPD(high, s[1], s[1])
}

func (s eightSums) giveBack() {
	if wide {
		returnLanes(folded(s[0]).(reg.Vec))
		return
	}
	VADDPD(s[1], s[0], s[0])
	returnLanes(s[0])
}

// returnLanes adds the four lanes of each sum and returns them.
func returnLanes(sums ...reg.Vec) {
	for _, sum := range sums {
		high := YMM()
		VEXTRACTF128(Imm(1), sum.AsY(), high.AsX())
		VADDPD(high.AsX(), sum.AsX(), sum.AsX())
		VUNPCKHPD(sum.AsX(), sum.AsX(), high.AsX())
		VADDSD(high.AsX(), sum.AsX(), sum.AsX())
	}
	VZEROUPPER()
	for i, sum := range sums {
		Store(sum.AsX(), ReturnIndex(i))
	}
	RET()
}

// maximum keeps apart whether a NaN was seen, because MAXPS forgets it.
func maximum(name, doc string, abs bool) {
	k := function(name+suffix(), "(x *float32, n int) float32", doc, "x")
	const unroll = 2
	infinite := hold(bits(0xff800000))
	var sign reg.VecVirtual
	if abs {
		sign = hold(bits(1 << 31))
	}
	largest, unordered := make([]reg.VecVirtual, unroll), make([]reg.Register, unroll)
	for i := range unroll {
		largest[i], unordered[i] = vector(), newMask()
		VMOVAPS(infinite, largest[i])
		none(unordered[i])
	}
	k.each(unroll, func() {
		turn := k.disp / bytes()
		x, nan := k.load("x"), newMask()
		if abs {
			VANDNPS(x, sign, x)
		}
		if k.masked {
			blend(k.mask, x, infinite, x)
		}
		VCMPPS(Imm(3), x, x, nan)
		either(nan, unordered[turn])
		VMAXPS(x, largest[turn], largest[turn])
	})
	VMAXPS(largest[1], largest[0], largest[0])
	either(unordered[1], unordered[0])
	seen := GP32()
	lanesOf(unordered[0], seen)
	if wide {
		upper := YMM()
		VEXTRACTF32X8(Imm(1), largest[0], upper)
		VMAXPS(upper, largest[0].AsY(), largest[0].AsY())
	}
	m, high := largest[0].AsX(), XMM()
	VEXTRACTF128(Imm(1), largest[0].AsY(), high)
	VMAXPS(high, m, m)
	VPERMILPS(Imm(0x4e), m, high)
	VMAXPS(high, m, m)
	VPERMILPS(Imm(0xb1), m, high)
	VMAXPS(high, m, m)
	TESTL(seen, seen)
	JZ(LabelRef("finite"))
	VPCMPEQD(m, m, m) // all ones are a NaN
	Label("finite")
	VZEROUPPER()
	Store(m, ReturnIndex(0))
	RET()
}
