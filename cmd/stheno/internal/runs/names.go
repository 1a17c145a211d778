// Package runs knows the runs that were kept: by name, and what is in their folders.
package runs

import (
	"os"
	"path/filepath"
	"slices"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/graph/train/run"
)

// Open opens the run that a user means: a name that no run has is a wrong command line, a folder that is not there is not.
func Open(name string) (*run.Folder, error) {
	if name == "" {
		return nil, usage.Errorf("got \"\" for a run, want its name or its folder: `stheno runs` lists those that there are")
	}
	dir := run.Locate(name)
	if _, err := os.Lstat(dir); !os.IsNotExist(err) || filepath.Base(name) != name {
		return run.Open(dir)
	}
	names := Names()
	if len(names) == 0 {
		return nil, usage.Errorf("there is no run %s: `stheno run relu` makes one", name)
	}
	slices.Reverse(names) // the latest
	return nil, usage.Errorf("there is no run %s: `stheno runs` lists those that there are%s", name, usage.DidYouMean(name, names))
}

// Names are the runs that `stheno runs` lists.
func Names() []string {
	var names []string
	dirs, _ := run.List() // where they cannot be read there is nothing to offer
	for _, dir := range dirs {
		names = append(names, filepath.Base(dir))
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
