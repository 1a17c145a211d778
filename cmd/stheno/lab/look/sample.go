package look

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stheno-ml/stheno/datasets"
)

// A Sample is one of the data, as it came.
type Sample struct {
	Set     string            `json:"set"`
	I       int               `json:"i"`
	Label   string            `json:"label"`             // its class, or its numbers; "" where it has none
	Class   *int              `json:"class"`             // the number of the class
	Picture *Picture          `json:"picture,omitempty"` // of pictures
	Row     map[string]string `json:"row,omitempty"`     // of a table: what stands in each column, as it is asked for
	Text    string            `json:"text,omitempty"`    // of ids that mean letters or words
	Values  []Number          `json:"values,omitempty"`  // of others
}

// SampleOf is a sample of the test set or, where set is "train", of the training samples, counted from 0.
func SampleOf(s *Subject, set string, i int) (*Sample, error) {
	data := s.RawTest
	if data == nil {
		data = s.Test
	}
	switch set {
	case "", "test":
		set = "test"
	case "train":
		if data = s.RawFit; data == nil {
			data = s.Fit
		}
	default:
		return nil, fmt.Errorf("got the set %q, want test or train", set)
	}
	if data == nil {
		return nil, fmt.Errorf("there is no %s set to take a sample of", set)
	}
	if i < 0 || i >= data.Len() {
		return nil, fmt.Errorf("got sample %d, want 0 to %d, those of the %s set", i, data.Len()-1, set)
	}
	all, err := samples(s, data, []int{i})
	if err != nil {
		return nil, err
	}
	all[0].Set = set
	return all[0], nil
}

// samples are some of data, as they came.
func samples(s *Subject, data datasets.Data, rows []int) ([]*Sample, error) {
	info := data.Info()
	b := datasets.Batch{Inputs: roomFor(info.Inputs, len(rows)), Targets: roomFor(info.Targets, len(rows))}
	if err := data.Read(b, rows, datasets.Draw{}); err != nil {
		return nil, err
	}
	all := make([]*Sample, len(rows))
	for k, row := range rows {
		all[k] = &Sample{I: row}
		for i, f := range info.Inputs {
			all[k].show(s, f, answersOf(s, info), cutOut(b.Inputs[i], f, k))
		}
		all[k].labelled(info, b, k)
		if source := s.Prepare.Source(); source != nil && source.Columns != nil {
			all[k].dated(source.Columns)
		}
	}
	return all, nil
}

// roomFor is room for so many samples of fields.
func roomFor(fields []datasets.Field, samples int) []datasets.Values {
	all := make([]datasets.Values, len(fields))
	for i, f := range fields {
		if n := samples * f.Size(); f.IDs {
			all[i].IDs = make([]int32, n)
		} else {
			all[i].Floats = make([]float32, n)
		}
	}
	return all
}

// cutOut is the k-th sample of a field.
func cutOut(v datasets.Values, f datasets.Field, k int) datasets.Values {
	n := f.Size()
	if f.IDs {
		return datasets.Values{IDs: v.IDs[k*n : (k+1)*n]}
	}
	return datasets.Values{Floats: v.Floats[k*n : (k+1)*n]}
}

// show adds an input.
func (sample *Sample) show(s *Subject, f datasets.Field, answers map[string][2]string, v datasets.Values) {
	in := func(name, value string) {
		if sample.Row == nil {
			sample.Row = map[string]string{}
		}
		sample.Row[name] = value
	}
	h, w, channels, pictures := picturesOf(f)
	if source := s.Prepare.Source(); source != nil && source.Pictures == nil {
		pictures = false
	}
	switch {
	case f.IDs && len(f.Shape) == 0:
		in(f.Name, meant(f, v.IDs[0]))
	case f.IDs:
		if source := s.Prepare.Source(); source != nil && source.Texts != nil {
			sample.Text += readable(source.Texts, v.IDs)
		} else if t := textsOf(s); t != nil {
			sample.Text += readable(t, v.IDs)
		} else {
			for i, id := range v.IDs {
				if i > 0 {
					sample.Text += " "
				}
				sample.Text += meant(f, id)
			}
		}
	case pictures:
		low, high := 0.0, 0.0
		for _, x := range v.Floats {
			low, high = min(low, float64(x)), max(high, float64(x))
		}
		if low == 0 && high > 1 && high <= 255 { // bytes, of which the largest need not be there
			high = 255
		}
		sample.Picture = pictureIn(v.Floats, h, w, channels, low, high)
	case f.Names != nil && len(f.Shape) == 1:
		for i, x := range v.Floats {
			if words, ok := answers[f.Names[i]]; ok && (x == 0 || x == 1) {
				in(f.Names[i], words[int(x)])
			} else {
				in(f.Names[i], written(x))
			}
		}
	default:
		sample.Values = append(sample.Values, numbers(v.Floats)...)
	}
}

