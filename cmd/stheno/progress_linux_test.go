package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// terminal is a pseudo-terminal: what is written to user comes out of screen.
func terminal(t *testing.T, columns uint16) (screen, user *os.File) {
	t.Helper()
	screen, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	fd := int(screen.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if user, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0); err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetWinsize(int(user.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: columns}); err != nil {
		t.Fatal(err)
	}
	return screen, user
}

// TestProgress: on a terminal there is a bar with epoch, loss and accuracy, one line wide, gone when the run is over; nothing of it
// on standard output.
func TestProgress(t *testing.T) {
	screen, user := terminal(t, 80)
	defer screen.Close()
	// Some tenths of a second at least: the bar moves ten times a second.
	cmd := command(t, "run", "deep-sigmoid", "--json", "--train-samples", "500", "--hidden", "24", "--batch-size", "50", "--epochs", "300")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, user
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	user.Close()
	shown, _ := io.ReadAll(screen) // ends in EIO when the other side is closed
	if status := exitStatus(t, cmd.Wait()); status != 0 {
		t.Fatalf("status %d: %s", status, shown)
	}
	text := string(shown)
	if want := `deep-sigmoid  epoch \d+/300  loss \d\.\d{4}  accuracy [01]\.\d{4} +\d+% `; !regexp.MustCompile(want).MatchString(text) {
		t.Errorf("on the terminal: %q, want %s", text, want)
	}
	for _, frame := range strings.FieldsFunc(text, func(r rune) bool { return r == '\r' || r == '\n' }) {
		if n := len([]rune(regexp.MustCompile(`\x1b\[[0-9;?]*[a-zA-Z]`).ReplaceAllString(frame, ""))); n > 80 {
			t.Errorf("%d columns: %q", n, frame)
		}
	}
	if frames := strings.Split(strings.TrimRight(text, "\r"), "\r"); strings.TrimSpace(regexp.MustCompile(`\x1b\[[0-9;?]*[a-zA-Z]`).ReplaceAllString(frames[len(frames)-1], "")) != "" {
		t.Errorf("the bar is still there: %q", frames[len(frames)-1])
	}
	if strings.Count(out.String(), "\n") != 1 || strings.ContainsAny(out.String(), "\r\x1b") {
		t.Errorf("on standard output: %q", out.String())
	}
}

// onTerminal is what a command shows, on both streams, on a terminal of so many columns.
func onTerminal(t *testing.T, columns uint16, env string, args ...string) string {
	t.Helper()
	screen, user := terminal(t, columns)
	defer screen.Close()
	cmd := command(t, args...)
	cmd.Env = append(cmd.Env, env)
	cmd.Stdout, cmd.Stderr = user, user
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	user.Close()
	shown, _ := io.ReadAll(screen) // ends in EIO when the other side is closed
	if status := exitStatus(t, cmd.Wait()); status != 0 {
		t.Fatalf("%v: status %d: %s", args, status, shown)
	}
	return string(shown)
}

// TestNarrowTerminal: what is a table on 80 columns is none on 40, and nothing is wider than the terminal.
func TestNarrowTerminal(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	dir := t.TempDir()
	t.Chdir(dir)
	train := []string{"run", "noise", "--train-samples", "500", "--hidden", "24", "--batch-size", "50", "--epochs", "20"}
	for _, args := range [][]string{append(train, "--out", "mine"), {"run", "relu", "--epochs", "1", "--train-samples", "500", tiny}, {"list"}, {"runs"}, {"eval", "mine"}, {"diagnose", "mine"}, {"gradients", "--checkpoint", "mine"}, append(train, "--seed", "2", "--out", "second"), append(train, "--dropout", "0.5", "--out", "other"), {"compare", "mine", "second", "other"}} {
		for frame := range strings.FieldsFuncSeq(onTerminal(t, 40, "", args...), func(r rune) bool { return r == '\r' || r == '\n' }) {
			if n := len([]rune(regexp.MustCompile(`\x1b\[[0-9;?]*[a-zA-Z]`).ReplaceAllString(frame, ""))); n > 40 && !strings.HasPrefix(frame, "in /") {
				t.Errorf("%v: %d columns: %q", args, n, frame)
			}
		}
	}
}

// A dumb terminal cannot write over a line: there is no bar, and no control character but the ends of lines.
func TestDumbTerminal(t *testing.T) {
	shown := onTerminal(t, 80, "TERM=dumb", "run", "relu", "--train-samples", "500", "--hidden", "24", "--epochs", "2")
	if strings.ContainsRune(strings.ReplaceAll(shown, "\r\n", "\n"), '\r') || strings.ContainsRune(shown, '\x1b') || !strings.Contains(shown, "kept in relu-seed1-") {
		t.Errorf("got %q", shown)
	}
}
