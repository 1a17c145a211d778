package main

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/help"
)

// TestHelp: every command has a help with two examples or more that begin with its name, no line of it too wide, and the same by help.
func TestHelp(t *testing.T) {
	if out := ok(t); out != ok(t, "--help") || out != ok(t, "help") || !strings.Contains(out, "stheno run relu") {
		t.Errorf("no arguments: got %q", out)
	}
	for _, c := range help.WithCommands(rootCommand()) {
		path := strings.Fields(c.CommandPath())[1:]
		out := ok(t, append(path, "--help")...)
		if by := ok(t, append([]string{"help"}, path...)...); by != out {
			t.Errorf("help %v: got %s, want %s", path, by, out)
		}
		examples := strings.Split(c.Example, "\n")
		if len(examples) < 2 || !strings.Contains(out, "Examples:\n"+c.Example+"\n") {
			t.Errorf("%s --help: want two examples or more: %s", c.CommandPath(), out)
		}
		for _, example := range examples {
			if !strings.HasPrefix(example, "  ") || !strings.Contains(example, c.CommandPath()) && c.HasParent() {
				t.Errorf("%s --help: example %q", c.CommandPath(), example)
			}
		}
		if strings.Contains(out, "(default )") || strings.Contains(out, "[=") {
			t.Errorf("%s --help: %s", c.CommandPath(), out)
		}
		for line := range strings.Lines(out) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 80 {
				t.Errorf("%s --help: a line of %d columns: %s", c.CommandPath(), n, line)
			}
		}
		if !c.HasParent() {
			continue
		}
		for line := range strings.Lines(strings.ReplaceAll(help.Of(c, 40), c.Example, "")) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 40 && !strings.HasPrefix(line, "  ") && !strings.HasPrefix(line, "`") {
				t.Errorf("%s --help on 40 columns: a line of %d: %s", c.CommandPath(), n, line)
			}
		}
	}
}

// Every command of the root has its place in the help.
func TestGroups(t *testing.T) {
	for _, c := range rootCommand().Commands() {
		if c.IsAvailableCommand() && c.GroupID == "" {
			t.Errorf("%s is in no group", c.Name())
		}
	}
}
