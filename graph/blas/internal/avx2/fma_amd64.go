package avx2

// FMA does that many floating-point operations, or a few more, as fast as one core can: fused multiplications and additions of registers, of
// which each element counts two.
func FMA(flop int) {
	const turn = 12 * 8 * 2 // vectors, elements, operations
	fma(flop/turn + 1)
}
