package own

import (
	"github.com/stheno-ml/stheno/datasets"
)

// Labelled are samples with one input of numbers and one class each as a datasets.Dataset, in memory, so that what looks at such can look at them; others, and many gigabytes, are
// left as they are.
func Labelled(data datasets.Data) (datasets.Data, error) {
	info := data.Info()
	if len(info.Inputs) != 1 || info.Inputs[0].IDs || len(info.Targets) != 1 || !info.Targets[0].IDs || info.Targets[0].Size() != 1 || len(info.Classes) == 0 {
		return data, nil
	}
	n, width := data.Len(), info.Inputs[0].Size()
	if 4*n*width > datasets.DefaultLimit {
		return data, nil
	}
	rows, ids, labels, order := make([]float32, n*width), make([]int32, n), make([]int, n), make([]int, n)
	for i := range order {
		order[i] = i
	}
	if err := data.Read(datasets.Batch{Inputs: []datasets.Values{{Floats: rows}}, Targets: []datasets.Values{{IDs: ids}}}, order, datasets.Draw{}); err != nil {
		return nil, err
	}
	for i, id := range ids {
		labels[i] = int(id)
	}
	set, err := datasets.New(info.Name, info.Inputs[0].Shape, rows, labels, info.Classes)
	if err != nil {
		return nil, err
	}
	set.Names = info.Inputs[0].Names
	return set, nil
}
