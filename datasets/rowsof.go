package datasets

import (
	"fmt"
	"slices"
)

// Rows are the samples of a Data that are named, in that order; a row may come more than once.
func Rows(data Data, rows []int) (Data, error) {
	if err := given(data); err != nil {
		return nil, err
	}
	name := data.Info().Name
	if len(rows) == 0 {
		return nil, fmt.Errorf("datasets: %s: got no rows, want at least one", name)
	}
	for _, row := range rows {
		if row < 0 || row >= data.Len() {
			return nil, fmt.Errorf("datasets: %s: got row %d, want 0 to %d", name, row, data.Len()-1)
		}
	}
	if s, ok := data.(*someRows); ok { // not a view of a view
		rows = s.of(nil, rows)
		data = s.data
	}
	return &someRows{data: data, rows: slices.Clone(rows)}, nil
}

// someRows are rows of a Data.
type someRows struct {
	data Data
	rows []int
}

func (s *someRows) Len() int   { return len(s.rows) }
func (s *someRows) Info() Info { return s.data.Info() }

func (s *someRows) Read(b Batch, rows []int, draw Draw) error {
	for _, row := range rows {
		if row < 0 || row >= len(s.rows) {
			return fmt.Errorf("datasets: %s: got row %d, want 0 to %d", s.Info().Name, row, len(s.rows)-1)
		}
	}
	return s.data.Read(b, s.of(make([]int, 0, len(rows)), rows), draw)
}

// of are rows of the data underneath.
func (s *someRows) of(to, rows []int) []int {
	for _, row := range rows {
		to = append(to, s.rows[row])
	}
	return to
}

// given is an error where there are no data.
func given(data Data) error {
	if isNil(data) {
		return fmt.Errorf("datasets: got no data (nil), want some: look at the error of the function that read them")
	}
	if data.Len() < 1 {
		return fmt.Errorf("datasets: %s: got no samples, want at least one", data.Info().Name)
	}
	return nil
}

// Slow is that of the data underneath.
func (s *someRows) Slow() bool { return isSlow(s.data) }

// isSlow says whether data ask to be read ahead.
func isSlow(data Data) bool {
	s, ok := data.(interface{ Slow() bool })
	return ok && s.Slow()
}
