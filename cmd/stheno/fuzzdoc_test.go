package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestFuzzTargetsSayHow: each says the command that runs it, with the flag without which Go's minimisation starves it.
func TestFuzzTargetsSayHow(t *testing.T) {
	target := regexp.MustCompile(`(?m)((?:^//.*\n)*)^func (Fuzz\w+)\(`)
	found := 0
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && d.Name()[0] == '.' && d.Name() != "..":
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		folder, _ := filepath.Rel("../..", filepath.Dir(path))
		for _, m := range target.FindAllStringSubmatch(string(text), -1) {
			found++
			if want := "go test ./" + filepath.ToSlash(folder) + " -run - -fuzz '^" + m[2] + "$' -fuzzminimizetime 1x"; !strings.Contains(strings.ReplaceAll(m[1], "\n// ", " "), want) {
				t.Errorf("%s: %s: its comment lacks %q", path, m[2], want)
			}
		}
		return nil
	})
	if err != nil || found < 15 {
		t.Errorf("found %d fuzz targets, %v", found, err)
	}
}
