package term

import (
	"fmt"
	"io"
	"strings"
)

// A table is printed a row at a time, as the rows come: columns side by side, or, where the terminal is too narrow for them, a line for
// each cell.
type Table struct {
	Out     io.Writer
	Columns []Column
	begun   bool
}

// A column is so wide, the first one on the left, the others on the right. Neighbours of one group have its name above their heads.
type Column struct {
	Group, Head string
	Width       int
}

// dash stands for what there is not.
const Dash = "–"

func (t *Table) Row(cells ...string) error {
	if t.width() > Width(t.Out) {
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

func (t *Table) width() int {
	sum := -1
	for _, c := range t.Columns {
		sum += c.Width + 1
	}
	return sum
}

func (t *Table) heads() error {
	var groups, heads []string
	grouped := false
	for i, c := range t.Columns {
		group := ""
		if i+1 == len(t.Columns) || t.Columns[i+1].Group != c.Group { // the last of its group
			group = c.Group
		}
		grouped = grouped || group != ""
		groups, heads = append(groups, group), append(heads, c.Head)
	}
	if grouped {
		if err := t.line(groups); err != nil {
			return err
		}
	}
	return t.line(heads)
}

// line prints cells; one that is wider than its column takes room from the empty ones before it.
func (t *Table) line(cells []string) error {
	line, end := "", -1
	for i, c := range t.Columns {
		end += c.Width + 1
		if i == 0 {
			line = cells[0]
		} else if cells[i] != "" {
			line += fmt.Sprintf("%*s", end-len([]rune(line)), cells[i])
		}
	}
	_, err := fmt.Fprintln(t.Out, line)
	return err
}

// tall prints a row's cells one below the other, but for the dashes.
func (t *Table) tall(cells []string) error {
	if _, err := fmt.Fprintln(t.Out, cells[0]); err != nil {
		return err
	}
	for i, c := range t.Columns[1:] {
		if cell := cells[i+1]; cell != Dash {
			if _, err := fmt.Fprintf(t.Out, "  %s %s\n", strings.TrimSpace(c.Group+" "+c.Head), cell); err != nil {
				return err
			}
		}
	}
	return nil
}
