package datainfo

import (
	"github.com/stheno-ml/stheno/datasets"
)

// A Report is what Print shows, for programs.
type Report struct {
	Name     string             `json:"name"`
	Samples  int                `json:"samples"`
	Inputs   []Input            `json:"inputs"`
	Columns  []Column           `json:"columns"` // of a table; of other data the values of each input, and of the target
	Classes  []string           `json:"classes,omitempty"`
	Findings []datasets.Finding `json:"findings"`
}

// An Input is one of a sample's.
type Input struct {
	Name  string `json:"name"`
	Shape []int  `json:"shape"`
	IDs   bool   `json:"ids"`
}

// A Column has a range and a histogram of numbers, or how often each category comes; of texts how many there are.
type Column struct {
	Name      string   `json:"name"`
	Target    bool     `json:"target"`
	Missing   int      `json:"missing"`
	Min       *float64 `json:"min,omitempty"`
	Max       *float64 `json:"max,omitempty"`
	Mean      *float64 `json:"mean,omitempty"`
	Histogram []int    `json:"histogram,omitempty"` // over as many equal parts from min to max
	Values    []string `json:"values,omitempty"`
	Counts    []int    `json:"counts,omitempty"`  // of the values
	Texts     int      `json:"texts,omitempty"`   // that differ
	Answers   []string `json:"answers,omitempty"` // how 0 and 1 are written, where it is of no and yes alone
}

// Describe looks at data as Print does.
func Describe(data datasets.Data) (*Report, error) {
	d := &description{data: data, info: data.Info()}
	if err := d.look(); err != nil {
		return nil, err
	}
	r := &Report{Name: d.info.Name, Samples: data.Len(), Classes: d.info.Classes, Inputs: []Input{}, Columns: []Column{}, Findings: []datasets.Finding{}}
	for _, f := range d.info.Inputs {
		r.Inputs = append(r.Inputs, Input{f.Name, append([]int{}, f.Shape...), f.IDs})
	}
	for _, c := range d.columns {
		so := Column{Name: c.name, Target: c.target, Missing: c.missing}
		switch {
		case c.field.Text:
			so.Texts = len(c.counts)
		case c.counts != nil:
			so.Values, so.Counts = c.field.Values, c.counts
		case c.n > 0:
			so.Min, so.Max, so.Mean, so.Histogram = &c.min, &c.max, &c.mean, c.bins[:]
			so.Answers = c.answers
		}
		r.Columns = append(r.Columns, so)
	}
	found, err := datasets.Check(data, nil)
	r.Findings = append(r.Findings, found...)
	return r, err
}
