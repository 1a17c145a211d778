"""ONNX's own test cases as files: NAME.onnx and NAME.json, {"inputs": {name: {"shape", "floats" or "ids"}}, "outputs": {name: {"shape", "floats"}}}.

Usage: python backend.py FOLDER light|node. light: the networks inside the onnx package, with their expected outputs. node: the node cases of the ops that are read, each as it would stand in a
network, whose values have the batch first: where an op joins values, all inputs are inputs, elsewhere those behind the first become constants, as the weights of a layer are; a recurrent op that
wants the time first stands between transpositions; outputs that say how an op came to its first one (a normalisation's mean and deviation) are left out. Made for onnx 1.23.
"""

import glob
import json
import os
import sys

import numpy as np
import onnx
from onnx import numpy_helper

OPS = """Add AveragePool BatchNormalization Concat Conv ConvTranspose Div Elu Flatten Gather Gelu Gemm GlobalAveragePool GlobalMaxPool GroupNormalization GRU InstanceNormalization
LayerNormalization LeakyRelu LogSoftmax LRN LSTM MatMul MaxPool Mish Mul Neg Pad PRelu ReduceMax ReduceMean ReduceSum Relu Reshape Resize RMSNormalization RNN Selu Sigmoid Slice Softmax Softplus
Split Squeeze Sub Sum Swish Tanh Transpose Unsqueeze""".split()


JOINS = ["Add", "Sub", "Mul", "Div", "Sum", "Concat", "MatMul"]
FIRST = ["LayerNormalization"]  # of which only the first output counts


def joined(op, inputs):
    """Whether all inputs of a case are values of a batch."""
    shapes = [a.shape for a in inputs]
    return op in JOINS and len({(len(s), s[:1]) for s in shapes}) == 1 and (op != "MatMul" or len(shapes[0]) > 2)


def turned(model, inputs, outputs):
    """A recurrent op with the batch first around it."""
    graph, node = model.graph, model.graph.node[0]
    x = graph.input[0]
    batch_first = [x.type.tensor_type.shape.dim[i].dim_value for i in (1, 0, 2)]
    before = onnx.helper.make_node("Transpose", [x.name + "_batch"], [x.name], perm=[1, 0, 2])
    graph.input[0].CopyFrom(onnx.helper.make_tensor_value_info(x.name + "_batch", onnx.TensorProto.FLOAT, batch_first))
    after, values = [], []
    for name, a in zip([o.name for o in graph.output], outputs):
        axis = a.ndim - 2  # [time,directions,batch,units], or [directions,batch,units]
        perm = [axis] + [i for i in range(a.ndim) if i != axis]
        after.append(onnx.helper.make_node("Transpose", [name], [name + "_batch"], perm=perm))
        values.append(np.ascontiguousarray(a.transpose(perm)))
    names = [o.name + "_batch" for o in graph.output]
    del graph.output[:]
    graph.output.extend(onnx.helper.make_tensor_value_info(n, onnx.TensorProto.FLOAT, a.shape) for n, a in zip(names, values))
    nodes = [before, node, *after]
    kept = [onnx.NodeProto.FromString(n.SerializeToString()) for n in nodes]
    del graph.node[:]
    graph.node.extend(kept)
    return [np.ascontiguousarray(inputs[0].transpose(1, 0, 2)), *inputs[1:]], values


def put(a):
    key = "ids" if a.dtype.kind in "iu" else "floats"
    return {"shape": list(a.shape), key: a.flatten().tolist()}


def write(folder, name, model, inputs, outputs):
    onnx.save(model, os.path.join(folder, name + ".onnx"))
    with open(os.path.join(folder, name + ".json"), "w") as f:
        json.dump({"inputs": {k: put(v) for k, v in inputs.items()}, "outputs": {k: put(v) for k, v in outputs.items()}}, f)


def light(folder):
    for path in sorted(glob.glob(os.path.join(os.path.dirname(onnx.__file__), "backend/test/data/light/*.onnx"))):
        name, model = os.path.basename(path)[:-5], onnx.load(path)
        held = {t.name for t in model.graph.initializer}
        x = [i for i in model.graph.input if i.name not in held][0]
        shape = tuple(d.dim_value for d in x.type.tensor_type.shape.dim)
        n = np.prod(shape)
        with open(path[:-5] + "_output_0.pb", "rb") as f:
            y = numpy_helper.to_array(onnx.TensorProto.FromString(f.read()))
        write(folder, name, model, {x.name: (np.arange(n).reshape(shape) / n).astype(np.float32)}, {model.graph.output[0].name: y})


def node(folder):
    from onnx.backend.test.case.node import collect_testcases

    for case in collect_testcases(None):
        model = case.model
        if model is None or len(model.graph.node) != 1 or model.graph.node[0].op_type not in OPS or model.graph.node[0].domain:
            continue
        inputs, outputs = case.data_sets[0]
        if any(not isinstance(a, np.ndarray) or a.dtype not in (np.float32, np.int32, np.int64) for a in list(inputs) + list(outputs)):
            continue
        if any(a.dtype == np.float32 and not np.isfinite(a).all() for a in list(inputs) + list(outputs)):  # JSON has none of those
            continue
        node = model.graph.node[0]
        if node.op_type in FIRST:
            del model.graph.output[1:], node.output[1:]
        if node.op_type in ("RNN", "GRU", "LSTM") and not any(a.name == "layout" and a.i == 1 for a in node.attribute):
            inputs, outputs = turned(model, inputs, outputs)
        names = [i.name for i in model.graph.input]
        values = len(names) if joined(node.op_type, inputs) else 1
        for name, a in list(zip(names, inputs))[values:]:
            model.graph.initializer.append(numpy_helper.from_array(a, name))
        write(folder, case.name, model, dict(list(zip(names, inputs))[:values]), dict(zip([o.name for o in model.graph.output], outputs)))


{"light": light, "node": node}[sys.argv[2]](sys.argv[1])
