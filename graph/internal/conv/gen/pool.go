package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

func pools() {
	largest()
	largestOfFour()
	oneOfFour()
}

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

// largestOfFour writes the kernel of a maximum over windows of two by two, side by side.
func largestOfFour() {
	TEXT("largestOfFour", NOSPLIT, "func(n, vectors int, x *float32, row, pixel uintptr, y *float32, arg *int32, places *[4][8]int32)")
	Pragma("noescape")
	Doc("As largest, of n windows of two by two, side by side: rows of x are row bytes apart, its pixels, of so many vectors, pixel. places are those in x of the first window's first 8 elements, and how much further the",
		"elements of its other three pixels are.")
	f := newFour("x")
	y := Load(Param("y"), GP64())
	f.each(func(at [4]Mem) {
		best, place := YMM(), YMM()
		VMOVUPS(at[0], best)
		VMOVAPS(f.place, place)
		for i := 1; i < 4; i++ {
			value, where, larger, number := YMM(), YMM(), YMM(), YMM()
			VMOVUPS(at[i], value)
			VPADDD(f.further[i-1], f.place, where)
			VCMPPS(Imm(6), best, value, larger) // not less or equal, or unordered
			VCMPPS(Imm(7), best, best, number)  // ordered
			VANDPS(number, larger, larger)
			VBLENDVPS(larger, value, best, best)
			VBLENDVPS(larger, where, place, place)
		}
		VMOVUPS(best, Mem{Base: y})
		VMOVDQU(place, Mem{Base: f.arg})
		ADDQ(Imm(32), y)
	})
}

// oneOfFour writes the kernel of its gradient.
func oneOfFour() {
	TEXT("oneOfFour", NOSPLIT, "func(n, vectors int, dx *float32, row, pixel uintptr, dy *float32, arg *int32, places *[4][8]int32)")
	Pragma("noescape")
	Doc("dx is dy at the places arg, as largestOfFour writes them, and 0 at the other three of each window.")
	f := newFour("dx")
	dy, zero := Load(Param("dy"), GP64()), YMM()
	VXORPS(zero, zero, zero)
	f.each(func(at [4]Mem) {
		d, arg := YMM(), YMM()
		VADDPS(Mem{Base: dy}, zero, d) // which is never −0, as a sum is not
		VMOVDQU(Mem{Base: f.arg}, arg)
		for i := range 4 {
			own := YMM()
			if i == 0 {
				VPCMPEQD(f.place, arg, own)
			} else {
				VPADDD(f.further[i-1], f.place, own)
				VPCMPEQD(own, arg, own)
			}
			VANDPS(d, own, own)
			VMOVUPS(own, at[i])
		}
		ADDQ(Imm(32), dy)
	})
}

// A four goes along windows of two by two.
type four struct {
	n, vectors, x, lower, pixel, arg Register
	place, eight                     VecVirtual
	further                          [3]VecVirtual
}

func newFour(x string) *four {
	f := &four{n: Load(Param("n"), GP64()), vectors: Load(Param("vectors"), GP64()), x: Load(Param(x), GP64()), lower: Load(Param("row"), GP64()), pixel: Load(Param("pixel"), GP64()), arg: Load(Param("arg"), GP64())}
	ADDQ(f.x, f.lower)
	places := Load(Param("places"), GP64())
	f.place, f.eight = YMM(), YMM()
	VMOVDQU(Mem{Base: places}, f.place)
	for i := range f.further {
		f.further[i] = YMM()
		VMOVDQU(Mem{Base: places, Disp: 32 * (i + 1)}, f.further[i])
	}
	VPCMPEQD(f.eight, f.eight, f.eight)
	VPSRLD(Imm(31), f.eight, f.eight)
	VPSLLD(Imm(3), f.eight, f.eight)
	return f
}

// each goes through the vectors, and returns.
func (f *four) each(do func(at [4]Mem)) {
	left := GP64()
	Label("window")
	MOVQ(f.vectors, left)
	Label("vector")
	do([4]Mem{{Base: f.x}, {Base: f.x, Index: f.pixel, Scale: 1}, {Base: f.lower}, {Base: f.lower, Index: f.pixel, Scale: 1}})
	for _, p := range []Register{f.x, f.lower, f.arg} {
		ADDQ(Imm(32), p)
	}
	VPADDD(f.eight, f.place, f.place)
	DECQ(left)
	JNZ(LabelRef("vector"))
	ADDQ(f.pixel, f.x)
	ADDQ(f.pixel, f.lower)
	VPADDD(f.further[0], f.place, f.place)
	DECQ(f.n)
	JNZ(LabelRef("window"))
	VZEROUPPER()
	RET()
}
