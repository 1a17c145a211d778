package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/help"
)

// TestManPages: a page a command, with the sections that a reader looks for, every flag, and nothing that roff would take for a request or print as other letters.
func TestManPages(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "man1")
	out := ok(t, "man", dir)
	commands := help.WithCommands(rootCommand())
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != len(commands) || !strings.Contains(out, dir) {
		t.Fatalf("%d files of %d commands, %v: %s", len(files), len(commands), err, out)
	}
	read := func(name string) string {
		t.Helper()
		page, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(page)
	}
	request := regexp.MustCompile(`^\.(nh|TH|SH|PP|TP|EX|EE|RS|RE)( |$)`)
	escape := regexp.MustCompile(`\\(-|\\|&|%|f[BIPR]|\((aq|ga|ha|ti))`)
	for _, c := range commands {
		name := help.PageName(c) + ".1"
		text := read(name)
		at := 0
		for _, section := range []string{"NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXAMPLE", "EXIT STATUS", "SEE ALSO"} {
			next := strings.Index(text, ".SH "+section+"\n")
			if next < at {
				t.Errorf("%s: section %s is missing, or not in its place", name, section)
			}
			at = next
		}
		for _, f := range help.Flags(c) {
			flag := `(?m)^\.TP\n(\\fB\\%\\-.\\fP, )?\\fB\\%` + regexp.QuoteMeta(strings.ReplaceAll("--"+f.Name, "-", `\-`)) + `\\fP(=\S+)?\n[^.\s]`
			if !regexp.MustCompile(flag).MatchString(text) {
				t.Errorf("%s: --%s is missing, or not an item with its text", name, f.Name)
			}
		}
		for line := range strings.Lines(text) {
			line = strings.TrimSuffix(line, "\n")
			if strings.HasPrefix(line, "'") || strings.HasPrefix(line, ".") && !request.MatchString(line) {
				t.Errorf("%s: roff would take this for a request: %s", name, line)
			}
			if bare := escape.ReplaceAllString(line, ""); !strings.HasPrefix(line, ".") && strings.ContainsAny(bare, "\\-'`^~") {
				t.Errorf("%s: an escape that is none of ours, or a letter that groff would print as another: %s", name, line)
			}
		}
	}
	// What cobra does not know is there, and what is Markdown to it is text.
	root, export := read("stheno.1"), read("stheno-export.1")
	for _, want := range []string{".SH ENVIRONMENT\n", ".SH COMMANDS\n.TP\n\\fB\\%stheno\\-list\\fP(1)\nList the experiments", "STHENO_BLAS\\fP\n"} {
		if !strings.Contains(root, want) {
			t.Errorf("stheno.1 lacks %q", want)
		}
	}
	if !strings.Contains(export, "dense_1.weight, of shape [in,out], and dense_1.bias") {
		t.Errorf("stheno-export.1: got %s", export)
	}
	again := filepath.Join(t.TempDir(), "again")
	ok(t, "man", again)
	for _, file := range files {
		one, err1 := os.ReadFile(file)
		two, err2 := os.ReadFile(filepath.Join(again, filepath.Base(file)))
		if err1 != nil || err2 != nil || string(one) != string(two) {
			t.Errorf("%s is another the second time: %v, %v", file, err1, err2)
		}
	}
}
