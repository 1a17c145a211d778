package train

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Log is an observer that writes a line for each epoch to a file: CSV with a head where its name ends in .csv, a JSON object a line where it ends in .jsonl, .ndjson or .json. Each
// has the epoch, the steps so far, the learning rate of the last one, the running figures, those on the validation data with "validation_" before their names, the
// steps that were clipped where something clips, and the seconds:
//
//	{"epoch":1,"step":100,"rate":0.001,"loss":0.35,"accuracy":0.9,"validation_loss":0.3,"validation_accuracy":0.91,"seconds":0.9}
//
// A line is in the file as soon as its epoch is over. A run from the beginning writes the file anew; one that goes on keeps the lines of the epochs before its
// Start, and no others. A file that holds something else is refused.
func Log(path string) Observer {
	return &log{path: path, open: func(keep []byte) (io.WriteCloser, error) {
		f, err := os.Create(path)
		if err == nil {
			_, err = f.Write(keep)
		}
		return f, err
	}}
}

// LogTo is a Log in JSON lines to a writer, such as standard output.
func LogTo(w io.Writer) Observer {
	return &log{open: func([]byte) (io.WriteCloser, error) { return nopCloser{w}, nil }}
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }

type log struct {
	path string // "" of a writer
	open func(keep []byte) (io.WriteCloser, error)
	to   io.WriteCloser // nil until the first line
	keep []byte         // of the file
	rate float64
}

func (l *log) Name() string { return "log" }

func (l *log) Observe(e *Event) error {
	switch e.Moment {
	case Begin:
		return l.begin(e.Position.Epoch)
	case Step:
		l.rate = e.Rate
	case Epochal:
		return l.epoch(e)
	case End:
		if l.to != nil {
			return l.to.Close()
		}
	}
	return nil
}

func (l *log) csv() bool { return strings.EqualFold(filepath.Ext(l.path), ".csv") }

// begin reads what the file has, and checks that it can be written.
func (l *log) begin(epochs int) error {
	l.to, l.keep, l.rate = nil, nil, math.NaN()
	if l.path == "" {
		return nil
	}
	switch strings.ToLower(filepath.Ext(l.path)) {
	case ".csv", ".jsonl", ".ndjson", ".json":
	default:
		return fmt.Errorf("got the file %s, want its name to end in .csv, or in .jsonl for lines of JSON", l.path)
	}
	if info, err := os.Stat(filepath.Dir(l.path)); err != nil || !info.IsDir() {
		return fmt.Errorf("got the file %s, and there is no folder %s: make it", l.path, filepath.Dir(l.path))
	}
	old, err := os.ReadFile(l.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(bytes.NewReader(old))
	lines.Buffer(nil, 1<<20)
	for first := true; lines.Scan(); first = false {
		line := lines.Text()
		epoch, ok := l.epochOf(line)
		if first && l.csv() && strings.HasPrefix(line, "epoch,step,") {
			epoch, ok = 0, true
		}
		switch {
		case !ok && first:
			return fmt.Errorf("%s holds something else than a log: give another file", l.path)
		case !ok || epoch > epochs || epochs == 0:
		default:
			l.keep = append(append(l.keep, line...), '\n')
		}
	}
	return lines.Err()
}

// epochOf is the epoch of a line.
func (l *log) epochOf(line string) (epoch int, ok bool) {
	if l.csv() {
		first, _, _ := strings.Cut(line, ",")
		epoch, err := strconv.Atoi(first)
		return epoch, err == nil
	}
	var is struct{ Epoch, Step *int }
	if err := json.Unmarshal([]byte(line), &is); err != nil || is.Epoch == nil || is.Step == nil {
		return 0, false
	}
	return *is.Epoch, true
}

// epoch writes a line.
func (l *log) epoch(e *Event) error {
	last := e.History.Epochs[len(e.History.Epochs)-1]
	names, values := []string{"epoch", "step", "rate"}, []float64{float64(last.Epoch), float64(e.Position.Step), l.rate}
	add := func(name string, value float64) { names, values = append(names, name), append(values, value) }
	figures := func(before string, m Metrics) {
		add(before+"loss", m.Loss)
		for _, s := range m.Scores {
			add(before+s.Name, s.Value)
		}
	}
	figures("", last.Running)
	if last.Evaluated != nil {
		figures("validation_", *last.Evaluated)
	}
	if last.Clipped != nil {
		add("clipped", float64(last.Clipped.Steps))
	}
	add("seconds", math.Round(last.Seconds*1e3)/1e3)

	var text bytes.Buffer
	if l.csv() {
		w := csv.NewWriter(&text)
		if l.to == nil && l.keep == nil {
			_ = w.Write(names)
		}
		row := make([]string, len(values))
		for i, v := range values {
			row[i] = strconv.FormatFloat(v, 'g', -1, 64)
			if names[i] == "epoch" || names[i] == "step" {
				row[i] = strconv.FormatFloat(v, 'f', 0, 64)
			}
		}
		_ = w.Write(row)
		w.Flush()
	} else {
		for i, v := range values {
			name, err := json.Marshal(names[i])
			if err != nil {
				return err
			}
			value := []byte("null")
			if v-v == 0 {
				if value, err = json.Marshal(v); err != nil {
					return err
				}
			}
			fmt.Fprintf(&text, "%c%s:%s", "{,"[min(i, 1)], name, value)
		}
		text.WriteString("}\n")
	}
	if l.to == nil {
		to, err := l.open(l.keep)
		if err != nil {
			return err
		}
		l.to = to
	}
	_, err := l.to.Write(text.Bytes())
	return err
}
