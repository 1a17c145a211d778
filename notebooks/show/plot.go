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

// A Plot is loss and accuracy of one or more runs, laid over one another, which grows while they train: running figures as
// lines, those of train.Config.Validation dashed.
type Plot struct {
	Title string // stands before "loss" and "accuracy"
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
			c.line = fmt.Sprintf("%s: epoch %d of %d, step %d of %d, loss %.4f, accuracy %.4f", c.name, at.Epoch+1, e.Config.Epochs, at.Batch, e.Steps, e.Running.Loss, e.Running.Accuracy())
			c.draw()
		}
	case train.Epochal:
		last := e.History.Epochs[len(e.History.Epochs)-1]
		c.add(e, float64(last.Epoch), last.Running, last.Evaluated)
	case train.End:
		c.line = fmt.Sprintf("%s: %d updates in %.1f s", c.name, at.Step, time.Since(c.began).Seconds())
		if n := len(c.points); n > 0 {
			last := c.points[n-1]
			c.line += fmt.Sprintf("; loss %.4f, accuracy %.4f", last.running.Loss, last.running.Accuracy())
			if last.evaluated != nil {
				c.line += fmt.Sprintf("; test: loss %.4f, accuracy %.4f", last.evaluated.Loss, last.evaluated.Accuracy())
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
	var loss, accuracy []figure.Series
	var lines []string
	for i, c := range p.runs {
		if c.line != "" {
			lines = append(lines, c.line)
		}
		if len(c.points) == 0 {
			continue
		}
		color := figure.Palette[i%len(figure.Palette)]
		var x, runLoss, runAccuracy, testX, testLoss, testAccuracy []float64
		for _, pt := range c.points {
			at := map[Axis]float64{Epochs: pt.epoch, Updates: pt.updates, Seconds: pt.seconds}[along]
			x, runLoss, runAccuracy = append(x, at), append(runLoss, pt.running.Loss), append(runAccuracy, pt.running.Accuracy())
			if pt.evaluated != nil {
				testX, testLoss, testAccuracy = append(testX, at), append(testLoss, pt.evaluated.Loss), append(testAccuracy, pt.evaluated.Accuracy())
			}
		}
		loss = append(loss, figure.Series{Name: c.name, X: x, Y: runLoss, Color: color})
		accuracy = append(accuracy, figure.Series{Name: c.name, X: x, Y: runAccuracy, Color: color})
		if len(testX) > 0 {
			loss = append(loss, figure.Series{Name: c.name + ", test set", X: testX, Y: testLoss, Color: color, Dashed: true})
			accuracy = append(accuracy, figure.Series{Name: c.name + ", test set", X: testX, Y: testAccuracy, Color: color, Dashed: true})
		}
	}
	if len(loss) == 0 { // nothing yet: a chart of the place that it will take
		empty := figure.Series{X: []float64{0, 1}, Y: []float64{math.NaN(), math.NaN()}}
		loss, accuracy = []figure.Series{empty}, []figure.Series{empty}
	}
	title := p.Title
	if title != "" {
		title += ": "
	}
	return page(lines,
		figure.Curves(title+"loss", string(along), "loss", p.Log, loss...),
		figure.Curves(title+"accuracy", string(along), "accuracy", false, accuracy...))
}
