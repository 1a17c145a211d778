package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/help"
)

// TestManPages: a page a command, with the sections that a reader looks for, every flag, and nothing that roff would take for a request.
func TestManPages(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "man1")
	out := ok(t, "man", dir)
	commands := help.WithCommands(rootCommand())
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != len(commands) || !strings.Contains(out, dir) {
		t.Fatalf("%d files of %d commands, %v: %s", len(files), len(commands), err, out)
	}
	request := regexp.MustCompile(`^\.(TH|SH|B|PP|TP|nf|fi|RS|RE|sp)( |$)`)
	for _, c := range commands {
		name := help.PageName(c) + ".1"
		page, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		text := string(page)
		at := 0
		for _, section := range []string{"NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXAMPLES", "EXIT STATUS", "SEE ALSO"} {
			next := strings.Index(text, ".SH \""+section+"\"\n")
			if next < at {
				t.Errorf("%s: section %s is missing, or not in its place", name, section)
			}
			at = next
		}
		for _, f := range help.Flags(c) {
			if !strings.Contains(text, `\fB`+strings.ReplaceAll("--"+f.Name, "-", `\-`)+`\fR`) {
				t.Errorf("%s: --%s is missing", name, f.Name)
			}
		}
		for line := range strings.Lines(text) {
			line = strings.TrimSuffix(line, "\n")
			if strings.HasPrefix(line, "'") || strings.HasPrefix(line, ".") && !request.MatchString(line) {
				t.Errorf("%s: roff would take this for a request: %s", name, line)
			}
			if regexp.MustCompile(`\\[^-efR&(]`).ReplaceAllString(strings.NewReplacer(`\fB`, "", `\fI`, "").Replace(line), "!") != strings.NewReplacer(`\fB`, "", `\fI`, "").Replace(line) {
				t.Errorf("%s: an escape that is none of ours: %s", name, line)
			}
		}
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
