// Package progress shows how far a training or a download is.
package progress

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/schollz/progressbar/v3"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/interrupt"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/term"
	"github.com/stheno-ml/stheno/graph/train"
)

// Observer is an observer that shows, on a terminal, a bar with epoch, running loss and accuracy, and the time left. Where the run will
// take more than a minute it says so, on a terminal or not, and there or not it leaves a line an epoch, if it is to; of more
// than two hundred epochs one in several.
type Observer struct {
	out   io.Writer
	name  string
	Until uint64 // the steps to go, where the run ends before its last epoch; 0 if it does not
	Lines bool   // leaves a line an epoch
	Quiet bool   // shows and says nothing

	bar      *progressbar.ProgressBar // nil where there is none
	from, at uint64                   // steps, at the beginning and now
	unit     int                      // steps between two looks at the bar
	began    time.Time                // when the first step was over, which makes the buffers; zero once the time is known
}

// New shows on out how far the training of that name is.
func New(out io.Writer, name string) *Observer { return &Observer{out: out, name: term.Plain(name)} }

// Name is an observer's.
func (p *Observer) Name() string { return "progress" }

// Observe moves the bar.
func (p *Observer) Observe(e *train.Event) error {
	p.at = e.Position.Step
	if p.Quiet {
		return nil
	}
	switch e.Moment {
	case train.Begin:
		if p.from = p.at; p.Until == 0 {
			p.Until = uint64(e.Steps) * uint64(e.Config.Epochs)
		}
		p.unit = max(1, e.Steps/100)
		if term.ShowsProgress(p.out) {
			p.bar = NewBar(p.out, int64(p.Until-p.from))
			p.describe(e)
		}
	case train.Step:
		if p.at == p.from+1 {
			p.began = time.Now()
		} else if !p.began.IsZero() {
			if err := p.warnIfLong(e); err != nil {
				return err
			}
		}
		if p.bar != nil && e.Position.Batch%p.unit == 0 {
			p.describe(e)
			return p.bar.Set64(int64(p.at - p.from))
		}
	case train.Epochal:
		if at, every := e.Position.Epoch, max(1, e.Config.Epochs/mostLines); p.Lines && (at%every == 0 || at == e.Config.Epochs) {
			return p.leave(e)
		}
	case train.End:
		if p.bar != nil {
			return p.bar.Clear()
		}
	}
	return nil
}

// mostLines is about how many lines a run of many epochs leaves.
const mostLines = 100

// leave writes a line of the epoch that is over: what of it fits on the terminal, or all of it elsewhere.
func (p *Observer) leave(e *train.Event) error {
	last := e.History.Epochs[len(e.History.Epochs)-1]
	epochs := fmt.Sprint(e.Config.Epochs)
	at := fmt.Sprintf("%*d/%s", len(epochs), last.Epoch, epochs)
	figures, took, brief := last.Running.String(), fmt.Sprintf("  %.1f s", last.Seconds), ""
	if v := last.Evaluated; v != nil {
		brief = "  validation " + train.FormatFigure(v.Loss, 4)
		for _, s := range v.Scores {
			brief += " " + term.Figure(s.Value)
		}
		figures += "  validation:" + strings.TrimPrefix(v.String(), " ")
	}
	if c := last.Clipped; c != nil {
		clipped := fmt.Sprintf("  clipped %d%%", 100*c.Steps/max(1, e.Steps))
		figures, brief = figures+clipped, brief+clipped
	}
	line := ""
	for _, line = range []string{p.name + "  epoch " + at + figures + took, p.name + "  epoch " + at + figures, "epoch " + at + figures, at + figures, at + last.Running.String() + brief} {
		if !term.IsTerminal(p.out) || utf8.RuneCountInString(line) < term.Width(p.out) {
			break
		}
	}
	if p.bar != nil {
		if err := p.bar.Clear(); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(p.out, line)
	return err
}

// warnIfLong says, after the first quarter of a second, how long the run will take, if that is more than a minute.
func (p *Observer) warnIfLong(e *train.Event) error {
	took := time.Since(p.began)
	if took < 250*time.Millisecond {
		return nil
	}
	p.began = time.Time{}
	left := time.Duration(float64(took) / float64(p.at-p.from-1) * float64(p.Until-p.at))
	if left < time.Minute {
		return nil
	}
	if p.bar != nil {
		if err := p.bar.Clear(); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(p.out, "%s: %d steps of %d take about %s; Ctrl-C stops it\n", p.name, p.Until-p.from, e.Config.BatchSize, about(left))
	return err
}

// about is a time that is guessed, in words.
func about(d time.Duration) string {
	switch minutes := int(d.Minutes() + .5); {
	case minutes < 2:
		return "a minute"
	case minutes < 120:
		return fmt.Sprintf("%d minutes", minutes)
	default:
		return fmt.Sprintf("%d hours", int(d.Hours()+.5))
	}
}

// describe writes what fits beside the rest of the bar.
func (p *Observer) describe(e *train.Event) {
	parts := []string{p.name, fmt.Sprintf("epoch %d/%d", min(e.Position.Epoch+1, e.Config.Epochs), e.Config.Epochs)}
	if n := len(e.History.Epochs); n > 0 && e.History.Epochs[n-1].Evaluated != nil { // which say more than running ones
		held := e.History.Epochs[n-1].Evaluated
		parts = append(parts, "validation: loss "+term.Figure(held.Loss))
		for _, s := range held.Scores {
			parts = append(parts, s.Name+" "+term.Figure(s.Value))
		}
	} else if e.Position.Seen > 0 {
		parts = append(parts, "loss "+term.Figure(e.Running.Loss))
		for _, s := range e.Running.Scores {
			parts = append(parts, s.Name+" "+term.Figure(s.Value))
		}
	}
	room := term.Width(p.out) - barRoom
	text := parts[0]
	for _, part := range parts[1:] {
		if len(text)+2+len(part) <= room {
			text += "  " + part
		}
	}
	p.bar.Describe(text[:max(0, min(len(text), room))])
}

// barRoom is what the bar takes beside its description: the share, a bar of some letters, the time that went and that is left.
const barRoom = 24

// NewBar is a bar of so many steps.
func NewBar(w io.Writer, steps int64, more ...progressbar.Option) *progressbar.ProgressBar {
	theme := progressbar.Theme{Saucer: "█", SaucerPadding: "░", BarStart: "", BarEnd: ""}
	if !term.Unicode() {
		theme.Saucer, theme.SaucerPadding = "#", "-"
	}
	return progressbar.NewOptions64(steps, append(more,
		progressbar.OptionSetWriter(w),
		progressbar.OptionSetWidth(24),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionFullWidth(),
		progressbar.OptionSetTheme(theme),
		progressbar.OptionClearOnFinish(),
		progressbar.OptionUseANSICodes(runtime.GOOS != "windows"), // clears the whole line, and the ^C on it
	)...)
}

// Stopped says how far a training came that a signal ended; other errors it leaves as they are.
func (p *Observer) Stopped(err error) error {
	var signal *interrupt.Error
	if !errors.As(err, &signal) || !strings.HasSuffix(err.Error(), signal.Error()) {
		return err
	}
	return fmt.Errorf("%s: stopped after %d steps: %w", p.name, p.at, signal)
}
