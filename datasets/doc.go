// Package datasets holds labelled samples and brings them to a training loop.
//
// A [Dataset] keeps its values as they came: a byte stays a byte until a batch needs it, so the whole of MNIST takes 47 MB
// instead of 188. Transforms ([Dataset.Scaled], [Dataset.WithNoise], [Dataset.Slice]) return a new Dataset over the same
// storage and are applied when a row is read. A Dataset never changes after it was made, so any number of goroutines may
// read it at once.
//
// A training epoch walks the rows in a seeded order, a batch at a time:
//
//	digits, test, err := datasets.MNIST()
//	digits = digits.Scaled(1.0 / 255)
//	x, y := make([]float32, 100*digits.Features()), make([]float32, 100*len(digits.Classes))
//	for _, rows := range datasets.Batches(datasets.Shuffle(digits.Len(), seed, epoch), 100) {
//		digits.Fill(x, rows)   // [len(rows), 784]
//		digits.OneHot(y, rows) // [len(rows), 10]
//		…
//	}
//
// train.Fit does that for a model of package graph.
//
// MNIST comes three ways, all by [Open]: embedded in the program (the first 10,000 training and all 10,000 test images),
// downloaded whole ([Fetch]), or given as a folder with the four IDX files ([Load]), which may as well be Fashion-MNIST or
// anyone's own data.
//
// The reader of IDX files ([ReadIDX]) trusts nothing: what it allocates follows the bytes that are really there, not what a
// header claims, and every error names the file and the byte.
package datasets
