package graph_test

import (
	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
)

// shift adds zeros that are learnt to the last axis.
var shift = graph.LayerFunc("shift", func(b builder, x node) node {
	rows := x
	if x.Dims() == 1 {
		rows = b.Node(ops.Reshape(x, b.Batch(), 1))
	}
	y := b.Node(ops.AddRow(rows, b.Param("zeros", graph.Zeros, graph.Features(rows))))
	b.Watch("x", y)
	if x.Dims() == 1 {
		y = b.Node(ops.Reshape(y, b.Batch()))
	}
	return y
})

// rawLayers are the layers of testdata/architectures.py that package layers does not have: of Gorgonia's ops where they do, else of ours.
var rawLayers = map[string]func(b builder, x node, l archLayer) node{
	"swish": func(b builder, x node, _ archLayer) node {
		return b.Node(gorgonia.HadamardProd(x, b.Node(gorgonia.Sigmoid(x))))
	},
	"gated": func(b builder, x node, l archLayer) node {
		gate := b.Node(gorgonia.Mul(x, b.Param("gate", graph.GlorotUniform, graph.Features(x), l.Units)))
		value := b.Node(gorgonia.Mul(x, b.Param("value", graph.GlorotUniform, graph.Features(x), l.Units)))
		return b.Node(gorgonia.HadamardProd(b.Node(gorgonia.Sigmoid(gate)), b.Node(gorgonia.Tanh(value))))
	},
	"bias": func(b builder, x node, _ archLayer) node {
		v := b.Param("v", graph.Zeros, graph.Features(x))
		if x.Dims() == 2 {
			return b.Node(gorgonia.BroadcastAdd(x, v, nil, []byte{0}))
		}
		return b.Node(ops.AddRow(x, v))
	},
	"scaled": func(b builder, x node, _ archLayer) node {
		v := b.Node(gorgonia.Sigmoid(b.Param("v", graph.Zeros, graph.Features(x))))
		return b.Node(gorgonia.BroadcastHadamardProd(x, v, nil, []byte{0}))
	},
	"centre": func(b builder, x node, l archLayer) node {
		mean := b.State("mean", graph.Zeros, graph.Features(x))
		if b.Training() {
			now := b.Node(ops.MeanRows(x))
			b.Update(mean, b.Node(ops.Lerp(mean, now, l.Number)))
			mean = now
		}
		return b.Node(ops.SubRow(x, mean))
	},
	"ridge": func(b builder, x node, l archLayer) node {
		w := b.Param("weight", graph.GlorotUniform, graph.Features(x), l.Units)
		b.Penalty(b.Node(gorgonia.Mul(b.Node(gorgonia.Sum(b.Node(gorgonia.Square(w)))), b.Constant(l.Number))))
		return b.Node(ops.MatMul(x, w, false, false))
	},
	"mix": func(b builder, x node, l archLayer) node {
		return b.Node(ops.Lerp(x, b.Node(gorgonia.Tanh(x)), l.Number))
	},
	"less_mean": func(b builder, x node, _ archLayer) node {
		return b.Node(gorgonia.BroadcastSub(x, b.Node(gorgonia.Mean(x, 1)), nil, []byte{1}))
	},
	"affine": func(b builder, x node, l archLayer) node {
		return b.Node(gorgonia.Add(b.Node(gorgonia.Mul(x, b.Constant(l.Number))), b.Constant(.75)))
	},
	"halves": func(b builder, x node, _ archLayer) node {
		n := graph.Features(x) / 2
		x = b.Node(ops.Copy(x)) // slices share its storage, and x may be read by an op in place
		left, right := b.Node(gorgonia.Slice(x, nil, gorgonia.S(0, n))), b.Node(gorgonia.Slice(x, nil, gorgonia.S(n, 2*n)))
		return b.Node(ops.Mul(b.Node(gorgonia.Tanh(left)), b.Node(gorgonia.Sigmoid(right))))
	},
	"damped": func(b builder, x node, _ archLayer) node {
		root := b.Node(gorgonia.Sqrt(b.Node(gorgonia.Add(b.Node(gorgonia.Log1p(b.Node(gorgonia.Square(x)))), b.Constant(.5)))))
		return b.Node(gorgonia.HadamardDiv(x, root))
	},
	"columns":   func(b builder, x node, _ archLayer) node { return b.Node(ops.Columns(x, 1, graph.Features(x))) },
	"mean_time": func(b builder, x node, _ archLayer) node { return b.Node(gorgonia.Mean(x, 1)) },
	"max_time": func(b builder, x node, _ archLayer) node {
		return b.Node(ops.Copy(b.Node(gorgonia.Max(x, 1)))) // its gradient reads it once more, as a view
	},
	"swap": func(b builder, x node, _ archLayer) node { return b.Node(gorgonia.Transpose(x, 0, 2, 1)) },
	"attention": func(b builder, x node, _ archLayer) node {
		scores := b.Node(gorgonia.BatchedMatMul(x, b.Node(gorgonia.Transpose(x, 0, 2, 1))))
		return b.Node(gorgonia.BatchedMatMul(b.Node(ops.Softmax(scores)), x))
	},
	"embed": func(b builder, x node, l archLayer) node {
		return b.Node(ops.Gather(b.Param("table", graph.GlorotUniform, l.Words, l.Units), x))
	},
}
