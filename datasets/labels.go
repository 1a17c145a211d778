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
	if a == nil || len(a.targets) == 0 || a.targets[0].IDs == nil || len(a.info.Classes) == 0 {
		return nil, fmt.Errorf("datasets: got no target of classes with names, want one")
	}
	c := *a
	c.targets = slices.Clone(a.targets)
	var err error
	c.targets[0].IDs, err = c.info.numbered(a.targets[0].IDs, classes)
	return &c, err
}

// Numbered are the same samples with the classes numbered as others are: each of their own must be among them.
func (f *Files) Numbered(classes []string) (*Files, error) {
	if f == nil || f.labels == nil {
		return nil, fmt.Errorf("datasets: got no target of classes, want one")
	}
	c := *f
	var err error
	c.labels, err = c.info.numbered(f.labels, classes)
	return &c, err
}

// numbered are labels of the first target as numbers of other classes, which it puts in the place of its own.
func (i *Info) numbered(labels []int32, classes []string) ([]int32, error) {
	to := make([]int32, len(i.Classes))
	for id, name := range i.Classes {
		at := slices.Index(classes, name)
		if at < 0 {
			return nil, fmt.Errorf("datasets: %s: got class %q, want one of %s", i.Name, name, short(quoted(classes)))
		}
		to[id] = int32(at)
	}
	ids := make([]int32, len(labels))
	for k, id := range labels {
		if ids[k] = id; id >= 0 {
			ids[k] = to[id]
		}
	}
	i.Classes = slices.Clone(classes)
	if i.Source = i.Source.clone(); i.Source != nil {
		i.Source.Classes = slices.Clone(classes)
	}
	if i.Targets = slices.Clone(i.Targets); i.Targets[0].Values != nil {
		i.Targets[0].Values = i.Classes
	}
	return ids, nil
}
