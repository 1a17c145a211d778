package train

import (
	"fmt"
	"time"
)

// TimeLimit is an observer that stops a run after the step in which it has taken so long, its evaluations included. A run that is taken up again has the whole time again.
func TimeLimit(limit time.Duration) Observer {
	var begin time.Time
	return ObserverFunc("time limit", func(e *Event) error {
		switch e.Moment {
		case Begin:
			if begin = time.Now(); limit <= 0 {
				return fmt.Errorf("got %v, want more than no time", limit)
			}
		case Step, Epochal:
			if took := time.Since(begin); took >= limit {
				return Stop(fmt.Sprintf("the time limit of %v was reached", limit))
			}
		}
		return nil
	})
}

// Target is an observer that stops a run at the end of the epoch in which a figure has come to a value: the evaluated one where the Config has Validation data, else the
// running one. It is "loss", or a metric's, such as "accuracy".
func Target(figure string, value float64) Observer {
	return ObserverFunc("target", func(e *Event) error {
		switch e.Moment {
		case Begin:
			if value != value {
				return fmt.Errorf("got NaN for %s, want a number", figure)
			}
			return measured(e.Config.Metrics, figure)
		case Epochal:
			got := e.History.Epochs[len(e.History.Epochs)-1].figure(figure)
			if more := moreIsBetter(e.Config.Metrics, figure); more && got >= value || !more && got <= value {
				return Stop(fmt.Sprintf("the %s has come to %s, the target was %s", orLoss(figure), FormatFigure(got, 4), FormatFigure(value, 4)))
			}
		}
		return nil
	})
}

func orLoss(figure string) string {
	if figure == "" {
		return "loss"
	}
	return figure
}
