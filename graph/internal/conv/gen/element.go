package main

import (
	"strings"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// An element is a type that kernels are written for, and the instructions that depend on it.
type element struct {
	typ       string
	suffix    string
	size      int
	broadcast func(ops ...Op)
	add       func(ops ...Op) // the product of two to a third
	max       func(ops ...Op)
	plus      func(ops ...Op)
	minus     func(ops ...Op) // the second less the first
	times     func(ops ...Op)
	mask      func(from, lanes, to Op)
	addEach   func(ops ...Op)      // as add, of one number of memory to each
	some      func(lanes, to Op)   // a mask register of lanes
	storeSome func(from, k, to Op) // in a mask register's lanes
}

var elements = []element{
	{"float32", "", 4, VBROADCASTSS, VFMADD231PS, VMAXPS, VADDPS, VSUBPS, VMULPS, VMASKMOVPS, VFMADD231PS_BCST, VPMOVD2M, func(from, k, to Op) { VMOVUPS(from, k, to) }},
	{"float64", "Double", 8, VBROADCASTSD, VFMADD231PD, VMAXPD, VADDPD, VSUBPD, VMULPD, VMASKMOVPD, VFMADD231PD_BCST, VPMOVQ2M, func(from, k, to Op) { VMOVUPD(from, k, to) }},
}

func (e element) name(kernel string) string { return kernel + e.suffix }

// signature is one with T in place of the type.
func (e element) signature(s string) string {
	return strings.NewReplacer("*T", "*"+e.typ, "low T", "low "+e.typ, "share T", "share "+e.typ).Replace(s)
}
