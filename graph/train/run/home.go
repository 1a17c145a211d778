package run

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
	"unicode"
)

// Home is where runs are kept that were given no folder: stheno/runs in the user's state folder. On Linux that is
// $XDG_STATE_HOME, or ~/.local/state; on macOS ~/Library/Application Support; on Windows %LocalAppData%. It need not exist yet.
func Home() (string, error) {
	state := os.Getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(state) { // the specification has others ignored
		home, err := os.UserHomeDir()
		if err == nil {
			switch runtime.GOOS {
			case "darwin", "ios":
				state = filepath.Join(home, "Library", "Application Support")
			case "windows":
				state, err = os.UserCacheDir()
			default:
				state = filepath.Join(home, ".local", "state")
			}
		}
		if err != nil {
			return "", fmt.Errorf("run: there is no folder to keep runs in: %w: set XDG_STATE_HOME to the path of one", err)
		}
	}
	return filepath.Join(state, "stheno", "runs"), nil
}

// NewDir makes an empty folder in Home for a run, called after the experiment, the seed and the time, and returns its path. An experiment whose name
// can begin no folder's is refused: it is empty, begins with a dash, or has a slash, a backslash, a colon, or what cannot be printed.
func NewDir(experiment string, seed uint64) (string, error) {
	unfit := func(c rune) bool { return strings.ContainsRune(`/\:`, c) || !unicode.IsPrint(c) }
	if experiment == "" || experiment[0] == '-' || strings.ContainsFunc(experiment, unfit) {
		return "", fmt.Errorf("run: got an experiment named %q, want a name without /, \\ and : that a folder can have, such as relu", experiment)
	}
	home, err := Home()
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(home, 0o755); err != nil {
		return "", fmt.Errorf("run: making the folder %s: %w: give another with --out", home, bare(err))
	}
	name := filepath.Join(home, fmt.Sprintf("%s-seed%d-%s", experiment, seed, time.Now().Format("20060102-150405")))
	for i, dir := 2, name; ; i, dir = i+1, fmt.Sprintf("%s-%d", name, i) {
		if err := os.Mkdir(dir, 0o755); !errors.Is(err, fs.ErrExist) {
			if err != nil {
				err = fmt.Errorf("run: making the folder %s: %w: give another with --out", dir, bare(err))
			}
			return dir, err
		}
	}
}

// Locate is the folder that a user means: name itself where there is such a thing or nothing in Home is called that, else the run there, or the sweep, or a sweep's trial, such as relu-sweep/1-seed1.
func Locate(name string) string {
	if home, err := Home(); err == nil && !exists(name) && filepath.IsLocal(name) && exists(filepath.Join(home, name)) {
		return filepath.Join(home, name)
	}
	return name
}

// List lists the folders in Home, full paths in order of names; none where there is no Home yet.
func List() ([]string, error) {
	home, err := Home()
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(home)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("run: %s: %w", home, bare(err))
	}
	var dirs []string
	for _, e := range entries {
		if e.IsDir() {
			dirs = append(dirs, filepath.Join(home, e.Name()))
		}
	}
	return dirs, nil
}
