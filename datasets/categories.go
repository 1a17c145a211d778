package datasets

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// OneHot makes of each column of categories as many of 0 and 1 as the training samples have categories, behind the columns of numbers in input "x": 1 for the one that it is.
// A missing cell is a category of its own where the training samples have one. A category that they do not have is 0 everywhere. Of [Windows] it is done at each time.
type OneHot struct{}

func (OneHot) String() string { return "one-hot" }

// Categories gives each column of categories ids that start at 1, in the order of their names, as layers.Embedding takes them; 0 is the place for a missing one and for one
// that the training samples do not have. Each column remains an input of its own.
type Categories struct{}

func (Categories) String() string { return "categories" }

// coding is OneHot or Categories, fitted.
type coding struct {
	Hot bool                `json:"hot"`
	Of  map[string][]string `json:"of"`  // the categories of each input, in order
	Gap map[string]bool     `json:"gap"` // a missing one is a category, the last
}

// maxHot is the most columns that OneHot makes of one.
const maxHot = 4096

func (OneHot) fit(f *fitting) (operation, error) { return f.code(true) }

func (Categories) fit(f *fitting) (operation, error) { return f.code(false) }

// code finds the categories that the samples have.
func (f *fitting) code(hot bool) (operation, error) {
	c := &coding{Hot: hot, Of: map[string][]string{}, Gap: map[string]bool{}}
	seen := map[string]map[int32]bool{}
	for _, field := range f.fields {
		if f.category(field) {
			seen[field.Name] = map[int32]bool{}
		}
	}
	if len(seen) == 0 {
		return c, nil
	}
	err := f.each(func(sample []Values) {
		for i, field := range f.fields {
			if s := seen[field.Name]; s != nil {
				for _, id := range sample[i].IDs {
					s[id] = true
				}
			}
		}
	})
	if err != nil {
		return nil, err
	}
	for _, field := range f.fields {
		s := seen[field.Name]
		if s == nil {
			continue
		}
		list := []string{}
		for _, id := range slices.Sorted(maps.Keys(s)) {
			if id < 0 {
				c.Gap[field.Name] = hot
			} else if int(id) < len(field.Values) {
				list = append(list, field.Values[id])
			}
		}
		if hot && len(list) > maxHot {
			return nil, fmt.Errorf("column %q has %d categories, want at most %d; take the step categories and an embedding, or leave the column out (--ignore)", field.Name, len(list), maxHot)
		}
		c.Of[field.Name] = list
	}
	return c, nil
}

func (c *coding) word() string {
	if c.Hot {
		return "one-hot"
	}
	return "categories"
}

// isCategory says whether an input is one category a sample, or one at each time of a window.
func isCategory(f Field) bool { return f.IDs && len(f.Shape) <= 1 }

func (c *coding) bind(in []Field) ([]Field, func(in, out []Values), error) {
	for name, list := range c.Of {
		if at := slices.IndexFunc(in, func(f Field) bool { return f.Name == name && isCategory(f) }); at < 0 {
			return nil, nil, fmt.Errorf("there is no input %q of categories", name)
		}
		if c.Hot && len(list) > maxHot {
			return nil, nil, fmt.Errorf("column %q has %d categories, want at most %d", name, len(list), maxHot)
		}
	}
	// Ids of these data become places among the categories, −1 for none of them.
	places := make([][]int32, len(in))
	for i, f := range in {
		list, ok := c.Of[f.Name]
		if !ok {
			continue
		}
		at := make(map[string]int32, len(list))
		for k, value := range list {
			at[value] = int32(k)
		}
		places[i] = make([]int32, len(f.Values))
		for id, value := range f.Values {
			if k, ok := at[value]; ok {
				places[i][id] = k
			} else {
				places[i][id] = -1
			}
		}
	}
	place := func(i int, id int32) int32 {
		switch {
		case id < 0 && c.Gap[in[i].Name]:
			return int32(len(c.Of[in[i].Name]))
		case id < 0 || int(id) >= len(places[i]):
			return -1
		}
		return places[i][id]
	}
	if !c.Hot {
		return c.ids(in, place)
	}
	return c.columns(in, place)
}

