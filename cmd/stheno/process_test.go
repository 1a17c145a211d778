package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// command is stheno as a process of its own.
func command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), asCommand+"=1")
	return cmd
}

func exitStatus(t *testing.T, err error) int {
	t.Helper()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.ExitCode()
	}
	t.Fatal(err)
	return -1
}

// TestSignals: the first signal ends the run after the step in hand, with what it has and the status that a shell expects.
func TestSignals(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no signals of this kind")
	}
	for _, c := range []struct {
		signal syscall.Signal
		status int
		word   string
	}{{syscall.SIGINT, 130, "interrupted"}, {syscall.SIGTERM, 143, "terminated"}} {
		// So many epochs that it says how long it takes, which tells that it has begun.
		cmd := command(t, "run", "relu", "--train-samples", "500", "--hidden", "24", "--epochs", "10000000", "--json")
		var out bytes.Buffer
		cmd.Stdout = &out
		pipe, err := cmd.StderrPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		errOut := bufio.NewReader(pipe)
		begun, err := errOut.ReadString('\n')
		if err != nil || !regexp.MustCompile(`^relu: 50000000 steps of 100 take about \d+ (minutes|hours); Ctrl-C stops it\n$`).MatchString(begun) {
			t.Errorf("before it began it said %q, %v", begun, err)
		}
		time.Sleep(200 * time.Millisecond) // so that there is something to show; the test holds without it
		if err := cmd.Process.Signal(c.signal); err != nil {
			t.Fatal(err)
		}
		last, err := io.ReadAll(errOut)
		if err != nil {
			t.Fatal(err)
		}
		if status := exitStatus(t, cmd.Wait()); status != c.status {
			t.Errorf("%v: status %d, want %d", c.signal, status, c.status)
		}
		if want := `^stheno: relu: stopped after \d+ steps: ` + c.word + `; to go on: stheno run --resume .+\n$`; !regexp.MustCompile(want).Match(last) {
			t.Errorf("%v: it said %q, want %s", c.signal, last, want)
		}
		var r struct {
			Train   any
			History []struct{ Epoch int }
			Reason  string
		}
		if err := json.Unmarshal(out.Bytes(), &r); err != nil || r.Train != nil || !strings.HasSuffix(r.Reason, c.word) {
			t.Errorf("%v: standard output %q, %v", c.signal, out.String(), err)
		}
	}
}

// TestInterruptedWhileReading: Ctrl-C ends a command that waits for its standard input.
func TestInterruptedWhileReading(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no signals of this kind")
	}
	dir := t.TempDir() + "/run"
	ok(t, smallRun("relu", "--out", dir)...)
	cmd := command(t, "predict", dir, "-")
	var errOut bytes.Buffer
	cmd.Stderr = &errOut
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := in.Write(make([]byte, 1<<20)); err != nil { // more than a pipe holds: it is reading when this is over
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if status := exitStatus(t, cmd.Wait()); status != 130 || errOut.String() != "stheno: interrupted\n" {
		t.Errorf("status %d, %q", status, errOut.String())
	}
}

// TestClosedPipe: who reads no more, as head does, ends the command without a word.
func TestClosedPipe(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no signals of this kind")
	}
	for _, args := range [][]string{{"list"}, {"list", "--json"}, {"run", "--help"}, smallRun("relu", "--json")} {
		read, write, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		read.Close()
		cmd := command(t, args...)
		var errOut bytes.Buffer
		cmd.Stdout, cmd.Stderr = write, &errOut
		err = cmd.Run()
		write.Close()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGPIPE || errOut.Len() > 0 {
			t.Errorf("%v: %v, %q", args, err, errOut.String())
		}
	}
}

// Columns stand below one another in a Chinese locale too, where the table library would take – and × for two columns wide.
func TestTableInChineseLocale(t *testing.T) {
	cmd := command(t, "list")
	cmd.Env = append(cmd.Env, "LC_ALL=zh_TW.UTF-8")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "list.txt", string(out))
}
