package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/reg"
)

// wide says that the kernels are of AVX-512, with vectors of sixteen and masks in registers of their own; else they are of AVX2. An element goes through the same operations.
var wide bool

func suffix() string {
	if wide {
		return "AVX512"
	}
	return "AVX2"
}

// lanes are the float32 of a vector.
func lanes() int {
	if wide {
		return 16
	}
	return 8
}

func bytes() int { return 4 * lanes() }

func vector() reg.VecVirtual {
	if wide {
		return ZMM()
	}
	return YMM()
}

// blend sets dst to yes where the mask has its lane set, or is negative, else to no.
func blend(mask reg.Register, yes, no, dst reg.VecVirtual) {
	if wide {
		VBLENDMPS(yes, no, mask, dst)
	} else {
		VBLENDVPS(mask, yes, no, dst)
	}
}

// only sets dst to x where the mask has its lane set, else to 0.
func only(mask reg.Register, x, dst reg.VecVirtual) {
	if wide {
		VMOVUPS_Z(x, mask, dst)
	} else {
		VANDPS(mask, x, dst)
	}
}

// negative is the mask of the lanes with their sign set.
func negative(x reg.VecVirtual) reg.Register {
	if !wide {
		return x
	}
	k := K()
	VPMOVD2M(x, k)
	return k
}

// newMask is a register for a mask.
func newMask() reg.Register {
	if wide {
		return K()
	}
	return YMM()
}

func xor(a, b, dst reg.VecVirtual) {
	if wide {
		VPXORD(a, b, dst)
	} else {
		VPXOR(a, b, dst)
	}
}

// none clears a mask.
func none(mask reg.Register) {
	if wide {
		KXORW(mask, mask, mask)
	} else {
		VXORPS(mask, mask, mask)
	}
}

// either adds the lanes of a mask to another.
func either(mask, to reg.Register) {
	if wide {
		KORW(mask, to, to)
	} else {
		VORPS(mask, to, to)
	}
}

// lanesOf puts a mask into a register, a bit a lane.
func lanesOf(mask, to reg.Register) {
	if wide {
		KMOVW(mask, to)
	} else {
		VMOVMSKPS(mask, to)
	}
}
