// Package datasets holds samples and brings them to a training loop.
//
// What a loop learns from is a [Data]: so many samples, a description of each ([Info]: its inputs, its targets, the classes), and a method that reads those that are asked
// for into room that the caller has. Several kinds are here, and any other may be one's own, such as samples that are drawn anew at each reading.
//
// A [Dataset] is labelled samples of one shape, such as images. It keeps its values as they came: a byte stays a byte until a batch needs it, so the whole of MNIST takes
// 47 MB instead of 188. Transforms ([Dataset.Scaled], [Dataset.WithNoise], [Dataset.Slice]) return a new Dataset over the same storage and are applied when a row is
// read.
//
//	digits, test, err := datasets.MNIST()
//	digits, test = digits.Scaled(1.0/255), test.Scaled(1.0/255)
//
// [Arrays] are samples with whatever inputs and targets: numbers to be predicted, several labels, a class for each time step, ids of words; each with a name, numbers
// (float32) or ids (int32), and, if need be, a weight a sample:
//
//	houses, err := datasets.NewArrays("houses",
//		[]datasets.Array{{Name: "x", Shape: []int{13}, Floats: columns}},
//		[]datasets.Array{{Name: "price", Shape: []int{1}, Floats: prices}})
//	houses, err = houses.Weighted(weights)
//
// None of them ever changes after it was made, so any number of goroutines may read it at once. What does not fit, or is not finite, is refused when it is made, with the
// sample and the value.
//
// A [Table] is what people have: the rows of a CSV file ([CSV]) or of a slice of structs ([Structs]), with columns of numbers, categories and dates, and cells that are
// missing. What a network can take is made of it by a [Preparation], which is fitted on the training part alone, is kept as JSON with the model, and is done alike to
// whatever the model is asked about later:
//
//	table, err := datasets.CSV("houses.csv", datasets.Columns{Target: []string{"price"}})
//	fit, held, err := table.Split(.8, 1)
//	prepare, err := datasets.Prepare(fit, datasets.FillMissing{}, datasets.OneHot{}, datasets.Standardize{})
//	fit, held = prepare.On(fit), prepare.On(held)
//
// [Split], [SplitInOrder], [SplitBy], [SplitAt] and [Folds] divide any Data in two, and [Check] says what is wrong with them before time is spent on learning.
//
// Pictures in folders, one for each class, are read by [Images]. Arrays of NumPy or IDX that are larger than memory stay on disk ([OpenFiles]); an archive of them is read
// by [NPZ].
//
// [Text] makes ids of a text, to be gone on with; [Alice] is one that is embedded. [Windows] cut a series of rows. [OpenFile] reads whatever a file is.
//
// [Augment] and [Mixup] are data around data: what they draw for a training sample depends on the run's seed, the epoch and the sample alone.
//
// An epoch walks the rows in a seeded order, a batch at a time; train.Fit does it for a model of package graph:
//
//	for _, rows := range datasets.Batches(datasets.Shuffle(data.Len(), seed, epoch), 100) {
//		err := data.Read(batch, rows, datasets.Draw{Seed: seed, Epoch: epoch, Training: true})
//		…
//	}
//
// MNIST comes three ways, all by [Open]: embedded in the program (the first 10,000 training and all 10,000 test images),
// downloaded whole ([Fetch]), or given as a folder with the four IDX files ([Load]), which may as well be Fashion-MNIST or
// anyone's own data.
//
// The reader of IDX files ([ReadIDX]) trusts nothing: what it allocates follows the bytes that are really there, not what a
// header claims, and every error names the file and the byte.
package datasets
