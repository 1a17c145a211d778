package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// widths are the vectors that one pass takes along a run.
var widths = []int{12, 8, 4, 2, 1}

func sparse() {
	for _, e := range elements {
		gather(e)
		scatter(e)
	}
}

// gather writes the kernels that add up what the gradients of one place send to the places of its window.
func gather(e element) {
	for _, v := range widths {
		TEXT(e.name(fmt.Sprintf("gather%d", v)), NOSPLIT, e.signature("func(n int, values *T, offsets *uintptr, dx, w *T)"))
		Pragma("noescape")
		Doc(fmt.Sprintf("dx += Σ values[i]·w[offsets[i]…] along %d elements, for n ≥ 1; offsets are in bytes.", 32/e.size*v))
		n, values, offsets := Load(Param("n"), GP64()), Load(Param("values"), GP64()), Load(Param("offsets"), GP64())
		dx, w := Load(Param("dx"), GP64()), Load(Param("w"), GP64())
		sum := make([]VecVirtual, v)
		for j := range sum {
			sum[j] = YMM()
			VMOVUPS(Mem{Base: dx, Disp: 32 * j}, sum[j])
		}
		i, at, value := GP64(), GP64(), YMM()
		XORQ(i, i)
		Label("along")
		e.broadcast(Mem{Base: values, Index: i, Scale: uint8(e.size)}, value)
		MOVQ(Mem{Base: offsets, Index: i, Scale: 8}, at)
		for j := range sum {
			e.add(Mem{Base: w, Index: at, Scale: 1, Disp: 32 * j}, value, sum[j])
		}
		INCQ(i)
		CMPQ(i, n)
		JLT(LabelRef("along"))
		for j := range sum {
			VMOVUPS(sum[j], Mem{Base: dx, Disp: 32 * j})
		}
		VZEROUPPER()
		RET()
	}
}

// scatter writes the kernels that add the places of a window, times the gradients of its place, to the kernels' gradients.
func scatter(e element) {
	for _, v := range widths {
		TEXT(e.name(fmt.Sprintf("scatter%d", v)), NOSPLIT, e.signature("func(n int, values *T, offsets *uintptr, x, dw *T)"))
		Pragma("noescape")
		Doc(fmt.Sprintf("dw[offsets[i]…] += values[i]·x along %d elements, for each i of n ≥ 1; offsets are in bytes.", 32/e.size*v))
		n, values, offsets := Load(Param("n"), GP64()), Load(Param("values"), GP64()), Load(Param("offsets"), GP64())
		x, dw := Load(Param("x"), GP64()), Load(Param("dw"), GP64())
		xs := make([]VecVirtual, v)
		for j := range xs {
			xs[j] = YMM()
			VMOVUPS(Mem{Base: x, Disp: 32 * j}, xs[j])
		}
		i, at, value := GP64(), GP64(), YMM()
		XORQ(i, i)
		Label("along")
		e.broadcast(Mem{Base: values, Index: i, Scale: uint8(e.size)}, value)
		MOVQ(Mem{Base: offsets, Index: i, Scale: 8}, at)
		sums := []VecVirtual{YMM(), YMM()}
		for j := range xs {
			sum := sums[j%2]
			VMOVUPS(Mem{Base: dw, Index: at, Scale: 1, Disp: 32 * j}, sum)
			e.add(xs[j], value, sum)
			VMOVUPS(sum, Mem{Base: dw, Index: at, Scale: 1, Disp: 32 * j})
		}
		INCQ(i)
		CMPQ(i, n)
		JLT(LabelRef("along"))
		VZEROUPPER()
		RET()
	}
}
