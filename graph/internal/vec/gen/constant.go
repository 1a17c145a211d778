package main

import (
	"fmt"
	"math"
	"slices"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// pool holds the constants that the kernels use, each as often as a vector has lanes, in the data section: an instruction may read
// it from there, which leaves the registers to the values.
var pool struct {
	offset map[string]int
	values [][]uint32
}

const poolName = "constants"

func words(v []uint32) Mem {
	key := fmt.Sprint(v)
	off, ok := pool.offset[key]
	if !ok {
		if pool.offset == nil {
			pool.offset = map[string]int{}
		}
		off = bytes() * len(pool.values)
		pool.offset[key] = off
		pool.values = append(pool.values, v)
	}
	return NewDataAddr(NewStaticSymbol(poolName), off)
}

func bits(b uint32) Mem { return words(slices.Repeat([]uint32{b}, lanes())) }

func f32(x float64) Mem { return bits(math.Float32bits(float32(x))) }

// hold puts a constant into a register for the length of a kernel.
func hold(m Mem) reg.VecVirtual {
	r := vector()
	VMOVUPS(m, r)
	return r
}

// A tail of n lanes takes its mask at tailMask − 4n: the first n of the eight words there are all ones.
const tailName = "tailMask"

func writeConstants() {
	GLOBL(poolName, attr.RODATA|attr.NOPTR)
	for i, v := range pool.values {
		for lane := 0; lane < lanes(); lane += 2 {
			DATA(bytes()*i+4*lane, U64(uint64(v[lane])|uint64(v[lane+1])<<32))
		}
	}
	if wide {
		return
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
