package term

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		text  string
		width int
		want  string
	}{
		{"", 10, ""},
		{"one two\n three", 7, "one two|three"},
		{"σ×– σ×– σ×–", 7, "σ×– σ×–|σ×–"},
		{"two words", 5, "two|words"},
	} {
		if got := strings.Join(Wrap(c.text, c.width), "|"); got != c.want {
			t.Errorf("%q on %d columns: got %q, want %q", c.text, c.width, got, c.want)
		}
	}
	for width := -1; width < 90; width++ {
		const text = "a word, /a/long/path/of/a/file/that/is/wider/than/many/terminals, and others: 3×633 – σ"
		lines := Wrap(text, width)
		for _, line := range lines {
			if n := utf8.RuneCountInString(line); n > max(1, width) {
				t.Errorf("%d columns: a line of %d: %q", width, n, line)
			}
		}
		if got := strings.Join(lines, ""); strings.ReplaceAll(got, " ", "") != strings.ReplaceAll(text, " ", "") {
			t.Errorf("%d columns: got %q, want all of %q", width, lines, text)
		}
	}
}

func TestPairs(t *testing.T) {
	rows := [][2]string{{"  a  ", "what a is, in words"}, {"  long  ", "b"}}
	for width, want := range map[int]string{
		80: "  a     what a is, in words\n  long  b\n",
		32: "  a     what a is, in words\n  long  b\n",
		24: "  a\n        what a is, in\n        words\n  long\n        b\n",
	} {
		if got := Pairs(width, rows); got != want {
			t.Errorf("%d columns: got\n%s\nwant\n%s", width, got, want)
		}
	}
}

// What is no terminal is 80 columns wide: the columns fit, fit below the first, or do not.
func TestTable(t *testing.T) {
	table := func(name, text int) string {
		var b strings.Builder
		table := &Table{Out: &b, Columns: []Column{
			{Head: "NAME", Width: name}, {Group: "loss", Head: "train", Width: 7}, {Group: "loss", Head: "test", Width: 7}, {Head: "STATE", Width: text, Text: true},
		}}
		for _, row := range [][]string{{"relu", "0.1", "12.25", "finished, and so on"}, {"σ", "1", Dash, "no"}} {
			if err := table.Row(row...); err != nil {
				t.Fatal(err)
			}
		}
		return b.String()
	}
	for _, c := range []struct {
		name, text int
		want       []string
	}{
		{6, 10, []string{
			"             loss",
			"NAME     train    test  STATE",
			"relu       0.1   12.25  finished,",
			"                        and so on",
			"σ            1       –  no",
		}},
		{70, 10, []string{
			"NAME",
			"        loss",
			"    train    test  STATE",
			"relu",
			"      0.1   12.25  finished,",
			"                   and so on",
			"σ",
			"        1       –  no",
		}},
		{6, 90, []string{"relu", "  loss train 0.1", "  loss test 12.25", "  STATE finished, and so on", "σ", "  loss train 1", "  STATE no"}},
	} {
		got := strings.Split(strings.TrimSuffix(table(c.name, c.text), "\n"), "\n")
		if !slices.Equal(got, c.want) {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		}
	}
}
