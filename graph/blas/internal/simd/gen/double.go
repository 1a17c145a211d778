package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// double writes the kernel for float64: a tile of 6 x 8, of sides that are both packed.
func double() {
	const rows, vectors = 6, 2
	TEXT("double6x8", NOSPLIT, "func(k int, a, b, sums *float64)")
	Pragma("noescape")
	Doc("computes the 6 x 8 sums of the products of k columns of A, 6 numbers each, and k rows of B, 8 each.")
	k, a, b := Load(Param("k"), GP64()), Load(Param("a"), GP64()), Load(Param("b"), GP64())
	var sum [rows * vectors]VecVirtual
	for i := range sum {
		sum[i] = YMM()
		VXORPD(sum[i], sum[i], sum[i])
	}
	right, left := [vectors]VecVirtual{YMM(), YMM()}, YMM()
	Label("along")
	for j, v := range right {
		VMOVUPD(Mem{Base: b, Disp: 32 * j}, v)
	}
	for i := range rows {
		VBROADCASTSD(Mem{Base: a, Disp: 8 * i}, left)
		for j, v := range right {
			VFMADD231PD(left, v, sum[i*vectors+j])
		}
	}
	ADDQ(Imm(8*rows), a)
	ADDQ(Imm(32*vectors), b)
	DECQ(k)
	JNZ(LabelRef("along"))
	to := Load(Param("sums"), GP64())
	for i, s := range sum {
		VMOVUPD(s, Mem{Base: to, Disp: 32 * i})
	}
	VZEROUPPER()
	RET()
}
