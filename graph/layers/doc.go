// Package layers holds the layers, one a file, and the activations. A layer is a graph.Layer: a struct of settings whose Build adds nodes to
// the expression graph.
//
//	model, err := graph.NewModel(graph.Config{Input: graph.Floats(784), Seed: 1},
//		layers.Dense{Units: 633, Activation: layers.ReLU},
//		layers.Dropout{Rate: 0.5},
//		layers.Dense{Units: 10, Activation: layers.Softmax},
//	)
//
// In words the same network is "dense 633 relu, dropout 0.5, dense 10 softmax": see [Parse] and [Format].
//
// [BatchNorm], [LayerNorm], [GroupNorm] and [RMSNorm] normalise, [Embedding] makes vectors of ids, [Flatten], [Reshape], [Permute], [Crop], [ConstantPad] and [Step] move elements, and
// [TimeDistributed] applies layers to each time of a sequence.
//
// They take a batch of any rank, [batch,…,features], and work on its last axis: of [batch,time,features] a Dense layer makes [batch,time,units], the same at each
// time. An [Activation] is a field of Dense, or a layer by itself.
//
// Images are [batch,rows,columns,channels], sequences [batch,time,features]. [Conv], [Depthwise], [ConvTranspose], [MaxPool], [AvgPool] and [Upsample] take images, those whose name ends in 1D sequences; all
// but the last say with a [Window] how they go over them. An image without channels, [batch,rows,columns], has one where the first of them meets it. [GlobalMaxPool] and [GlobalAvgPool] leave the channels.
//
// [RNN], [LSTM], [GRU] and [Attention] go over sequences, [batch,time,features]; in a graph.Net, lengths, a first state or another sequence may be further inputs. [Bidirectional] makes one of
// the first three go both ways, [Positions] and [Sinusoidal] tell attention where it is.
//
// [Residual], [Concat] and [Sequence] are layers of layers. In a graph.Net, [Concat], [Sum], [Product], [Dot] and [AbsDiff] join several branches or inputs. One's own is a struct
// with a Build method, or a graph.LayerFunc.
package layers
