package run

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// sweepSize is the bytes of a sweep's plan and runs.
func sweepSize(dir string) (bytes int64) {
	if info, err := os.Lstat(filepath.Join(dir, sweepFile)); err == nil {
		bytes = info.Size()
	}
	trials, _, _ := ownTrials(dir) // what cannot be read has no size
	for _, trial := range trials {
		bytes += Size(trial)
	}
	return bytes
}

// ownTrials lists the folders of a sweep's runs, and those that a kill has left without a configuration. The error is of a sweep that holds anything else.
func ownTrials(dir string) (trials, begun []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, nil, fmt.Errorf("run: %s: %w", dir, bare(err))
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		switch {
		case e.Type().IsRegular() && (e.Name() == sweepFile || e.Name() == lockFile || ownTemporary.MatchString(e.Name())):
		case !e.IsDir() || !trialName.MatchString(e.Name()):
			return nil, nil, fmt.Errorf("run: %s holds %s, which is no part of a sweep: move it away, or remove the folder by other means", dir, e.Name())
		case exists(filepath.Join(path, configFile)):
			if err := within(path, func(root *os.Root) error {
				_, err := ownFiles(root)
				return err
			}); err != nil {
				return nil, nil, err
			}
			trials = append(trials, path)
		default:
			if err := Fresh(path); err != nil {
				return nil, nil, err
			}
			begun = append(begun, path)
		}
	}
	return trials, begun, nil
}

// removeSweep removes a sweep: its runs, and its plan last, so that what a stop on the way leaves is still a sweep.
func removeSweep(dir string) error {
	s := &Sweep{Dir: dir}
	if _, _, err := ownTrials(dir); err != nil {
		return err
	}
	if err := s.open(); err != nil {
		return err
	}
	defer s.Close()
	trials, begun, err := ownTrials(dir) // again, since who had the lock may have written meanwhile
	for _, trial := range trials {
		if err == nil {
			err = Remove(trial)
		}
	}
	for _, trial := range begun {
		for _, name := range []string{checkpointFolder, lockFile, "."} {
			if removed := os.Remove(filepath.Join(trial, name)); err == nil && removed != nil && !errors.Is(removed, fs.ErrNotExist) {
				err = fmt.Errorf("run: removing %s: %w: what is left is still a sweep, remove it again", trial, bare(removed))
			}
		}
	}
	if err != nil {
		return err
	}
	s.Close()
	for _, name := range []string{sweepFile, lockFile, "."} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("run: removing %s: %w", filepath.Join(dir, name), bare(err))
		}
	}
	return nil
}
