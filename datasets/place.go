package datasets

import (
	"fmt"
	"path/filepath"
)

// A Place is where a sample was read from, so that somebody can look at it there.
type Place struct {
	File string // of one that has a file of its own, such as a picture; else ""
	Line int    // of the table's file where the row begins, from 1; 0 where there is no such file
	Row  int    // among the samples as they were read, before any were divided or cut, from 1; of windows that of the target
}

// String is the most telling of them: the file's name, "line 17", or "row 16".
func (p Place) String() string {
	switch {
	case p.File != "":
		return filepath.Base(p.File)
	case p.Line > 0:
		return fmt.Sprintf("line %d", p.Line)
	}
	return fmt.Sprintf("row %d", p.Row)
}

// PlaceOf is where a sample of data comes from, beneath all that divides, prepares, augments or cuts them.
func PlaceOf(data Data, sample int) Place {
	if isNil(data) {
		return Place{Row: sample + 1}
	}
	switch d := data.(type) {
	case *someRows:
		if sample >= 0 && sample < len(d.rows) {
			return PlaceOf(d.data, d.rows[sample])
		}
	case *prepared:
		return PlaceOf(d.data, sample)
	case *augmented:
		return PlaceOf(d.data, sample)
	case *mixed:
		return PlaceOf(d.data, sample)
	case *windows:
		return PlaceOf(d.data, d.at(sample))
	case *Table:
		p := Place{Row: sample + 1}
		if sample >= 0 && sample < len(d.lines) {
			p.Line = int(d.lines[sample])
		}
		if sample >= 0 && sample < len(d.files) {
			p.File = d.files[sample]
		}
		return p
	case *ImageFiles:
		return Place{File: d.File(sample), Row: sample + 1}
	}
	return Place{Row: sample + 1}
}
