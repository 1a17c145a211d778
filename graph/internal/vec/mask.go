package vec

import "math"

// Mask sets dst[i] = src[i]·scale where u(i) < keep, else src[i]·0, u(i) being the uniform number in [0, 1) that belongs to
// (seed, offset + i). It draws on nothing else, so a mask may be cut into pieces, in any order, on any thread, and comes out the
// same with assembly and without.
//
// u has 24 bits: the top of a 32-bit hash of the counter, three rounds of xor-shift and multiply (the constants are those of
// Chris Wellons' triple32, github.com/skeeto/hash-prospector), with one half of the key added before the first round and
// the other before the last. The key is made of the seed and the upper half of the counter.
func Mask[T Float](dst, src []T, seed, offset uint64, keep, scale T) {
	sameLength("Mask", len(dst), len(src))
	// u < keep, both times 2²⁴, in whole numbers; NaN keeps nothing.
	threshold := uint32(max(0, min(1<<24, math.Ceil(float64(keep)*(1<<24)))))
	if keep != keep {
		threshold = 0
	}
	for len(dst) > 0 {
		counter := uint32(offset)
		n := int(min(uint64(len(dst)), 1<<32-uint64(counter)))
		key := mix64(mix64(seed) + offset>>32)
		maskPiece(dst[:n], src[:n], counter, uint32(key), uint32(key>>32), threshold, scale)
		dst, src, offset = dst[n:], src[n:], offset+uint64(n)
	}
}

func maskPiece[T Float](dst, src []T, counter, key0, key1, threshold uint32, scale T) {
	if d := single(dst); d != nil && asm.mask != nil {
		asm.mask(&d[0], &single(src)[0], len(d), counter, key0, key1, threshold, float32(scale))
		return
	}
	for i, x := range src {
		by := T(0)
		if hash32(counter+uint32(i), key0, key1)>>8 < threshold {
			by = scale
		}
		dst[i] = x * by
	}
}

// hash32 leaves out triple32's last xor-shift, which only touches bits that are not used.
func hash32(x, key0, key1 uint32) uint32 {
	x += key0
	x = (x ^ x>>17) * 0xed5ad4bb
	x = (x ^ x>>11) * 0xac4c1b51
	x = (x ^ x>>15) + key1
	return x * 0x31848bab
}

// mix64 is the finaliser of SplitMix64 (Steele, Lea and Flood 2014), after the step of its counter.
func mix64(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
