package main

import (
	"fmt"
	"io"
	"strings"
)

// A table is printed a row at a time, as the rows come: columns side by side, or, where the terminal is too narrow for them, a line for
// each cell.
type table struct {
	out     io.Writer
	columns []column
	begun   bool
}

// A column is so wide, the first one on the left, the others on the right. Neighbours of one group have its name above their heads.
type column struct {
	group, head string
	width       int
}

// dash stands for what there is not.
const dash = "–"

func (t *table) row(cells ...string) error {
	if t.width() > terminalWidth(t.out) {
		return t.tall(cells)
	}
	if !t.begun {
		t.begun = true
		if err := t.heads(); err != nil {
			return err
		}
	}
	return t.line(cells)
}

func (t *table) width() int {
	sum := -1
	for _, c := range t.columns {
		sum += c.width + 1
	}
	return sum
}

func (t *table) heads() error {
	var groups, heads []string
	grouped := false
	for i, c := range t.columns {
		group := ""
		if i+1 == len(t.columns) || t.columns[i+1].group != c.group { // the last of its group
			group = c.group
		}
		grouped = grouped || group != ""
		groups, heads = append(groups, group), append(heads, c.head)
	}
	if grouped {
		if err := t.line(groups); err != nil {
			return err
		}
	}
	return t.line(heads)
}

// line prints cells; one that is wider than its column takes room from the empty ones before it.
func (t *table) line(cells []string) error {
	line, end := "", -1
	for i, c := range t.columns {
		end += c.width + 1
		if i == 0 {
			line = cells[0]
		} else if cells[i] != "" {
			line += fmt.Sprintf("%*s", end-len([]rune(line)), cells[i])
		}
	}
	_, err := fmt.Fprintln(t.out, line)
	return err
}

// tall prints a row's cells one below the other, but for the dashes.
func (t *table) tall(cells []string) error {
	if _, err := fmt.Fprintln(t.out, cells[0]); err != nil {
		return err
	}
	for i, c := range t.columns[1:] {
		if cell := cells[i+1]; cell != dash {
			if _, err := fmt.Fprintf(t.out, "  %s %s\n", strings.TrimSpace(c.group+" "+c.head), cell); err != nil {
				return err
			}
		}
	}
	return nil
}
