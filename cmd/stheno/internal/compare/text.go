package compare

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/chart"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/term"
	"github.com/stheno-ml/stheno/graph/inspect/figure"
	"github.com/stheno-ml/stheno/models"
)

// Print prints it for people.
func (s *Set) Print(out io.Writer) error {
	for _, part := range []func(io.Writer) error{s.printGroups, s.printSettings, s.printEnds, s.printCurves, s.printGradients, s.printPartings} {
		if err := part(out); err != nil {
			return err
		}
	}
	return nil
}

// say prints lines of text, wrapped, each from a second line on further in.
func say(out io.Writer, lines ...string) error {
	width := term.Width(out)
	for _, line := range lines {
		wrapped := term.Wrap(line, width-2)
		for i, text := range wrapped {
			if i > 0 {
				text = "  " + text
			}
			if _, err := fmt.Fprintln(out, text); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Set) printGroups(out io.Writer) error {
	n := 0
	for _, g := range s.Groups {
		n += len(g.Runs)
	}
	if s.Plan != nil {
		return say(out, fmt.Sprintf("%s of a sweep, with %s, the best first:", count(n, "run"), count(len(s.Groups), "setting")))
	}
	head := fmt.Sprintf("%s of %s", count(n, "run"), count(len(s.Groups), "kind"))
	if len(s.Groups) == 1 && len(s.Differ) == 0 {
		head += ", which differ by nothing but their seeds"
	}
	if len(s.Groups) > 2 {
		head += ", each compared with the first"
	}
	if err := say(out, head+":"); err != nil {
		return err
	}
	for _, g := range s.Groups {
		if _, err := io.WriteString(out, term.Indent(g.Name+": "+g.about(), 2, term.Width(out))); err != nil {
			return err
		}
	}
	return nil
}

// printSettings prints what differs: a group a row, where that fits.
func (s *Set) printSettings(out io.Writer) error {
	switch {
	case s.Plan != nil: // their names say it
		return nil
	case len(s.Groups) == 1 && len(s.Differ) == 0:
		return nil
	}
	if err := say(out, "", "what differs:"); err != nil {
		return err
	}
	t := &term.Table{Out: out, Columns: []term.Column{{Width: s.widest()}}}
	var rows [][]string
	for _, g := range s.Groups {
		rows = append(rows, []string{g.Name})
	}
	for _, name := range s.Differ {
		c := term.Column{Head: name, Width: utf8.RuneCountInString(name)}
		for i, g := range s.Groups {
			value := g.setting(name)
			c.Width = max(c.Width, utf8.RuneCountInString(value))
			rows[i] = append(rows[i], value)
		}
		t.Columns = append(t.Columns, c)
	}
	for _, row := range rows {
		if err := t.Row(row...); err != nil {
			return err
		}
	}
	return nil
}

// widest is how long the groups' names are.
func (s *Set) widest() int {
	width := 1
	for _, g := range s.Groups {
		width = max(width, utf8.RuneCountInString(g.Name))
	}
	return width
}

// printEnds prints what the groups came to, and what can be said of that.
func (s *Set) printEnds(out io.Writer) error {
	if s.Figure == "" {
		return say(out, append([]string{""}, s.remarks()...)...)
	}
	if err := say(out, "", s.Figure+" in the end, mean ± standard deviation over the seeds:"); err != nil {
		return err
	}
	t := &term.Table{Out: out, Columns: []term.Column{{Width: s.widest()}}}
	for _, set := range s.sets() {
		t.Columns = append(t.Columns, term.Column{Head: set, Width: 15})
	}
	t.Columns = append(t.Columns, term.Column{Head: "epochs", Width: 6}, term.Column{Head: "seeds", Width: 5})
	for _, g := range s.Groups {
		cells := []string{g.Name}
		for _, set := range s.sets() {
			cells = append(cells, models.SpreadOf(g.values(set, s.Figure)).String())
		}
		if err := t.Row(append(cells, g.epochs(), fmt.Sprint(len(g.seeds())))...); err != nil {
			return err
		}
	}
	return s.printVerdicts(out)
}

// mostSentences is how many say it better than a table.
const mostSentences = 2

func (s *Set) printVerdicts(out io.Writer) error {
	all := s.verdicts()
	if len(all) > mostSentences && told(all) > 0 {
		if err := s.printTable(out, all); err != nil {
			return err
		}
		all = nil
	}
	var lines []string
	for _, v := range all[:min(len(all), mostSentences)] {
		lines = append(lines, s.sentence(v))
	}
	if lines = append(lines, s.remarks()...); len(lines) == 0 {
		return nil
	}
	return say(out, append([]string{""}, lines...)...)
}

// printTable prints verdicts, a group a row.
func (s *Set) printTable(out io.Writer, all []verdict) error {
	if err := say(out, "", fmt.Sprintf("%s, against %s, beside the standard deviation of their seeds, pooled; chance is how often seeds alone make so much, apart the epoch from which on it is less than 5 %%:", s.what(), s.Groups[0].Name)); err != nil {
		return err
	}
	t := &term.Table{Out: out, Columns: []term.Column{
		{Width: s.widest()}, {Head: "difference", Width: 10}, {Head: "deviation", Width: 9}, {Head: "seeds", Width: 5}, {Head: "chance", Width: 7}, {Head: "apart", Width: 5}, {Head: "verdict", Width: 20, Text: true},
	}}
	for _, v := range all {
		if err := t.Row(append([]string{v.group.Name}, v.cells()...)...); err != nil {
			return err
		}
	}
	return nil
}

// cells are what a table has of a verdict.
func (v verdict) cells() []string {
	seeds := fmt.Sprintf("%d, %d", v.N[0], v.N[1])
	if math.IsNaN(v.By) {
		return []string{term.Dash, term.Dash, seeds, term.Dash, term.Dash, "not known"}
	}
	by := number(v.By)
	if v.By > 0 {
		by = "+" + by
	}
	if !v.told() {
		return []string{by, term.Dash, seeds, term.Dash, term.Dash, "too few seeds"}
	}
	from := term.Dash
	if a := v.apart; a != nil && a.From > 0 && a.Until == a.Last {
		from = fmt.Sprint(a.From)
	}
	says := "as seeds make"
	if v.exceeds() {
		says = "more than seeds make"
	}
	chance := fmt.Sprintf("%.2g %%", 100*v.Chance)
	if v.Chance < .001 {
		chance = "<0.1 %"
	}
	return []string{by, number(v.Std), seeds, chance, from, says}
}

// epochs are how many the runs of a group have, such as 20, or 18–20.
func (g *Group) epochs() string {
	least, most := math.MaxInt, 0
	for _, r := range g.Runs {
		least, most = min(least, len(r.Epochs)), max(most, len(r.Epochs))
	}
	if least == most {
		return fmt.Sprint(most)
	}
	return fmt.Sprintf("%d–%d", least, most)
}

// fewEpochs is how many are no curve yet.
const fewEpochs = 3

func (s *Set) printCurves(out io.Writer) error {
	figures := []string{s.Figure}
	if s.Figure != "loss" && !slices.Contains(s.Differ, "loss") {
		figures = append(figures, "loss")
	}
	for _, f := range figures {
		var series []chart.Series
		legend := s.curved(f) + " by epoch"
		bands := len(s.Groups) <= mostBands && slices.ContainsFunc(s.Groups, func(g *Group) bool { return len(g.each()) > 1 })
		if bands {
			legend += ", mean and range over the seeds"
		}
		legend += ":"
		longest := 0
		for i, g := range s.Groups[:min(len(s.Groups), mostShown)] {
			line := chart.Series{Mark: rune('a' + i)}
			for _, values := range s.curve(g, f) {
				line.Values = append(line.Values, models.SpreadOf(values).Mean)
				if bands && len(g.each()) > 1 {
					line.Low, line.High = append(line.Low, slices.Min(values)), append(line.High, slices.Max(values))
				}
			}
			longest = max(longest, len(line.Values))
			legend += fmt.Sprintf(" %c %s", line.Mark, g.Name)
			if i < min(len(s.Groups), mostShown)-1 {
				legend += ","
			}
			series = append(series, line)
		}
		if f == "" || longest < fewEpochs {
			continue
		}
		if rest := len(s.Groups) - mostShown; rest > 0 {
			legend += fmt.Sprintf(", and %d that are not drawn", rest)
		}
		if err := say(out, "", legend); err != nil {
			return err
		}
		slices.Reverse(series) // the first one lies above the others
		if _, err := io.WriteString(out, chart.Lines(series, min(term.Width(out), 80), 12, "1", count(longest, "epoch"))); err != nil {
			return err
		}
	}
	return nil
}

// printGradients prints those of a run of each group side by side.
func (s *Set) printGradients(out io.Writer) error {
	flows, of := s.flows()
	if len(flows) < 2 {
		return nil
	}
	var titles []string
	for _, r := range of {
		titles = append(titles, r.Title)
	}
	if err := say(out, "", "gradients of "+strings.Join(titles, ", ")+", at the first step and the last that all have:"); err != nil {
		return err
	}
	for i := range flows {
		flows[i].Name = term.Plain(flows[i].Name)
	}
	_, err := io.WriteString(out, "\n"+figure.GradientText(term.Width(out), term.Unicode(), flows...))
	return err
}

func (s *Set) printPartings(out io.Writer) error {
	all := s.partings()
	if len(all) == 0 {
		return nil
	}
	return say(out, append([]string{"", "where runs of one seed part:"}, sentences(all)...)...)
}
