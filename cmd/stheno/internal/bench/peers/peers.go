// Package peers runs the same training in other frameworks, in processes of their own, an epoch at a time.
package peers

import (
	"bufio"
	"bytes"
	"context"
	"embed"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/stheno-ml/stheno/datasets"
)

//go:embed *.py
var scripts embed.FS

// ways are the peers: a script and its argument.
var ways = [][]string{{"torch_peer.py", "eager"}, {"torch_peer.py", "compiled"}, {"jax_peer.py"}, {"keras_peer.py"}}

// A Regime is what a peer is asked to time an epoch of.
type Regime struct {
	Name         string  `json:"regime"`
	Network      string  `json:"network"` // what the scripts know it by; "": dense layers, as the next lines say
	Samples      int     `json:"samples"` // of an epoch
	Batch        int     `json:"batch"`
	Hidden       []int   `json:"hidden"` // widths of the hidden layers
	Classes      int     `json:"classes"`
	Activation   string  `json:"activation"` // of the hidden layers
	Dropout      float64 `json:"dropout"`    // rate after each of them
	Optimizer    string  `json:"optimizer"`
	LearningRate float64 `json:"learning_rate"` // 0: the optimizer's default
	Predict      bool    `json:"predict"`       // forward only
	Net          bool    `json:"net"`           // the scripts' network of the regime's name, in place of a multilayer perceptron
	Words        bool    `json:"words"`         // of ids, in place of the images
}

// Data are the samples of the regimes: images, and words, ids one sample after another with the class of each.
type Data struct {
	Images       *datasets.Dataset
	IDs, Classes []int32
}

// A Peer is one of them, with its version.
type Peer struct {
	Name    string
	process *exec.Cmd
	to      io.WriteCloser
	from    *bufio.Scanner
	log     *bytes.Buffer
}

// All are the peers that an interpreter of Python has; Close ends them.
type All struct {
	Peers   []*Peer
	Missing []string // why another is not there
	folder  string
}

// Start starts the peers with the samples to train on, each on so many threads. An interpreter that does not run is an error.
func Start(ctx context.Context, python string, data Data, threads int) (all *All, err error) {
	path, err := exec.LookPath(python)
	if err != nil {
		return nil, fmt.Errorf("--python: %w: want the interpreter of a virtual environment with torch, jax or keras, such as venv/bin/python", err)
	}
	all = new(All)
	defer func() {
		if err != nil {
			all.Close()
			all = nil
		}
	}()
	if all.folder, err = os.MkdirTemp("", "stheno-bench-"); err != nil {
		return all, err
	}
	if err := os.CopyFS(all.folder, scripts); err != nil {
		return all, err
	}
	if err := write(all.folder, data); err != nil {
		return all, err
	}
	hello := map[string]any{"threads": threads, "folder": all.folder, "inputs": data.Images.Features(), "length": len(data.IDs) / max(1, len(data.Classes))}
	for _, way := range ways {
		p, err := start(ctx, path, all.folder, way, hello)
		if ctx.Err() != nil {
			return all, context.Cause(ctx)
		}
		if err != nil {
			all.Missing = append(all.Missing, fmt.Sprintf("%s: %v", strings.ReplaceAll(strings.Join(way, " "), "_peer.py", ""), err))
			continue
		}
		all.Peers = append(all.Peers, p)
	}
	return all, nil
}

// write puts the samples where the scripts read them: x, [samples,features] in float32, and y, [samples] in int32; and the words, both in int32.
func write(folder string, data Data) error {
	images := data.Images
	x, y := make([]float32, images.Len()*images.Features()), make([]int32, images.Len())
	for i := range y {
		images.Row(x[i*images.Features():(i+1)*images.Features()], i)
		y[i] = int32(images.Label(i))
	}
	for name, values := range map[string]any{"x": x, "y": y, "ids": data.IDs, "classes": data.Classes} {
		raw, err := binary.Append(nil, binary.NativeEndian, values)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, name), raw, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func start(ctx context.Context, python, folder string, way []string, hello any) (*Peer, error) {
	p := &Peer{process: exec.CommandContext(ctx, python, append([]string{filepath.Join(folder, way[0])}, way[1:]...)...), log: new(bytes.Buffer)}
	p.process.Stderr = p.log
	p.process.WaitDelay = time.Second // a compiler's helpers may hold the pipe
	to, err := p.process.StdinPipe()
	if err != nil {
		return nil, err
	}
	from, err := p.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.process.Start(); err != nil {
		return nil, err
	}
	p.to, p.from = to, bufio.NewScanner(from)
	a, err := p.ask(hello)
	if err != nil {
		p.end()
		return nil, err
	}
	p.Name = a.Name
	return p, nil
}

type answer struct {
	Name, Error string
	Seconds     float64
}

func (p *Peer) ask(question any) (answer, error) {
	var a answer
	line, err := json.Marshal(question)
	if err != nil {
		return a, err
	}
	_, err = p.to.Write(append(line, '\n'))
	if err != nil || !p.from.Scan() {
		return a, errors.New("it ended: " + p.end())
	}
	if err := json.Unmarshal(p.from.Bytes(), &a); err != nil {
		return a, fmt.Errorf("got %q, want JSON: %w", p.from.Text(), err)
	}
	if a.Error != "" {
		return a, errors.New(a.Error)
	}
	return a, nil
}

// Epoch is how many seconds an epoch of a regime took. The first one of a regime compiles. An error is what the peer says.
func (p *Peer) Epoch(r Regime) (float64, error) {
	a, err := p.ask(r)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", p.Name, err)
	}
	return a.Seconds, nil
}

// end ends the process and returns the last line that it wrote.
func (p *Peer) end() string {
	p.to.Close()
	p.process.Process.Kill()
	p.process.Wait()
	lines := strings.Split(strings.TrimSpace(p.log.String()), "\n")
	return lines[len(lines)-1]
}

// Close ends the peers and removes what they read.
func (a *All) Close() {
	for _, p := range a.Peers {
		p.end()
	}
	os.RemoveAll(a.folder)
}
