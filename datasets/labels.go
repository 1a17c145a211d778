package datasets

import (
	"fmt"
	"slices"
)

// labelsOf are classes that an array has as texts, in their order.
func labelsOf(head *arrayHead, raw []byte) (Array, []string, error) {
	n := len(raw) / head.kind.size
	if n != head.dims[0] {
		return Array{}, nil, fmt.Errorf("it has shape %s of texts, want one label for each sample", times(head.dims))
	}
	labels, distinct := make([]string, n), map[string]int{}
	for i := range labels {
		labels[i] = head.kind.text(raw[i*head.kind.size : (i+1)*head.kind.size])
		if labels[i] == "" {
			return Array{}, nil, fmt.Errorf("sample %d has no label, want the name of its class: take it out", i)
		}
		if distinct[labels[i]]++; len(distinct) > maxClasses {
			return Array{}, nil, fmt.Errorf("it has more than %d different labels, want classes", maxClasses)
		}
	}
	classes := sortedValues(distinct)
	at := make(map[string]int32, len(classes))
	for id, name := range classes {
		at[name] = int32(id)
	}
	ids := make([]int32, n)
	for i, name := range labels {
		ids[i] = at[name]
	}
	return Array{Name: "class", IDs: ids}, classes, nil
}

// Numbered are the same samples with the classes of the first target numbered as others are: each of its own must be among them.
func (a *Arrays) Numbered(classes []string) (*Arrays, error) {
	if len(a.targets) == 0 || a.targets[0].IDs == nil || len(a.info.Classes) == 0 {
		return nil, fmt.Errorf("datasets: %s: got no target of classes with names, want one", a.info.Name)
	}
	to := make([]int32, len(a.info.Classes))
	for id, name := range a.info.Classes {
		at := slices.Index(classes, name)
		if at < 0 {
			return nil, fmt.Errorf("datasets: %s: got class %q, want one of %s", a.info.Name, name, short(quoted(classes)))
		}
		to[id] = int32(at)
	}
	c := *a
	c.targets = slices.Clone(a.targets)
	c.targets[0].IDs = make([]int32, len(a.targets[0].IDs))
	for i, id := range a.targets[0].IDs {
		if c.targets[0].IDs[i] = id; id >= 0 {
			c.targets[0].IDs[i] = to[id]
		}
	}
	c.info.Classes = slices.Clone(classes)
	if c.info.Source = a.info.Source.clone(); c.info.Source != nil {
		c.info.Source.Classes = slices.Clone(classes)
	}
	return &c, nil
}
