package run

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
)

// Size is how many bytes the files of the run in dir take on disk; 0 of what is no run.
func Size(dir string) (bytes int64) {
	if IsSweep(dir) {
		return sweepSize(dir)
	}
	_ = within(dir, func(root *os.Root) error {
		names, err := ownFiles(root)
		for _, name := range names {
			if info, err := root.Lstat(name); err == nil {
				bytes += info.Size()
			}
		}
		return err
	})
	return bytes
}

// Remove removes the run in dir: its own files, and then the folder. A folder that is none of a run, a run that a process is writing to, and a folder that holds anything else are errors,
// and nothing is touched. Of a sweep the runs go with it. A symbolic link is not followed. The configuration goes last, so that what a stop on the way leaves is still a run, to be removed again.
func Remove(dir string) error {
	if dir == "" {
		return errNoFolder
	}
	if info, err := os.Lstat(dir); err == nil && info.Mode()&fs.ModeSymlink != 0 {
		return fmt.Errorf("run: %s is a symbolic link, which is not followed: remove it, or name the folder", dir)
	}
	if IsSweep(dir) {
		return removeSweep(dir)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("run: %s: %w: want the folder of a run", dir, bare(err))
	}
	defer root.Close()
	if _, err := ownFiles(root); err != nil { // what is no run is not locked, which would write into it
		return err
	}
	l, err := lockFolder(root)
	if err != nil {
		return err
	}
	names, err := ownFiles(root) // now, since who had the lock may have written meanwhile
	if err != nil {
		l.undo()
		return err
	}
	for _, name := range append(names, checkpointFolder, configFile) {
		if err := root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			l.release()
			return fmt.Errorf("run: removing %s: %w: what is left is still a run, remove it again", at(root, name), bare(err))
		}
	}
	l.release()
	if err := root.Remove(lockFile); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("run: removing %s: %w", at(root, lockFile), bare(err))
	}
	if err := os.Remove(dir); err != nil {
		return fmt.Errorf("run: removing the folder %s, which is empty: %w", dir, bare(err))
	}
	return nil
}

// ownFiles lists what a run has in its folder, but for its configuration and its lock: checkpoints, logs, the result, and what was being written or is set aside. The error is of a folder
// that is no run's, or that has anything else, which nobody may remove with it.
func ownFiles(root *os.Root) ([]string, error) {
	if _, err := regular(root, configFile); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("run: %s has no %s: want the folder of a run", root.Name(), configFile)
		}
		return nil, fmt.Errorf("run: %s: %w", at(root, configFile), bare(err))
	}
	var own []string
	var strange []string
	look := func(dir string) error {
		entries, err := fs.ReadDir(root.FS(), dir)
		if err != nil {
			return fmt.Errorf("run: %s: %w", at(root, dir), bare(err))
		}
		for _, e := range entries {
			name := path.Join(dir, e.Name())
			switch {
			case name == checkpointFolder && e.IsDir(), name == configFile, name == lockFile:
			case e.Type().IsRegular() && isOwn(name):
				own = append(own, name)
			default:
				strange = append(strange, name)
			}
		}
		return nil
	}
	if err := look("."); err != nil {
		return nil, err
	}
	if info, err := root.Lstat(checkpointFolder); err == nil && info.IsDir() {
		if err := look(checkpointFolder); err != nil {
			return nil, err
		}
	}
	if len(strange) > 0 {
		return nil, fmt.Errorf("run: %s holds %s, which is no part of a run: move it away, or remove the folder by other means", root.Name(), strings.Join(strange[:min(3, len(strange))], ", "))
	}
	return own, nil
}

// isOwn says whether a run calls a file so.
func isOwn(name string) bool {
	dir, file := path.Split(strings.TrimSuffix(name, setAside))
	switch {
	case ownTemporary.MatchString(file):
		return true
	case dir == "":
		return file == resultFile || path.Ext(file) == logSuffix
	}
	return checkpointName.MatchString(file)
}
