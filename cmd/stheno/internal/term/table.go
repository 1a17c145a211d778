package term

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// A Table is printed a row at a time, as the rows come: the library lays each out as a table of one row, with widths that stay. It has nothing for a
// terminal that is too narrow for the columns, so this is done here: the first cell stands above the others or, where these are too wide still, each
// cell on a line of its own.
type Table struct {
	Out     io.Writer
	Columns []Column
	begun   bool
}

// A Column is so wide. The first one and text, which is wrapped, stand on the left, others on the right. Neighbours of one group have its name above
// their heads.
type Column struct {
	Group, Head string
	Width       int
	Text        bool
}

// Dash stands for what there is not.
const Dash = "–"

// below is how far to the right cells are that stand below the first.
const below = 2

// Row prints a row, and before the first one the heads.
func (t *Table) Row(cells ...string) error {
	var b strings.Builder
	room := Width(t.Out)
	switch {
	case width(t.Columns) <= room:
		if !t.begun {
			b.WriteString(t.heads(0))
		}
		b.WriteString(t.line(0, cells))
	case below+width(t.Columns[1:]) <= room:
		before := strings.Repeat(" ", below)
		if !t.begun {
			fmt.Fprintf(&b, "%s\n%s", t.Columns[0].Head, indented(t.heads(1), before))
		}
		fmt.Fprintf(&b, "%s\n%s", cells[0], indented(t.line(1, cells), before))
	default:
		fmt.Fprintln(&b, cells[0])
		for i, c := range t.Columns[1:] {
			if cell := cells[i+1]; cell != Dash {
				b.WriteString(Indent(c.Group+" "+c.Head+" "+cell, below, room))
			}
		}
	}
	t.begun = true
	_, err := io.WriteString(t.Out, b.String())
	return err
}

func indented(lines, before string) string {
	return before + strings.ReplaceAll(strings.TrimSuffix(lines, "\n"), "\n", "\n"+before) + "\n"
}

// width is that of all columns, with a space between two, and another before text.
func width(columns []Column) int {
	sum := -1
	for i, c := range columns {
		sum += c.Width + 1
		if c.Text && i > 0 {
			sum++
		}
	}
	return sum
}

// heads are those of the columns from one on.
func (t *Table) heads(from int) string {
	w := t.library(from)
	var groups, names []string
	for _, c := range t.Columns {
		groups, names = append(groups, c.Group), append(names, c.Head)
	}
	if slices.ContainsFunc(groups, func(g string) bool { return g != "" }) {
		w.AppendHeader(t.cells(from, groups), table.RowConfig{AutoMerge: true})
	}
	w.AppendHeader(t.cells(from, names))
	return w.Render() + "\n"
}

// line is a row's cells from one on.
func (t *Table) line(from int, cells []string) string {
	w := t.library(from)
	w.AppendRow(t.cells(from, cells))
	return w.Render() + "\n"
}

// library is the library's table of the columns from one on. Before text it has an empty column, which makes the space there two columns wide.
func (t *Table) library(from int) table.Writer {
	w := plain()
	w.Style().Box.PaddingRight = " "
	var configs []table.ColumnConfig
	for i, c := range t.Columns[from:] {
		config := table.ColumnConfig{WidthMin: c.Width, Align: text.AlignRight, AlignHeader: text.AlignRight}
		if c.Text || from+i == 0 {
			config.Align, config.AlignHeader = text.AlignLeft, text.AlignLeft
		}
		if c.Text {
			config.WidthMax, config.WidthMaxEnforcer = c.Width, text.WrapSoft
			if i > 0 {
				configs = append(configs, table.ColumnConfig{Number: len(configs) + 1})
			}
		}
		config.Number = len(configs) + 1
		configs = append(configs, config)
	}
	w.SetColumnConfigs(configs)
	return w
}

// cells are the library's.
func (t *Table) cells(from int, cells []string) table.Row {
	var r table.Row
	for i, c := range t.Columns[from:] {
		if c.Text && i > 0 {
			r = append(r, "")
		}
		r = append(r, cells[from+i])
	}
	return r
}
