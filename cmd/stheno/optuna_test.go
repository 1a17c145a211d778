package main

import (
	"flag"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

var optuna = flag.String("optuna", "", "the Python `interpreter` of an environment with optuna, to run the README's program that drives stheno from it")

// TestOptuna: the program that the README shows is the one that is here, and it finds something.
func TestOptuna(t *testing.T) {
	script, err := os.ReadFile("testdata/tune.py")
	if err != nil {
		t.Fatal(err)
	}
	shown := false
	for _, b := range blocks(t, "README.md") {
		shown = shown || b.language == "python" && b.text == string(script)
	}
	if !shown {
		t.Error("the README does not show testdata/tune.py as it is")
	}
	if *optuna == "" {
		return
	}
	cmd := exec.Command(*optuna, "testdata/tune.py", os.Args[0])
	cmd.Env = append(os.Environ(), asCommand+"=1")
	var errOut strings.Builder
	cmd.Stderr = &errOut
	out, err := cmd.Output()
	if err != nil || !regexp.MustCompile(`^best: \{'learning-rate': 0\.\d+, 'hidden': \d+\} 0\.\d+ \([1-7] pruned\)\n$`).Match(out) {
		t.Errorf("%v: got %q and %s", err, out, errOut.String())
	}
}
