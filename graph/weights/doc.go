// Package weights brings weights of PyTorch and Keras into a model of Stheno's layers, and a model's weights to them:
//
//	pairs, err := weights.Load("lenet.npz", model, weights.PyTorch)
//	err = weights.Save("lenet.npz", model, weights.Keras)
//
// The model is built first, of the layers that the file's network has, in their order. A file says how its tensors are called and of which shapes they are, not which way round they lie: of a square
// matrix nobody can tell. So the framework is said, and each layer knows how it lies there:
//
//	             here                            PyTorch                               Keras
//	dense        [in,out]                        [out,in]                              as here
//	             behind a flattened image        in by channel, row, column            by row, column, channel, as here
//	conv         [height,width,in,out]           [out,in,height,width]                 as here
//	transposed   [height,width,in,out]           [in,out,height,width]                 [height,width,out,in]
//	lstm         gates i, f, g, o; one bias      both biases are added up              as here
//	gru          gates z, r, n; two biases       gates r, z, n                         as here, both in one tensor
//	attention    queries, keys, values in one    in_proj, turned round; out_proj       a kernel and a bias of each
//	batchnorm    scale, shift, mean, variance    weight, bias, running_…               gamma, beta, moving_…
//
// A file is an NPZ archive, which keeps the order of its tensors, or of PyTorch also safetensors, which does not: there the names must say it by their numbers, as conv1 and conv2 do, or the shapes.
// In Python, of a PyTorch module or a Keras model net:
//
//	safetensors.torch.save_file(net.state_dict(), "net.safetensors")
//	numpy.savez("net.npz", **{name: value.numpy() for name, value in net.state_dict().items()})
//	numpy.savez("net.npz", *net.get_weights())
//
// and back, into a module or model whose layers are there in the order in which they are used:
//
//	state = numpy.load("net.npz").values()
//	net.load_state_dict({name: torch.from_numpy(value) for name, value in zip(net.state_dict(), state)})
//	net.set_weights(list(state))
//
// Half precision, bfloat16 and float64 become float32, the model's numbers; Load says which tensors did.
package weights
