package main

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSchedule(t *testing.T) {
	out := ok(t, "schedule", "warmup 100, cosine 0.1 0.001")
	lines := strings.Split(out, "\n")
	if len(lines) < 15 || lines[0] != "warmup 100, cosine 0.1 to=0.001" || !strings.HasPrefix(lines[2], "      0.1 |") || !strings.Contains(out, "1000 steps\n") {
		t.Errorf("got\n%s", out)
	}
	var got struct {
		Schedule string
		Rates    []float64
	}
	if err := json.Unmarshal([]byte(ok(t, "schedule", "step 2epochs 0.5", "--steps", "50", "--steps-per-epoch", "10", "--learning-rate", "0.4", "--json")), &got); err != nil || len(got.Rates) != 50 || got.Schedule != "step 2epochs 0.5" {
		t.Fatalf("%+v, %v", got, err)
	}
	for i, rate := range got.Rates {
		if want := .4 * math.Pow(.5, float64(i/20)); math.Abs(rate-want) > 1e-12 {
			t.Errorf("step %d: got %v, want %v", i+1, rate, want)
		}
	}
	path := filepath.Join(t.TempDir(), "s.svg")
	ok(t, "schedule", "one-cycle 0.1", "-o", path, "--steps", "100000")
	picture, err := os.ReadFile(path)
	if err != nil || !strings.HasPrefix(string(picture), "<svg") || len(picture) > 100_000 || !strings.Contains(string(picture), "one-cycle 0.1") {
		t.Errorf("%d bytes, %v", len(picture), err)
	}
	if out := ok(t, "schedule", "constant", "--steps", "1", "-o", "-"); !strings.Contains(out, "</svg>") {
		t.Errorf("got %s", out)
	}
	for _, c := range []struct{ args, says string }{
		{"cosin", `did you mean "cosine"`}, {"cosine, constant", "give it a length"}, {"cosine --steps 0", "--steps: got 0"}, {"cosine --steps-per-epoch -1", "at least 1"},
		{"cosine --learning-rate -1", "--learning-rate"}, {"", "a schedule"},
	} {
		args := []string{"schedule"}
		if c.args != "" {
			words, flags, _ := strings.Cut(c.args, " --")
			args = append(args, words)
			if flags != "" {
				args = append(args, strings.Fields("--"+flags)...)
			}
		}
		if status, _, errOut := stheno(args...); status != 2 || !strings.Contains(errOut, c.says) {
			t.Errorf("%q: status %d, %q, want 2 and %q", c.args, status, errOut, c.says)
		}
	}
	if status, _, errOut := stheno("schedule", "cosine", "-o", filepath.Join(t.TempDir(), "none", "s.svg")); status != 1 || !strings.Contains(errOut, "no folder") {
		t.Errorf("status %d, %q", status, errOut)
	}
}
