package run

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"

	"github.com/stheno-ml/stheno/graph/train"
)

// The logs that every run has. Seconds have one of their own, so that the others are the same bytes in every run of one
// configuration.
const (
	metricsLog = "metrics"
	timingsLog = "timings"
	logSuffix  = ".jsonl"
)

// maxLine is the most bytes that a line of a log may have.
const maxLine = 64 << 20

// metricsLine is a line of metrics.jsonl: an epoch that is over.
type metricsLine struct {
	Epoch     int            `json:"epoch"` // from 1
	Step      uint64         `json:"step"`  // steps of the run that are over
	Running   train.Metrics  `json:"running"`
	Evaluated *train.Metrics `json:"evaluated,omitempty"`
	Clipped   *train.Clipped `json:"clipped,omitempty"`
}

type timingsLine struct {
	Epoch   int     `json:"epoch"`
	Seconds float64 `json:"seconds"` // of its steps, but for those made before a resume
}

// mark is how far a log had come when a checkpoint was taken.
type mark struct {
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// logFile is a log that is being written: a JSON object a line, each handed to the system whole.
type logFile struct {
	file  file
	bytes int64
	hash  hash.Hash
	dirty bool // since the last sync
}

func openLog(d disk, root *os.Root, name string) (*logFile, error) {
	f, err := d.append(root, name)
	if err != nil {
		return nil, fmt.Errorf("run: %s: %w", at(root, name), bare(err))
	}
	return &logFile{file: f, hash: sha256.New()}, nil
}

func (l *logFile) write(line []byte) error {
	if _, err := l.file.Write(line); err != nil {
		return bare(err)
	}
	l.hash.Write(line)
	l.bytes += int64(len(line))
	l.dirty = true
	return nil
}

// mark syncs the log and says how far it has come.
func (l *logFile) mark() (mark, error) {
	if l.dirty {
		if err := l.file.Sync(); err != nil {
			return mark{}, bare(err)
		}
		l.dirty = false
	}
	return mark{l.bytes, hex.EncodeToString(l.hash.Sum(nil))}, nil
}

// reopenLog opens a log to go on after what a checkpoint has of it, which head is, once it has found that unchanged.
func reopenLog(d disk, root *os.Root, name string, to mark) (l *logFile, head []byte, err error) {
	r, size, err := openRegular(root, name)
	if err != nil {
		return nil, nil, err
	}
	defer r.Close()
	head, err = io.ReadAll(io.LimitReader(r, to.Bytes))
	if err != nil {
		return nil, nil, fmt.Errorf("run: %s: %w", at(root, name), bare(err))
	}
	h := sha256.New()
	h.Write(head)
	if to.Bytes < 0 || size < to.Bytes || hex.EncodeToString(h.Sum(nil)) != to.SHA256 {
		return nil, nil, fmt.Errorf("run: %s: its first %d bytes are not those that the checkpoint was taken with (it has %d): it was changed or cut short: put it back, or go on from an earlier checkpoint with --resume-from", at(root, name), to.Bytes, size)
	}
	if l, err = openLog(d, root, name); err == nil {
		l.hash, l.bytes = h, to.Bytes
	}
	return l, head, err
}

// readLog yields the lines of a log that are whole: one that was torn at the end of the file is left out.
func readLog(dir, name string) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		var r *os.File
		err := within(dir, func(root *os.Root) (err error) {
			r, _, err = openRegular(root, name)
			return err
		})
		if errors.Is(err, fs.ErrNotExist) {
			return // nothing was logged
		}
		if err != nil {
			yield(nil, err)
			return
		}
		defer r.Close()
		for line, err := range lines(filepath.Join(dir, name), r) {
			if !yield(line, err) {
				return
			}
		}
	}
}

// lines yields the whole lines of r; path stands in the errors, after which there are no more.
func lines(path string, r io.Reader) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		lines := bufio.NewScanner(r)
		lines.Buffer(nil, maxLine)
		lines.Split(wholeLines)
		n := 0
		for lines.Scan() {
			n++
			if !json.Valid(lines.Bytes()) {
				yield(nil, fmt.Errorf("run: %s: line %d is not JSON: it is damaged: put the file back, or go on from an earlier checkpoint with --resume-from, which cuts it back", path, n))
				return
			}
			if !yield(json.RawMessage(bytes.Clone(lines.Bytes())), nil) {
				return
			}
		}
		if err := lines.Err(); err != nil {
			yield(nil, fmt.Errorf("run: %s: line %d: %w (a line may have %d bytes)", path, n+1, bare(err), maxLine))
		}
	}
}

// wholeLines is a bufio.SplitFunc for lines that end in a newline; what follows the last one is dropped.
func wholeLines(data []byte, atEOF bool) (advance int, token []byte, err error) {
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		return i + 1, data[:i], nil
	}
	if atEOF {
		return len(data), nil, nil
	}
	return 0, nil, nil
}

// readEpochs reads the epochs of a run, and the number of steps after each.
func readEpochs(dir string) (epochs []train.Epoch, steps []uint64, err error) {
	metrics := metricsLog + logSuffix
	if epochs, steps, err = parseEpochs(filepath.Join(dir, metrics), readLog(dir, metrics)); err != nil {
		return nil, nil, err
	}
	_ = parseTimings(filepath.Join(dir, timingsLog+logSuffix), readLog(dir, timingsLog+logSuffix), epochs) // without them all else is there
	return epochs, steps, nil
}

// parseEpochs makes epochs of the lines of a run's metrics.
func parseEpochs(path string, lines iter.Seq2[json.RawMessage, error]) (epochs []train.Epoch, steps []uint64, err error) {
	for line, err := range lines {
		if err != nil {
			return nil, nil, err
		}
		var m metricsLine
		if err := json.Unmarshal(line, &m); err != nil || m.Epoch != len(epochs)+1 {
			return nil, nil, fmt.Errorf("run: %s: line %d is not epoch %d's: it is damaged", path, len(epochs)+1, len(epochs)+1)
		}
		epochs = append(epochs, train.Epoch{Epoch: m.Epoch, Running: m.Running, Evaluated: m.Evaluated, Clipped: m.Clipped})
		steps = append(steps, m.Step)
	}
	return epochs, steps, nil
}

// parseTimings gives the epochs their seconds. The error says that not all lines are what they were written as; those that are count all the same.
func parseTimings(path string, lines iter.Seq2[json.RawMessage, error], epochs []train.Epoch) (damaged error) {
	n := 0
	for line, err := range lines {
		if err != nil {
			return err
		}
		n++
		var t timingsLine
		if err := json.Unmarshal(line, &t); err != nil || t.Epoch < 1 || !(t.Seconds >= 0) {
			damaged = fmt.Errorf("run: %s: line %d is not an epoch's seconds", path, n)
		} else if t.Epoch <= len(epochs) {
			epochs[t.Epoch-1].Seconds = t.Seconds
		}
	}
	return damaged
}
