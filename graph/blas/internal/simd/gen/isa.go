package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// isa is a set of instructions that kernels are written for.
type isa struct {
	suffix string // of the functions' names
	lanes  int    // float32 of a vector
	rows   int    // of a tile: with two vectors each, its sums keep the multipliers busy and leave registers for A and B
	vector func() VecVirtual
	wide   bool // masks are registers of their own
}

var isas = map[string]isa{
	"avx2":   {"AVX2", 8, 6, func() VecVirtual { return YMM() }, false},
	"avx512": {"AVX512", 16, 12, func() VecVirtual { return ZMM() }, true},
}

// groupCols are packed at once.
const groupCols = 64

func (s isa) cols() int  { return 2 * s.lanes } // of a tile
func (s isa) bytes() int { return 4 * s.lanes } // of a vector

// vectors are so many new ones.
func (s isa) vectors(n int) []VecVirtual {
	v := make([]VecVirtual, n)
	for i := range v {
		v[i] = s.vector()
	}
	return v
}

// zero is a vector of zeros.
func (s isa) zero() VecVirtual {
	v := s.vector()
	VXORPS(v, v, v)
	return v
}

// mask loads lanes that are set or not, as many as a vector has.
func (s isa) mask(at Mem) Register {
	v := s.vector()
	VMOVUPS(at, v)
	if !s.wide {
		return v
	}
	k := K()
	VPMOVD2M(v, k)
	return k
}

// load loads the lanes in the mask and clears the others.
func (s isa) load(from Mem, mask Register, to VecVirtual) {
	if s.wide {
		VMOVUPS_Z(from, mask, to)
	} else {
		VMASKMOVPS(from, mask, to)
	}
}

// store stores the lanes in the mask.
func (s isa) store(from VecVirtual, mask Register, to Mem) {
	if s.wide {
		VMOVUPS(from, mask, to)
	} else {
		VMASKMOVPS(from, mask, to)
	}
}
