package datasets

import (
	"fmt"
	"slices"
)

// Unseen finds categories of data as they came that the samples do not have on which the preparation was fitted: a model knows nothing of them. Each column that has some is one finding, of code "unseen".
func (p *Preparation) Unseen(data Data) ([]Finding, error) {
	if err := given(data); err != nil || p == nil {
		return nil, err
	}
	info := data.Info()
	strange := make([][]bool, len(info.Inputs)) // by id
	for _, op := range p.steps {
		c, ok := op.(*coding)
		if !ok {
			continue
		}
		for k, f := range info.Inputs {
			list, coded := c.Of[f.Name]
			if !coded || !f.IDs {
				continue
			}
			new := make([]bool, len(f.Values))
			for id, value := range f.Values {
				new[id] = !slices.Contains(list, value)
			}
			if slices.Contains(new, true) {
				strange[k] = new
			}
		}
	}
	var found []Finding
	for k, f := range info.Inputs {
		if strange[k] == nil {
			continue
		}
		samples, there := 0, map[int32]bool{}
		b := Batch{Inputs: make([]Values, len(info.Inputs))}
		for _, rows := range Batches(inOrder(data.Len()), 1024) {
			b.Inputs[k].IDs = make([]int32, len(rows)*f.Size())
			if err := data.Read(b, rows, Draw{}); err != nil {
				return nil, err
			}
			for sample := range slices.Chunk(b.Inputs[k].IDs, f.Size()) {
				any := false
				for _, id := range sample {
					if id >= 0 && strange[k][id] {
						any, there[id] = true, true
					}
				}
				if any {
					samples++
				}
			}
		}
		if samples == 0 {
			continue
		}
		categories, rows := "category", "rows"
		if len(there) > 1 {
			categories = "categories"
		}
		if samples == 1 {
			rows = "row"
		}
		found = append(found, Finding{"unseen", f.Name, fmt.Sprintf("%s: %d %s not seen in training, %d %s", f.Name, len(there), categories, samples, rows)})
	}
	return found, nil
}
