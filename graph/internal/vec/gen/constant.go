package main

import (
	"math"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// pool holds the constants that the kernels use, each eight times over in the data section: an instruction may read
// it from there, which leaves the registers to the values.
var pool struct {
	offset map[[8]uint32]int
	values [][8]uint32
}

const poolName = "constants"

func lanes(v [8]uint32) Mem {
	off, ok := pool.offset[v]
	if !ok {
		if pool.offset == nil {
			pool.offset = map[[8]uint32]int{}
		}
		off = 32 * len(pool.values)
		pool.offset[v] = off
		pool.values = append(pool.values, v)
	}
	return NewDataAddr(NewStaticSymbol(poolName), off)
}

func bits(b uint32) Mem { return lanes([8]uint32{b, b, b, b, b, b, b, b}) }

func f32(x float64) Mem { return bits(math.Float32bits(float32(x))) }

// hold puts a constant into a register for the length of a kernel.
func hold(m Mem) reg.VecVirtual {
	r := YMM()
	VMOVUPS(m, r)
	return r
}

// A tail of n lanes takes its mask at tailMask − 4n: the first n of the eight words there are all ones.
const tailName = "tailMask"

func writeConstants() {
	GLOBL(poolName, attr.RODATA|attr.NOPTR)
	for i, v := range pool.values {
		for lane := 0; lane < 8; lane += 2 {
			DATA(32*i+4*lane, U64(uint64(v[lane])|uint64(v[lane+1])<<32))
		}
	}
	GLOBL(tailName, attr.RODATA|attr.NOPTR)
	for i := range 8 {
		words := U64(0)
		if i < 4 {
			words = math.MaxUint64
		}
		DATA(8*i, words)
	}
}
