package train

import (
	"fmt"
	"io"
	"strings"
)

// Print is an observer that writes a line for each epoch, and one at the end where the run stopped before its last epoch:
//
//	epoch  3/20  loss 0.1234  accuracy 0.9731  validation: loss 0.2031  accuracy 0.9512  rate 0.001  1.2 s
//
// A rate stands there where it moves, and what was clipped where something clips. A line that cannot be written ends the run.
func Print(w io.Writer) Observer {
	moves, before := false, 0.0
	return ObserverFunc("print", func(e *Event) error {
		switch e.Moment {
		case Step:
			moves = moves || before != 0 && before != e.Rate
			before = e.Rate
		case Epochal:
			last := e.History.Epochs[len(e.History.Epochs)-1]
			var line strings.Builder
			digits := len(fmt.Sprint(e.Config.Epochs))
			fmt.Fprintf(&line, "epoch %*d/%d%s", digits, last.Epoch, e.Config.Epochs, last.Running)
			if last.Evaluated != nil {
				fmt.Fprintf(&line, "  validation:%s", strings.TrimPrefix(last.Evaluated.String(), " "))
			}
			if moves {
				fmt.Fprintf(&line, "  rate %.3g", e.Rate)
			}
			if last.Clipped != nil {
				fmt.Fprintf(&line, "  clipped %d of %d, largest %.3g", last.Clipped.Steps, e.Steps, last.Clipped.Largest)
			}
			_, err := fmt.Fprintf(w, "%s  %.1f s\n", &line, last.Seconds)
			return err
		case End:
			if stopped := e.History.Stopped; stopped != "" {
				_, err := fmt.Fprintf(w, "stopped after %d steps: %s\n", e.Position.Step, stopped)
				return err
			}
		}
		return nil
	})
}

// String is "  loss 0.1234  accuracy 0.9731".
func (m Metrics) String() string {
	var b strings.Builder
	b.WriteString("  loss " + FormatFigure(m.Loss, 4))
	for _, s := range m.Scores {
		b.WriteString("  " + s.Name + " " + FormatScore(s.Value))
	}
	return b.String()
}
