// Package runs knows the runs that were kept: by name, and what is in their folders.
package runs

import (
	"cmp"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/files"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/graph/train/run"
)

// Latest is the name of the newest run, where no folder is called so.
const Latest = "latest"

// Open opens the run that a user means: a name that no run has is a wrong command line, a folder that is not there is not.
func Open(name string) (*run.Folder, error) {
	if name == "" {
		return nil, usage.Errorf("got \"\" for a run, want its name or its folder: `stheno runs` lists those that there are")
	}
	dir := Locate(name)
	if _, err := os.Lstat(dir); !os.IsNotExist(err) || filepath.Base(name) != name {
		return run.Open(dir)
	}
	if IsFileName(name) {
		if err := files.Missing(name, "a run, of those that `stheno runs` lists"); err != nil {
			return nil, err
		}
	}
	names := Names()
	if len(names) == 0 {
		return nil, usage.Errorf("there is no run %s: `stheno run relu` makes one", name)
	}
	slices.Reverse(names) // the latest
	return nil, usage.Errorf("there is no run %s: `stheno runs` lists those that there are%s", name, usage.DidYouMean(name, names))
}

// fileEnding is what ends the name of a file rather than a run's: relu-0.5 is none.
var fileEnding = regexp.MustCompile(`^\.[A-Za-z][A-Za-z0-9]*$`)

// IsFileName says whether a name ends like that of a file, be it there or not.
func IsFileName(name string) bool { return fileEnding.MatchString(filepath.Ext(name)) }

// Locate is the folder that a user means: what lies there, a run that `stheno runs` lists, the newest one by "latest", or the newest one of an experiment by its name.
func Locate(name string) string {
	if dir := run.Locate(name); dir != name || filepath.Base(name) != name {
		return dir
	}
	if _, err := os.Lstat(name); err == nil {
		return name
	}
	for _, dir := range Newest() {
		if name == Latest || name == experimentOf(dir) {
			return dir
		}
	}
	return name
}

// Newest are the runs that `stheno runs` lists, those that began last first.
func Newest() []string {
	dirs, _ := run.List() // where they cannot be read there is none to mean
	dirs = slices.DeleteFunc(dirs, func(dir string) bool { return !IsRun(dir) })
	slices.Reverse(dirs) // of one moment the one with the greater name
	slices.SortStableFunc(dirs, func(a, b string) int {
		return cmp.Or(began(b).Compare(began(a)), written(b).Compare(written(a)))
	})
	return dirs
}

// IsRun says whether a folder is a run's, be it damaged.
func IsRun(dir string) bool {
	info, err := os.Lstat(filepath.Join(dir, "run.json"))
	return err == nil && info.Mode().IsRegular()
}

// ownName is what `stheno run` calls a folder: experiment, seed, time, and a number where several began within a second.
var ownName = regexp.MustCompile(`^(.+)-seed[0-9]+-([0-9]{8}-[0-9]{6})(?:-[0-9]+)?$`)

// began is when a run began, to the second: as its folder's name says, or else when its configuration was written.
func began(dir string) time.Time {
	if m := ownName.FindStringSubmatch(filepath.Base(dir)); m != nil {
		if at, err := time.ParseInLocation("20060102-150405", m[2], time.Local); err == nil {
			return at
		}
	}
	return written(dir).Truncate(time.Second)
}

// written is when a run's configuration was, which a resume writes again.
func written(dir string) time.Time {
	info, err := os.Lstat(filepath.Join(dir, "run.json"))
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

// experimentOf is what a run trained, by its configuration or, where that is damaged, by its name.
func experimentOf(dir string) string {
	if folder, err := run.Open(dir); err == nil {
		return folder.Config.Experiment.Name
	}
	if m := ownName.FindStringSubmatch(filepath.Base(dir)); m != nil {
		return m[1]
	}
	return ""
}

// Names are the runs that `stheno runs` lists.
func Names() []string {
	var names []string
	dirs, _ := run.List() // where they cannot be read there is nothing to offer
	for _, dir := range dirs {
		if !run.IsSweep(dir) {
			names = append(names, filepath.Base(dir))
		}
	}
	return names
}

// Sweeps are the sweeps that `stheno runs` lists.
func Sweeps() []string {
	var names []string
	dirs, _ := run.List()
	for _, dir := range dirs {
		if run.IsSweep(dir) {
			names = append(names, filepath.Base(dir))
		}
	}
	return names
}

// Name is the shortest that --resume and the other commands understand for a run's folder.
func Name(dir string) string {
	if name := filepath.Base(dir); run.Locate(name) == dir {
		return name
	}
	return dir
}

// Title is what a run is called where several stand beside one another: its folder's name.
func Title(dir string) string {
	if path, err := filepath.Abs(dir); err == nil {
		dir = path
	}
	return strings.TrimSpace(filepath.Base(dir))
}
