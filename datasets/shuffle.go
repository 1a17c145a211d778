package datasets

import "math/rand/v2"

// The streams drawn from one seed must not meet: each has its own constant.
const (
	streamShuffle = 0x73687566666c6500
	streamNoise   = 0x6e6f697365000000
	streamLabels  = 0x6c6162656c000000
)

// Shuffle is a random order of n samples: a function of n, seed and epoch alone, so that a run that was stopped goes on
// with the order it had. Every order is equally likely (PCG, Fisher–Yates). Of n below 1 it is empty.
func Shuffle(n int, seed uint64, epoch int) []int {
	n = max(n, 0)
	return rand.New(rand.NewPCG(seed, mix(streamShuffle+uint64(epoch)))).Perm(n)
}

// mix is the finaliser of SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014): it turns
// neighbouring numbers into unrelated ones.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
