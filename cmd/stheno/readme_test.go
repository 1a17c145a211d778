package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var readme = flag.Bool("readme", false, "run the README's commands as they stand, in a copy of the project, and not small ones in their place (minutes)")

// A block is what stands between two fences.
type block struct {
	language string
	text     string
}

func blocks(t *testing.T, file string) []block {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "..", file))
	if err != nil {
		t.Fatal(err)
	}
	var all []block
	for _, m := range regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$").FindAllStringSubmatch(string(page), -1) {
		all = append(all, block{m[1], m[2]})
	}
	if len(all) < 10 {
		t.Fatalf("%s: found %d blocks, want ten or more", file, len(all))
	}
	return all
}

// commands are a shell block's lines without their comments.
func commands(b block) []string {
	var lines []string
	for line := range strings.Lines(b.text) {
		line, _, _ = strings.Cut(line, " #")
		lines = append(lines, strings.TrimSpace(line))
	}
	return lines
}

// The Chinese page has the English one's blocks, so that what is run of one is run of both.
func TestReadmesAgree(t *testing.T) {
	english, chinese := blocks(t, "README.md"), blocks(t, "README.zh.md")
	if len(english) != len(chinese) {
		t.Fatalf("README.md has %d blocks, README.zh.md %d", len(english), len(chinese))
	}
	for i, e := range english {
		c := chinese[i]
		if e.language == "sh" {
			e.text, c.text = strings.Join(commands(e), "\n"), strings.Join(commands(c), "\n")
		}
		if e != c {
			t.Errorf("block %d differs:\n%s\n%s", i+1, e.text, c.text)
		}
	}
}

// elsewhere are commands that .ci/run has as steps of its own.
var elsewhere = []string{"go test ./...", "notebooks/setup", "notebooks/run"}

func TestReadmeCommands(t *testing.T) {
	steps, err := os.ReadFile(filepath.Join("..", "..", ".ci", "run"))
	if err != nil {
		t.Fatal(err)
	}
	all := blocks(t, "README.md")
	if *readme {
		t.Chdir(checkout(t))
	} else {
		t.Chdir(t.TempDir())
	}
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	t.Setenv("LC_ALL", "C.UTF-8") // the bars are then the page's
	for i, b := range all {
		if b.language != "sh" {
			continue
		}
		var out string
		for _, command := range commands(b) {
			switch {
			case slices.Contains(elsewhere, command):
				if !regexp.MustCompile(`(?m)^ *` + regexp.QuoteMeta(command) + `$`).Match(steps) {
					t.Errorf("%s: .ci/run has no such line", command)
				}
			case *readme:
				ran := exec.Command("bash", "-c", command)
				var errOut bytes.Buffer
				ran.Stderr = &errOut
				printed, err := ran.Output()
				if err != nil {
					t.Errorf("%s: %v\n%s", command, err, errOut.Bytes())
				}
				out = string(printed)
			default:
				args, ours := strings.CutPrefix(command, "go run ./cmd/stheno ")
				if !ours {
					continue
				}
				fields := small(strings.Fields(args))
				var printed, errOut bytes.Buffer
				if status := execute(fields, strings.NewReader(""), &printed, &errOut); status != 0 {
					t.Errorf("%s: exit status %d\n%s", strings.Join(fields, " "), status, errOut.Bytes())
				}
			}
		}
		if *readme && i+1 < len(all) && all[i+1].language == "" {
			if got, want := form(out), form(all[i+1].text); got != want {
				t.Errorf("%s prints\n%s\nwant, but for the numbers,\n%s", commands(b), out, all[i+1].text)
			}
		}
	}
}

// small makes a network small that a command trains.
func small(args []string) []string {
	if slices.Contains([]string{"run", "diagnose", "gradients"}, args[0]) && !slices.Contains(args, "--resume") {
		args = append(args, "--hidden", "10,10", "--train-samples", "500")
		if args[0] == "gradients" {
			args = append(args, "--batch-size", "5") // for as many steps as the page asks for
		}
	}
	return args
}

// form is a text without what differs from run to run: figures, the lengths of bars, and the space that they need.
func form(text string) string {
	text = regexp.MustCompile(`[▏▎▍▌▋▊▉█]+`).ReplaceAllString(text, "=")
	text = regexp.MustCompile(`[0-9][0-9.,]*(e[-+]?[0-9]+)?`).ReplaceAllString(text, "0")
	return strings.Join(strings.Fields(text), " ")
}

// checkout is a copy of the project's files.
func checkout(t *testing.T) string {
	t.Helper()
	root, copied := filepath.Join("..", ".."), t.TempDir()
	list := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	list.Dir = root
	files, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	for name := range strings.SplitSeq(strings.TrimRight(string(files), "\x00"), "\x00") {
		content, err := os.ReadFile(filepath.Join(root, name))
		if os.IsNotExist(err) { // deleted, and not yet committed
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		to := filepath.Join(copied, name)
		if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, content, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	return copied
}

// The page's program, alone and with each of the page's changes, and the changes to the project itself.
func TestReadmeCode(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles six programs")
	}
	copied := checkout(t)
	program := ""
	changes := 0
	for _, b := range blocks(t, "README.md") {
		switch b.language {
		case "go":
			if program != "" {
				t.Fatal("want one program, which the changes are made to")
			}
			program = b.text
			runsAs(t, copied, "the program", program, "")
		case "diff":
			changes++
			runsAs(t, copied, fmt.Sprintf("change %d", changes), program, b.text)
		}
	}
	if changes < 5 {
		t.Errorf("found %d changes, want a look inside, a layer, a loss, an optimizer and an experiment", changes)
	}
}

// runsAs runs the program with a change, or the experiments that a change of the project adds.
func runsAs(t *testing.T, copied, name, program, change string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(copied, "main.go"), []byte(program), 0o666); err != nil {
		t.Fatal(err)
	}
	if change != "" {
		git := func(args ...string) ([]byte, error) {
			apply := exec.Command("git", append([]string{"apply", "-"}, args...)...)
			apply.Dir, apply.Stdin = copied, strings.NewReader(change)
			return apply.CombinedOutput()
		}
		if out, err := git(); err != nil {
			if _, err := git("--check", "--reverse"); err != nil {
				t.Errorf("%s cannot be applied: write it anew for the README:\n%s", name, out)
				return
			}
			// Somebody has made it, as the page says.
		}
	}
	args := []string{"run", "main.go"}
	if added := regexp.MustCompile(`(?m)^\+.*\.Name, .* = "([\w-]+)"`).FindStringSubmatch(change); added != nil {
		args = []string{"run", "./cmd/stheno", "run", added[1], "--epochs", "1", "--train-samples", "500"}
	} else if change != "" && !strings.Contains(change, "+++ b/main.go") {
		t.Errorf("%s: want a change of main.go or a new experiment:\n%s", name, change)
	}
	run := exec.Command("go", args...)
	run.Dir = copied
	run.Env = append(os.Environ(), "XDG_STATE_HOME="+t.TempDir())
	out, err := run.CombinedOutput()
	if err != nil {
		t.Errorf("%s: %v\n%s", name, err, out)
	}
	t.Logf("%s:\n%s", name, out)
	if args[1] == "main.go" {
		accuracy := regexp.MustCompile(`accuracy on the test set: 0\.(\d+)`).FindSubmatch(out)
		if accuracy == nil || string(accuracy[1]) < "85" {
			t.Errorf("%s printed, want an accuracy of 0.85 or more:\n%s", name, out)
		}
	}
}
