package term

import (
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// Terminals show σ, × and – one column wide, whatever language is set; the library would take them for two where that is Chinese.
func init() { text.OverrideRuneWidthEastAsianWidth(false) }

// Wrap breaks a text into lines of at most width letters.
func Wrap(s string, width int) []string {
	lines := strings.Split(text.WrapSoft(strings.Join(strings.Fields(s), " "), max(1, width)), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	return lines
}

// Pairs are names, and beside each what it means, wrapped to a width; below it, which no table of the library does, where little room is left beside it.
func Pairs(width int, rows [][2]string) string {
	names := 0
	for _, row := range rows {
		names = max(names, text.StringWidthWithoutEscSequences(row[0]))
	}
	if width-names < 24 {
		var b strings.Builder
		for _, row := range rows {
			b.WriteString(strings.TrimRight(row[0], " ") + "\n" + Indent(row[1], 8, width))
		}
		return b.String()
	}
	w := plain()
	w.SetColumnConfigs([]table.ColumnConfig{{Number: 2, WidthMax: width - names, WidthMaxEnforcer: text.WrapSoft}})
	for _, row := range rows {
		w.AppendRow(table.Row{row[0], row[1]})
	}
	return w.Render() + "\n"
}

// Indent is a text on lines of its own, so many columns from the left, that end before a width.
func Indent(s string, columns, width int) string {
	before := strings.Repeat(" ", columns)
	return before + strings.Join(Wrap(s, width-columns), "\n"+before) + "\n"
}

// plain is a table of the library's without lines, and without room between its columns.
func plain() table.Writer {
	w := table.NewWriter()
	w.SetStyle(table.Style{Options: table.OptionsNoBordersAndSeparators})
	w.SuppressTrailingSpaces()
	return w
}