// answersOf are the words for no and yes of the columns that are of these.
func answersOf(s *Subject, info datasets.Info) map[string][2]string {
	for _, source := range []*datasets.Source{info.Source, s.Prepare.Source()} {
		if source != nil && source.Columns != nil {
			return source.Columns.Answers
		}
	}
	return nil
}

// readable is the text of ids, with an ellipsis in place of each that the vocabulary does not have.
func readable(t *datasets.Texts, ids []int32) string {
	of := *t
	of.Vocabulary = append(slices.Clone(t.Vocabulary), "…")
	ids = slices.Clone(ids)
	for i, id := range ids {
		if id <= 0 || int(id) >= len(t.Vocabulary) {
			ids[i] = int32(len(t.Vocabulary))
		}
	}
	return of.Text(ids)
}

// textsOf say how the text was read that a model goes on with; nil where it learnt something else.
func textsOf(s *Subject) *datasets.Texts {
	for _, data := range []datasets.Data{s.Fit, s.RawFit} {
		if data == nil {
			continue
		}
		if source := data.Info().Source; source != nil && source.Texts != nil {
			return source.Texts
		}
	}
	if source := s.Prepare.Source(); source != nil {
		return source.Texts
	}
	return nil
}

// meant is what an id means; "" of a missing one.
func meant(f datasets.Field, id int32) string {
	switch {
	case id < 0:
		return ""
	case int(id) < len(f.Values):
		return f.Values[id]
	}
	return strconv.Itoa(int(id))
}

// written is a number as one types it; "" of one that is missing.
func written(x float32) string {
	if x-x != 0 {
		return ""
	}
	return strconv.FormatFloat(float64(x), 'g', -1, 32)
}

// labelled adds what the sample is.
func (sample *Sample) labelled(info datasets.Info, b datasets.Batch, k int) {
	for i, f := range info.Targets {
		v := cutOut(b.Targets[i], f, k)
		switch {
		case f.IDs && len(v.IDs) == 1:
			class := int(v.IDs[0])
			sample.Class, sample.Label = &class, strconv.Itoa(class)
			if class >= 0 && class < len(info.Classes) {
				sample.Label = info.Classes[class]
			}
		case f.IDs: // what comes next, at each place
		case len(v.Floats) <= 8:
			for _, x := range v.Floats {
				if sample.Label != "" {
					sample.Label += ", "
				}
				sample.Label += written(x)
			}
		}
	}
}

// dated puts the parts of dates together, as they are asked for.
func (sample *Sample) dated(c *datasets.Columns) {
	for name, layout := range c.Dates {
		of := func(part string, otherwise int) int {
			if v, err := strconv.ParseFloat(sample.Row[name+" "+part], 64); err == nil {
				return int(v)
			}
			return otherwise
		}
		if _, ok := sample.Row[name+" year"]; !ok {
			continue
		}
		at := time.Date(of("year", 1), time.Month(of("month", 1)), of("day", 1), of("hour", 0), 0, 0, 0, time.UTC)
		maps.DeleteFunc(sample.Row, func(column, _ string) bool {
			return strings.HasPrefix(column, name+" ") && !slices.Contains(c.Names, column)
		})
		sample.Row[name] = at.Format(layout)
	}
}
