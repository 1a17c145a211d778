package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// masks writes the hash of vec.hash32, a lane a counter.
func masks() {
	k := function("maskAVX2", "(dst, src *float32, n int, counter, key0, key1, threshold uint32, scale float32)",
		"sets dst[i] = src[i]·scale where hash32(counter+i, key0, key1)>>8 < threshold, else src[i]·0.", "dst", "src")
	counter, key1, threshold, scale := scalar("counter"), scalar("key1"), scalar("threshold"), scalar("scale")
	VPADDD(scalar("key0"), counter, counter)
	VPADDD(lanes([8]uint32{0, 1, 2, 3, 4, 5, 6, 7}), counter, counter)
	eight := hold(bits(8))
	first, second, third := hold(bits(0xed5ad4bb)), hold(bits(0xac4c1b51)), hold(bits(0x31848bab))
	shift := func(x reg.VecVirtual, by uint64) {
		t := YMM()
		VPSRLD(Imm(by), x, t)
		VPXOR(t, x, x)
	}
	k.each(4, func() {
		x, t := YMM(), YMM()
		VPSRLD(Imm(17), counter, t)
		VPXOR(t, counter, x)
		VPADDD(eight, counter, counter)
		VPMULLD(first, x, x)
		shift(x, 11)
		VPMULLD(second, x, x)
		shift(x, 15)
		VPADDD(key1, x, x)
		VPMULLD(third, x, x)
		VPSRLD(Imm(8), x, x)
		VPCMPGTD(x, threshold, x)
		VPAND(scale, x, x)
		VMULPS(k.operand("src"), x, x)
		k.store(x, "dst")
	})
	k.done()
}
