package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// widths are the 32-byte vectors that one pass takes along a run.
var widths = []int{12, 8, 4, 2, 1}

func sparse() {
	for _, e := range elements {
		for _, v := range widths {
			through(e, fmt.Sprintf("through%d", v), v, 32, func() VecVirtual { return YMM() })
		}
	}
}

// sparse512 writes what sparse does, in AVX-512: the same sums in the same order.
func sparse512() {
	for _, e := range elements {
		for _, v := range widths {
			if v > 1 {
				through(e, fmt.Sprintf("through%dAVX512", v), v/2, 64, func() VecVirtual { return ZMM() })
			}
		}
	}
}

// through writes the kernel that goes through the gradients of one output channel, along a run of its kernel, whose own gradient stays in registers meanwhile: so many vectors of so many bytes.
func through(e element, name string, vectors, bytes int, register func() VecVirtual) {
	TEXT(e.name(name), NOSPLIT, e.signature("func(n int, values *T, offsets *uintptr, x, dw, dx, w *T)"))
	Pragma("noescape")
	Doc(fmt.Sprintf("dw += Σ values[i]·x[offsets[i]…] and dx[offsets[i]…] += values[i]·w for each i of n ≥ 1, along %d elements; offsets are in bytes. Either of dw and dx may be nil.", vectors*bytes/e.size))
	n, values, offsets := Load(Param("n"), GP64()), Load(Param("values"), GP64()), Load(Param("offsets"), GP64())
	x, dw := Load(Param("x"), GP64()), Load(Param("dw"), GP64())
	dx, w := Load(Param("dx"), GP64()), Load(Param("w"), GP64())
	i, at := GP64(), GP64()
	sum := make([]VecVirtual, vectors)
	kernel := make([]Op, vectors)
	for j := range kernel {
		kernel[j] = Mem{Base: w, Disp: bytes * j}
	}
	value, moved := register(), []VecVirtual{register(), register()}
	loop := func(label string, ofW, ofX bool) {
		XORQ(i, i)
		Label(label)
		e.broadcast(Mem{Base: values, Index: i, Scale: uint8(e.size)}, value)
		MOVQ(Mem{Base: offsets, Index: i, Scale: 8}, at)
		for j := range vectors {
			if ofW {
				e.add(Mem{Base: x, Index: at, Scale: 1, Disp: bytes * j}, value, sum[j])
			}
			if ofX {
				m, to := moved[j%2], Mem{Base: dx, Index: at, Scale: 1, Disp: bytes * j}
				VMOVUPS(to, m)
				e.add(kernel[j], value, m)
				VMOVUPS(m, to)
			}
		}
		INCQ(i)
		CMPQ(i, n)
		JLT(LabelRef(label))
	}
	load := func() {
		if bytes == 64 { // where there are registers for it
			for j := range kernel {
				r := register()
				VMOVUPS(kernel[j], r)
				kernel[j] = r
			}
		}
	}
	TESTQ(dw, dw)
	JZ(LabelRef("alone"))
	for j := range sum {
		sum[j] = register()
		VMOVUPS(Mem{Base: dw, Disp: bytes * j}, sum[j])
	}
	TESTQ(dx, dx)
	JZ(LabelRef("kernel"))
	memory := append([]Op{}, kernel...)
	load()
	loop("both", true, true)
	JMP(LabelRef("store"))
	Label("kernel")
	loop("sum", true, false)
	Label("store")
	for j := range sum {
		VMOVUPS(sum[j], Mem{Base: dw, Disp: bytes * j})
	}
	VZEROUPPER()
	RET()
	Label("alone")
	kernel = memory
	load()
	loop("spread", false, true)
	VZEROUPPER()
	RET()
}
