package term

import (
	"io"
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

// Row prints a row, and before the first one the heads.
func (t *Table) Row(cells ...string) error {
	var heads, groups []string
	for _, c := range t.Columns {
		heads, groups = append(heads, c.Head), append(groups, c.Group)
	}
	var b strings.Builder
	switch room := Width(t.Out); {
	case width(t.Columns) <= room:
		if !t.begun {
			b.WriteString(t.line(0, groups, true) + t.line(0, heads, false))
		}
		b.WriteString(t.line(0, cells, false))
	case 2+width(t.Columns[1:]) <= room:
		if !t.begun {
			b.WriteString(heads[0] + "\n" + t.line(1, groups, true) + t.line(1, heads, false))
		}
		b.WriteString(cells[0] + "\n" + t.line(1, cells, false))
	default:
		b.WriteString(cells[0] + "\n")
		for i, cell := range cells {
			if i > 0 && cell != Dash {
				b.WriteString(Indent(groups[i]+" "+heads[i]+" "+cell, 2, room))
			}
		}
	}
	t.begun = true
	_, err := io.WriteString(t.Out, b.String())
	return err
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

// line is the cells from one on, which, where it is not the first, stand two columns to the right. Of merged cells neighbours that are equal are one, and
// there is no line where all are empty.
func (t *Table) line(from int, cells []string, merged bool) string {
	if merged && strings.Join(cells[from:], "") == "" {
		return ""
	}
	w := plain()
	w.Style().Box.PaddingRight = " "
	var row table.Row
	var configs []table.ColumnConfig
	add := func(cell string, config table.ColumnConfig) {
		row = append(row, cell)
		config.Number = len(row)
		configs = append(configs, config)
	}
	if from > 0 {
		add("", table.ColumnConfig{WidthMin: 1})
	}
	for i, c := range t.Columns {
		switch {
		case i < from:
		case c.Text && !merged:
			add("", table.ColumnConfig{}) // the other space before text
			add(cells[i], table.ColumnConfig{WidthMin: c.Width, WidthMax: c.Width, WidthMaxEnforcer: text.WrapSoft})
		case i == 0:
			add(cells[i], table.ColumnConfig{WidthMin: c.Width})
		default:
			add(cells[i], table.ColumnConfig{WidthMin: c.Width, Align: text.AlignRight})
		}
	}
	w.SetColumnConfigs(configs)
	w.AppendRow(row, table.RowConfig{AutoMerge: merged})
	return w.Render() + "\n"
}
