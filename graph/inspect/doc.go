// Package inspect looks inside a network: what every layer puts out, which gradient comes back to it, and what that means in words.
//
//	batch, err := train.NewBatch(model, losses.CrossEntropy{}, data, rows)
//	snapshot, err := inspect.Take(model, losses.CrossEntropy{}, batch, 0)
//	fmt.Println(snapshot.Layer("dense_1").GradNorm())
//
// A [Recorder] takes such snapshots while train.Fit runs, at the steps that it is told. It runs the batch a second time
// in a program of its own, so the training goes on in the same bits. On the lecture's network (784-633-633-633-10, batch 100), where
// a step takes 11 ms, a snapshot takes 75 ms more: the step once again, and the statistics of 1.3 million weights
// and as many gradients; copies of the tensors add 5 ms. Steps that are not recorded, and runs without a recorder, cost nothing.
//
// [CheckGradients] compares symbolic with numeric gradients, as below. [DrawLayers] and [DrawOps] draw a network. Package inspect/figure draws
// curves and pictures, inspect/report a page of them.
//
// # The gradient check
//
// [CheckGradients] says of every parameter what was compared, how finely, and whether it is right. An error of a gradient g is seen along a
// random direction d from some 1e-9 of |g∘d| on, with relu's kinks 1e-8: column "seen from" says where. So of a 100×100 matrix whose gradients are of
// like size, one element that is off by 1/10,000 of itself is found, an element as large as the others from 1e-6 on, and one
// that is a thousandth as large from 1e-3 on. What stays unseen is an error in an element whose gradient is 0 on this batch, such as that of a relu that
// sleeps for every sample.
//
// In its campaign (go test -run 'NoFalseAlarm|Planted' -gradcheck-campaign), of 2,100 right networks of 1 to 60 layers with
// weights of 1/100 to 10 times Glorot's, none was called wrong or left unchecked, and 52 planted errors were found at 20 of 20 seeds each.
//
// # The diagnosis
//
// [Diagnose] judges a [Record], by these codes. First what is seen:
//
//	not-finite           the loss is NaN or infinite: when, and in which layer it began
//	single-class         it says one class, or two, of everything
//	not-learnt           it has not learnt the training set: this is not overfitting
//	still-learning       it has learnt the training set in part
//
// then why, if it has not learnt the training set:
//
//	inputs-not-scaled    values far from 1
//	loss-starves         the loss's gradient is far smaller than cross-entropy's, same weights, same samples
//	vanishing-gradient   the first layer's gradient is under 1/10,000 of the largest, from the start on; where nothing else says why, 3/100
//	too-few-updates      under 400 of them
//	learning-rate-high   a step moves a layer's weights by over a tenth of their size, or they grew tenfold on the way to NaN
//	exploding-gradient   a gradient of norm over 1,000
//	dead-relu            over half of a layer's units put out 0 for every sample
//	saturation           over half of a sigmoid or tanh layer's outputs lie where it is flat
//	learning-rate-low    no step moves a layer's weights by 1/10,000 of their size
//	unexplained          none of these
//
// or, where it has:
//
//	overfitting          the test accuracy is .08 below the training accuracy, or more
//	test-data-shifted    a test set's values are distributed otherwise
//	batch-small          under 8 samples: right, but slow
//	healthy              nothing is wrong
//
// The lecture's eleven experiments come out as
//
//	mse            loss-starves           relu        healthy
//	cross-entropy  still-learning         deep-relu   healthy
//	batch-10000    too-few-updates        raw-pixels  inputs-not-scaled
//	batch-1        batch-small            adam        healthy
//	deep-sigmoid   vanishing-gradient     noise       test-data-shifted
//	                                      dropout     test-data-shifted
//
// with single-class and not-learnt before the causes where that is what is seen.
package inspect
