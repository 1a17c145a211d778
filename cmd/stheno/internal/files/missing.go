package files

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
)

// Missing says that there is nothing where a user named a file or folder, what could be there, and what is that has nearly that name; nil where there is something.
func Missing(path, want string) error {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var names []string
	beside, _ := os.ReadDir(filepath.Dir(path)) // without any there is nothing to be meant
	for _, e := range beside {
		names = append(names, e.Name())
	}
	return fmt.Errorf("%s: no such file or folder, want %s%s", path, want, usage.DidYouMean(filepath.Base(path), names))
}
