package bench

import (
	"math/rand/v2"

	"github.com/stheno-ml/stheno/datasets"
)

const (
	wordsLength = 100
	wordsCount  = 10000
)

// words are samples of 100 ids of 10,000 each; the class is the last digit that most of them have.
func words(_ *datasets.Dataset, samples int) (datasets.Data, error) {
	ids, classes := Words(samples)
	return datasets.NewArrays("words", []datasets.Array{{Name: "x", Shape: []int{wordsLength}, IDs: ids}}, []datasets.Array{{Name: "y", IDs: classes}})
}

// Words are the ids, one sample after another, and the classes.
func Words(samples int) (ids, classes []int32) {
	r := rand.New(rand.NewPCG(7, 11))
	for range samples {
		most, counts := r.IntN(10), [10]int{}
		for range wordsLength {
			id := r.IntN(wordsCount)
			if r.IntN(4) == 0 { // a quarter of them say the class
				id = id/10*10 + most
			}
			ids = append(ids, int32(id))
			counts[id%10]++
		}
		best := 0
		for digit, n := range counts {
			if n > counts[best] {
				best = digit
			}
		}
		classes = append(classes, int32(best))
	}
	return ids, classes
}
