package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// mean writes the kernels of a mean over windows of two by two that lie side by side.
func mean() {
	for _, e := range elements {
		halve(e)
		double(e)
	}
}

func halve(e element) {
	TEXT(e.name("halve"), NOSPLIT, e.signature("func(n, vectors int, upper, lower *T, pixel uintptr, share T, y *T)"))
	Pragma("noescape")
	Doc("y is share times the sum of each of n windows of two by two: of pixels, so many bytes long, beside each other in the rows upper and lower, in so many vectors. The last ones may be written over what lies behind,",
		"which the next pixel's are written over again.")
	n, vectors := Load(Param("n"), GP64()), Load(Param("vectors"), GP64())
	upper, lower, pixel, y := Load(Param("upper"), GP64()), Load(Param("lower"), GP64()), Load(Param("pixel"), GP64()), Load(Param("y"), GP64())
	share := YMM()
	shareAt, _ := Param("share").Resolve()
	e.broadcast(shareAt.Addr, share)
	SHLQ(Imm(5), vectors)
	i, a, b := GP64(), GP64(), GP64()
	Label("window")
	LEAQ(Mem{Base: upper, Index: pixel, Scale: 1}, a)
	LEAQ(Mem{Base: lower, Index: pixel, Scale: 1}, b)
	XORQ(i, i)
	Label("vector")
	left, right := YMM(), YMM()
	VMOVUPS(Mem{Base: upper, Index: i, Scale: 1}, left)
	e.plus(Mem{Base: lower, Index: i, Scale: 1}, left, left)
	VMOVUPS(Mem{Base: a, Index: i, Scale: 1}, right)
	e.plus(Mem{Base: b, Index: i, Scale: 1}, right, right)
	e.plus(right, left, left)
	e.times(share, left, left)
	VMOVUPS(left, Mem{Base: y, Index: i, Scale: 1})
	ADDQ(Imm(32), i)
	CMPQ(i, vectors)
	JLT(LabelRef("vector"))
	LEAQ(Mem{Base: upper, Index: pixel, Scale: 2}, upper)
	LEAQ(Mem{Base: lower, Index: pixel, Scale: 2}, lower)
	ADDQ(pixel, y)
	DECQ(n)
	JNZ(LabelRef("window"))
	VZEROUPPER()
	RET()
}

func double(e element) {
	TEXT(e.name("double"), NOSPLIT, e.signature("func(n, vectors int, upper, lower *T, pixel uintptr, share T, dy *T)"))
	Pragma("noescape")
	Doc("upper and lower are rows of what halve's gradient is, from that of its y: of each of n pixels, so many bytes long, four times share times dy.")
	n, vectors := Load(Param("n"), GP64()), Load(Param("vectors"), GP64())
	upper, lower, pixel, dy := Load(Param("upper"), GP64()), Load(Param("lower"), GP64()), Load(Param("pixel"), GP64()), Load(Param("dy"), GP64())
	share, zero := YMM(), YMM()
	shareAt, _ := Param("share").Resolve()
	e.broadcast(shareAt.Addr, share)
	VXORPS(zero, zero, zero)
	SHLQ(Imm(5), vectors)
	i, a, b := GP64(), GP64(), GP64()
	Label("window")
	LEAQ(Mem{Base: upper, Index: pixel, Scale: 1}, a)
	LEAQ(Mem{Base: lower, Index: pixel, Scale: 1}, b)
	// What of a left pixel's vectors lies beyond it is the right one's beginning, which is written after it.
	for _, to := range [][2]Op{{upper, lower}, {a, b}} {
		along := map[bool]string{true: "left", false: "right"}[to[0] == upper]
		XORQ(i, i)
		Label(along)
		value := YMM()
		VMOVUPS(Mem{Base: dy, Index: i, Scale: 1}, value)
		e.times(share, value, value)
		e.plus(zero, value, value)
		for _, to := range to {
			VMOVUPS(value, Mem{Base: to.(Register), Index: i, Scale: 1})
		}
		ADDQ(Imm(32), i)
		CMPQ(i, vectors)
		JLT(LabelRef(along))
	}
	LEAQ(Mem{Base: upper, Index: pixel, Scale: 2}, upper)
	LEAQ(Mem{Base: lower, Index: pixel, Scale: 2}, lower)
	ADDQ(pixel, dy)
	DECQ(n)
	JNZ(LabelRef("window"))
	VZEROUPPER()
	RET()
}
