package main

import (
	"flag"
	"os"
	"os/exec"
	"strings"
	"testing"
)

var (
	playwright  = flag.String("playwright", "", "the Python `interpreter` of an environment with playwright and axe-playwright-python, to play the lab's page in Chromium")
	screenshots = flag.String("screenshots", "", "a `folder` for pictures of the lab's page, to be looked at")
	labChecks   = flag.String("lab-checks", "", "only these checks of the lab's page, apart by commas")
)

// TestLabInBrowser plays the lab's page in a real Chromium: the ladder, mending, drawing, one step apart, going back in time, two tabs, a lost server, both languages, three widths, a hostile page.
func TestLabInBrowser(t *testing.T) {
	if *playwright == "" {
		t.Log("go test ./cmd/stheno -run TestLabInBrowser -playwright PYTHON, which .ci/run does, plays the page in Chromium")
		return
	}
	args := []string{"lab/testdata/browser.py", os.Args[0]}
	if *labChecks != "" {
		args = append(args, strings.Split(*labChecks, ",")...)
	}
	if *screenshots != "" {
		args = append(args, "--screenshots", *screenshots)
	}
	cmd := exec.Command(*playwright, args...)
	cmd.Env = append(os.Environ(), asCommand+"=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v: %s", err, out)
	} else {
		t.Logf("%s", out)
	}
}
