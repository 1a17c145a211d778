package show

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/stheno-ml/stheno/graph/inspect/figure"
	"github.com/stheno-ml/stheno/graph/train"
)

// Axis is what a plot goes along.
type Axis string

const (
	Epochs  Axis = "epoch"   // passes over the data
	Updates Axis = "updates" // steps
	Seconds Axis = "seconds" // since the run began, those of drawing left out
)

// A Plot is the loss of one or more runs and beside it a metric, accuracy where they have it, else their first one, laid over one another, which grows while they train: running figures as
// lines, those of train.Config.Validation dashed.
type Plot struct {
	Title string // stands before "loss" and the metric
	Along Axis   // Epochs if empty; it may be changed between two calls of Show
	Log   bool   // the loss on a log scale
	Every uint64 // a point each so many steps, beside those at the end of each epoch; none if 0

	id    string
	runs  []*curve
	drawn time.Time
}

// NewPlot makes a plot. It is displayed when the first run begins, and the runs that follow are drawn into it.
func NewPlot(title string) *Plot { return &Plot{Title: title} }

// curve is what a plot knows of a run.
type curve struct {
	name   string
	plot   *Plot
	began  time.Time // put off by the time that drawing took
	points []point
	line   string // how far it is, in words
}

type point struct {
	epoch, updates, seconds float64
	running                 train.Metrics
	evaluated               *train.Metrics
}

// Run is an observer that draws a run of that name into the plot. It serves one run.
func (p *Plot) Run(name string) train.Observer {
	c := &curve{name: name, plot: p}
	p.runs = append(p.runs, c)
	return c
}

// Show displays the plot once more as it stands, such as Along another axis.
func (p *Plot) Show() { display(picture, p.draw(), "") }

func (c *curve) Name() string { return "plot" }

func (c *curve) Observe(e *train.Event) error {
	p := c.plot
	switch at := e.Position; e.Moment {
	case train.Begin:
		c.began = time.Now()
		if p.id == "" {
			// An id that was used before would update a picture of another cell, so it is a new one in each program.
			p.id = fmt.Sprintf("plot-%016x", rand.Uint64())
		}
		c.line = c.name + ": begins"
		c.draw()
	case train.Step:
		if p.Every > 0 && at.Step%p.Every == 0 && at.Batch < e.Steps {
			c.add(e, float64(at.Epoch)+float64(at.Batch)/float64(e.Steps), e.Running, nil)
		}
		if time.Since(p.drawn) > 500*time.Millisecond {
			c.line = fmt.Sprintf("%s: epoch %d of %d, step %d of %d, %s", c.name, at.Epoch+1, e.Config.Epochs, at.Batch, e.Steps, words(e.Running))
			c.draw()
		}
	case train.Epochal:
		last := e.History.Epochs[len(e.History.Epochs)-1]
		c.add(e, float64(last.Epoch), last.Running, last.Evaluated)
	case train.End:
		c.line = fmt.Sprintf("%s: %d updates in %.1f s", c.name, at.Step, time.Since(c.began).Seconds())
		if n := len(c.points); n > 0 {
			last := c.points[n-1]
			c.line += "; " + words(last.running)
			if last.evaluated != nil {
				c.line += "; test: " + words(*last.evaluated)
			}
		}
		if e.History.Stopped != "" {
			c.line += "; stopped: " + e.History.Stopped
		}
		c.draw()
	}
	return nil
}

func (c *curve) add(e *train.Event, epoch float64, running train.Metrics, evaluated *train.Metrics) {
	c.points = append(c.points, point{epoch, float64(e.Position.Step), time.Since(c.began).Seconds(), running, evaluated})
}

func (c *curve) draw() {
	start := time.Now()
	display(picture, c.plot.draw(), c.plot.id)
	c.plot.drawn = time.Now()
	c.began = c.began.Add(time.Since(start))
}

func (p *Plot) draw() string {
	along := p.Along
	if along == "" {
		along = Epochs
	}
	var loss, scores []figure.Series
	var lines []string
	metric := p.metric()
	for i, c := range p.runs {
		if c.line != "" {
			lines = append(lines, c.line)
		}
		if len(c.points) == 0 {
			continue
		}
		color, mark := figure.Style(i)
		var x, runLoss, runScore, testX, testLoss, testScore []float64
		for _, pt := range c.points {
			at := map[Axis]float64{Epochs: pt.epoch, Updates: pt.updates, Seconds: pt.seconds}[along]
			x, runLoss, runScore = append(x, at), append(runLoss, pt.running.Loss), append(runScore, pt.running.Score(metric))
			if pt.evaluated != nil {
				testX, testLoss, testScore = append(testX, at), append(testLoss, pt.evaluated.Loss), append(testScore, pt.evaluated.Score(metric))
			}
		}
		loss = append(loss, figure.Series{Name: c.name, X: x, Y: runLoss, Color: color, Mark: mark})
		scores = append(scores, figure.Series{Name: c.name, X: x, Y: runScore, Color: color, Mark: mark})
		if len(testX) > 0 {
			loss = append(loss, figure.Series{Name: c.name + ", test set", X: testX, Y: testLoss, Color: color, Mark: mark, Dashed: true})
			scores = append(scores, figure.Series{Name: c.name + ", test set", X: testX, Y: testScore, Color: color, Mark: mark, Dashed: true})
		}
	}
	if len(loss) == 0 { // nothing yet: a chart of the place that it will take
		empty := figure.Series{X: []float64{0, 1}, Y: []float64{math.NaN(), math.NaN()}}
		loss, scores = []figure.Series{empty}, []figure.Series{empty}
	}
	title := p.Title
	if title != "" {
		title += ": "
	}
	losses := figure.Curves(title+"loss", string(along), "loss", p.Log, loss...)
	if metric == "" {
		return page(lines, losses)
	}
	return page(lines, losses, figure.Curves(title+metric, string(along), metric, false, scores...))
}

// metric is the one that is drawn: accuracy where a run has it, or none has anything yet, else the first that one has; "" if there is none.
func (p *Plot) metric() string {
	first, seen := "", false
	for _, c := range p.runs {
		for _, pt := range c.points {
			seen = true
			for _, s := range pt.running.Scores {
				if s.Name == "accuracy" {
					return s.Name
				}
				if first == "" {
					first = s.Name
				}
			}
		}
	}
	if !seen {
		return "accuracy"
	}
	return first
}

// words are all figures of a line.
func words(m train.Metrics) string {
	s := fmt.Sprintf("loss %.4f", m.Loss)
	for _, score := range m.Scores {
		s += fmt.Sprintf(", %s %.4f", score.Name, score.Value)
	}
	return s
}