// ids makes ids from 1 on.
func (c *coding) ids(in []Field, place func(i int, id int32) int32) ([]Field, func(in, out []Values), error) {
	out := slices.Clone(in)
	for i, f := range out {
		if list, ok := c.Of[f.Name]; ok {
			out[i].Values = append([]string{"(other)"}, list...)
		}
	}
	return out, func(from, to []Values) {
		for i, v := range from {
			copy(to[i].Floats, v.Floats)
			if _, ok := c.Of[in[i].Name]; ok {
				for t, id := range v.IDs {
					to[i].IDs[t] = place(i, id) + 1
				}
			} else {
				copy(to[i].IDs, v.IDs)
			}
		}
	}, nil
}

// columns makes columns of 0 and 1.
func (c *coding) columns(in []Field, place func(i int, id int32) int32) ([]Field, func(in, out []Values), error) {
	x := Field{Name: "x"}
	var out []Field
	var times []int // the first axis, of windows; empty where a sample is a row
	keep := []int{} // of in, what stays as it is
	first := -1     // of in, what the columns come behind
	for i, f := range in {
		_, hot := c.Of[f.Name]
		switch {
		case hot:
			times = f.Shape
		case f.Name == "x" && !f.IDs && (len(f.Shape) == 1 || len(f.Shape) == 2 && f.Names != nil):
			first, x = i, f
			x.Names = slices.Clone(f.Names)
		case f.Name == "x":
			return nil, nil, errors.New(`there is an input "x" already, and it is no row of columns`)
		default:
			keep = append(keep, i)
		}
	}
	old := 0 // columns that there are
	if first >= 0 {
		n := len(x.Shape) - 1
		old = x.Shape[n]
		if len(c.Of) > 0 && !slices.Equal(x.Shape[:n], times) {
			return nil, nil, fmt.Errorf(`input "x" has shape %v, the categories %v, want the same times`, x.Shape, times)
		}
		times = x.Shape[:n]
	}
	width := old
	start := make([]int, len(in))
	for i, f := range in {
		list, hot := c.Of[f.Name]
		if !hot {
			continue
		}
		if !slices.Equal(f.Shape, times) {
			return nil, nil, fmt.Errorf("input %q has shape %v, others have %v, want the same times", f.Name, f.Shape, times)
		}
		start[i] = width
		width += len(list)
		for _, value := range list {
			x.Names = append(x.Names, f.Name+"="+value)
		}
		if c.Gap[f.Name] {
			width++
			x.Names = append(x.Names, f.Name+"=(missing)")
		}
	}
	if width == 0 {
		return in, func(from, to []Values) {
			for i, v := range from {
				copy(to[i].IDs, v.IDs)
				copy(to[i].Floats, v.Floats)
			}
		}, nil
	}
	steps := 1
	if len(times) == 1 {
		steps = times[0]
	}
	if steps > maxSample/width {
		return nil, nil, fmt.Errorf("%d columns at each of %d times are more than %d values; take the step categories (Categories{}) and an embedding", width, steps, maxSample)
	}
	x.Shape = append(slices.Clone(times), width)
	if len(x.Names) != width {
		x.Names = nil
	}
	out = append(out, x)
	for _, i := range keep {
		out = append(out, in[i])
	}
	return out, func(from, to []Values) {
		rows := to[0].Floats
		clear(rows)
		if first >= 0 {
			for t := range steps {
				copy(rows[t*width:], from[first].Floats[t*old:(t+1)*old])
			}
		}
		for i := range in {
			if _, hot := c.Of[in[i].Name]; hot {
				for t, id := range from[i].IDs {
					if k := place(i, id); k >= 0 {
						rows[t*width+start[i]+int(k)] = 1
					}
				}
			}
		}
		for k, i := range keep {
			copy(to[k+1].Floats, from[i].Floats)
			copy(to[k+1].IDs, from[i].IDs)
		}
	}, nil
}
