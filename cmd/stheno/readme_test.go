package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
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
			case strings.HasPrefix(command, "go run ./cmd/stheno lab"): // which is there until it is told to end
				if runtime.GOOS != "windows" {
					startLab(t, strings.Fields(command)[4:]...).end(t)
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

// right is an accuracy of .85 or more.
const right = `0\.(8[5-9]|9\d)\d`

// prints is what the page's programs print, in their order.
var prints = []string{
	`Total params: 79510\n\naccuracy on the test set: ` + right,
	`step 0, dense_1: gradient norm \d\.\de-03\n(.*\n)*step 99, dense_6: gradient norm \d\.\de`,
	`swish_1.beta +20 +20 .* ok\n(.* ok\n)+$`,
	`accuracy on the test set: ` + right,
	`accuracy on the test set: ` + right,
	`\d+ epochs, mean squared error 0\.00\d+, .*\nsin 1 is 0\.8415, the network says 0\.8`,
	`told right of ` + right,
	`relu: accuracy on the test set ` + right + `\ntanh: accuracy on the test set ` + right,
}

// The page's programs are compiled where they would be saved, in the project's folder, but are not written there.
func TestReadmePrograms(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles eight programs")
	}
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	temp := t.TempDir()
	build := []string{"build", "-overlay", filepath.Join(temp, "overlay.json"), "-ldflags", "-s -w", "-o", temp + string(filepath.Separator)}
	saved := map[string]string{}
	for _, b := range blocks(t, "README.md") {
		if b.language != "go" {
			continue
		}
		name := fmt.Sprintf("program%d", len(saved)+1)
		if formatted, err := format.Source([]byte(b.text)); err != nil || string(formatted) != b.text {
			t.Errorf("%s is not as gofmt has it (%v):\n%s", name, err, b.text)
		}
		source := filepath.Join(temp, name+".go")
		if err := os.WriteFile(source, []byte(b.text), 0o666); err != nil {
			t.Fatal(err)
		}
		saved[filepath.Join(root, name, "main.go")] = source
		build = append(build, "./"+name)
	}
	if len(saved) != len(prints) {
		t.Fatalf("README.md has %d programs, want %d, as it is said here what they print", len(saved), len(prints))
	}
	overlay, err := json.Marshal(map[string]any{"Replace": saved})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(temp, "overlay.json"), overlay, 0o666); err != nil {
		t.Fatal(err)
	}
	compile := exec.Command("go", build...)
	compile.Dir = root
	if out, err := compile.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for i, want := range prints {
		program := exec.Command(filepath.Join(temp, fmt.Sprintf("program%d", i+1)))
		program.Dir = temp
		if out, err := program.CombinedOutput(); err != nil || !regexp.MustCompile(want).Match(out) {
			t.Errorf("program %d: %v, printed, want %s:\n%s", i+1, err, want, out)
		}
	}
}
