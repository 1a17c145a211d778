package main

import (
	"fmt"
	"io"

	"github.com/schollz/progressbar/v3"

	"github.com/stheno-ml/stheno/graph/train"
)

// progress is an observer that shows a bar with epoch, running loss and accuracy, and the time left.
type progress struct {
	out  io.Writer
	name string
	bar  *progressbar.ProgressBar
	from uint64 // the step that the run began at
	unit int    // steps between two looks at the bar
}

func newProgress(out io.Writer, name string) *progress { return &progress{out: out, name: name} }

func (p *progress) Name() string { return "progress" }

func (p *progress) Observe(e *train.Event) error {
	switch e.Moment {
	case train.Begin:
		p.from = e.Position.Step
		p.bar = progressbar.NewOptions(e.Steps*e.Config.Epochs-int(p.from), barStyle(p.out)...)
		p.unit = max(1, e.Steps/100)
		p.describe(e)
	case train.Step:
		if e.Position.Batch%p.unit == 0 {
			p.describe(e)
			return p.bar.Set64(int64(e.Position.Step - p.from))
		}
	case train.End:
		return p.bar.Clear()
	}
	return nil
}

func (p *progress) describe(e *train.Event) {
	text := fmt.Sprintf("%s  epoch %d/%d", p.name, min(e.Position.Epoch+1, e.Config.Epochs), e.Config.Epochs)
	if e.Position.Seen > 0 {
		text += fmt.Sprintf("  loss %.4f  accuracy %.4f", e.Running.Loss, e.Running.Accuracy)
	}
	p.bar.Describe(text)
}
