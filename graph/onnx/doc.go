// Package onnx writes models in the Open Neural Network Exchange format, which ONNX Runtime and others run, from Python, C++, a browser or a telephone:
//
//	file, err := os.Create("digits.onnx")
//	err = onnx.Write(file, model, onnx.Options{Prepared: true})
//	err = file.Close()
//
// What is written is the network at rest: dropout and noise are gone, normalisation uses its running moments. The batch is open. Inputs and outputs have the names of the model (an output that is called as an input is gets a number behind)
// and axes, channels last; where ONNX wants them first (convolution, pooling), transpositions stand around the op, and those that undo each other are left out. The
// metadata of the file hold the network as text, the loss, the names of the classes and, as JSON, how samples are prepared; Options.Prepared
// makes it part of the network where it multiplies and adds, so that the file takes pixels or columns as they come.
//
// The format is IR version 10 with operator set 21 (onnx/onnx.proto and docs/Operators.md of the ONNX project).
//
// A layer of one's own joins by a method:
//
//	func (s Swish) ONNX(e *onnx.Exporter, xs ...string) string {
//		return e.Node("Mul", []string{xs[0], e.Node("Sigmoid", xs)})
//	}
package onnx
