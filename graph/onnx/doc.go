// Package onnx writes models in the Open Neural Network Exchange format, which ONNX Runtime and others run, from Python, C++, a browser or a telephone:
//
//	file, err := os.Create("digits.onnx")
//	err = onnx.Write(file, model, onnx.Options{Prepared: true})
//	err = file.Close()
//
// What is written is the network at rest: dropout and noise are gone, normalisation uses its running moments. The batch is open. Inputs and outputs have the names of the model (an output that is called as an input is gets a number behind)
// and axes, channels last; where ONNX wants them first (convolution, pooling), transpositions stand around the op, and those that undo each other are left out. The
// metadata of the file hold the network as text, the loss, the names of the classes and, as JSON, how samples are prepared; Options.Prepared
// makes it part of the network, so that the file takes pixels or columns as they come: an input "x" of numbers, in the order that its document string says, NaN where one is missing, and one of texts for each column
// of categories, the empty text where it is missing. Texts that are read word by word can't be.
//
// The format is IR version 10 with operator set 21 (onnx/onnx.proto and docs/Operators.md of the ONNX project).
//
// [Read] and [ReadFile] make a model of a file from elsewhere, of any set of operators from 7 on, so far as these ops are in it, on floats whose first axis is the batch:
//
//	Add, AveragePool, BatchNormalization, Cast, Concat, Conv, ConvTranspose, Div, Dropout, Elu, Expand, Flatten, Gather, Gelu, Gemm, GlobalAveragePool, GlobalMaxPool, GroupNormalization, GRU,
//	Identity, InstanceNormalization, LayerNormalization, LeakyRelu, LogSoftmax, LRN, LSTM, MatMul, MaxPool, Mish, Mul, Neg, Pad, Pow, PRelu, ReduceMax, ReduceMean, ReduceSum, Relu, Reshape, Resize, ReverseSequence,
//	RMSNormalization, RNN, Selu, Sigmoid, Slice, Softmax, Softplus, Split, Squeeze, Sub, Sum, Swish, Tanh, Transpose, Unsqueeze, Upsample
//
// What is known when the file is read, and what is made of shapes, is computed then. Weights must be: a layer learns them. Several nodes that are one layer become it: GELU, SiLU, Mish and softplus, layer and RMS normalisation, an
// embedding with padding, a bag of ids, and Keras' GRU and SimpleRNN, which tf2onnx writes as a Loop.
//
// Of these ops are not read, and refused by name:
//
//	all                         what moves the batch, cuts it, puts batches together, sums or normalises over one, or multiplies by what has one; axes of no elements; whole numbers but for ids
//	AveragePool, Conv, …        volumes; a pool's indices; padding that differs on two sides and does not count
//	BatchNormalization          training_mode
//	ConvTranspose               groups, output_shape, more output_padding than a layer has
//	Div, MatMul                 the quotient of two values that come of the inputs; a product with a vector
//	GRU                         linear_before_reset = 0
//	LSTM                        the last cell state, and peepholes
//	Resize                      tf_crop_and_resize
//
// Of the cases that ONNX has of these ops (onnx.backend.test of onnx 1.23, those in floats and ids), 226 are none of that, and all are computed right; the other 116 are, and all are refused.
//
// A layer of one's own is written by a method:
//
//	func (s Swish) ONNX(e *onnx.Exporter, xs ...string) string {
//		return e.Node("Mul", []string{xs[0], e.Node("Sigmoid", xs)})
//	}
package onnx
