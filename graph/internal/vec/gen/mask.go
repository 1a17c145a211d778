package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// masks writes the hash of vec.hash32, a lane a counter.
func masks() {
	k := function("mask"+suffix(), "(dst, src *float32, n int, counter, key0, key1, threshold uint32, scale float32)",
		"sets dst[i] = src[i]·scale where hash32(counter+i, key0, key1)>>8 < threshold, else src[i]·0.", "dst", "src")
	counter, key1, threshold, scale := scalar("counter"), scalar("key1"), scalar("threshold"), scalar("scale")
	VPADDD(scalar("key0"), counter, counter)
	VPADDD(words([]uint32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}[:lanes()]), counter, counter)
	count := hold(bits(uint32(lanes())))
	first, second, third := hold(bits(0xed5ad4bb)), hold(bits(0xac4c1b51)), hold(bits(0x31848bab))
	shift := func(x reg.VecVirtual, by uint64) {
		t := vector()
		VPSRLD(Imm(by), x, t)
		xor(t, x, x)
	}
	k.each(4, func() {
		x, t := vector(), vector()
		VPSRLD(Imm(17), counter, t)
		xor(t, counter, x)
		VPADDD(count, counter, counter)
		VPMULLD(first, x, x)
		shift(x, 11)
		VPMULLD(second, x, x)
		shift(x, 15)
		VPADDD(key1, x, x)
		VPMULLD(third, x, x)
		VPSRLD(Imm(8), x, x)
		mask := newMask()
		VPCMPGTD(x, threshold, mask)
		only(mask, scale, x)
		VMULPS(k.operand("src"), x, x)
		k.store(x, "dst")
	})
	k.done()
}
