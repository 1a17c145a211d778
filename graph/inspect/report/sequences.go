package report

import (
	"fmt"
	"strconv"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/inspect/figure"
	"github.com/stheno-ml/stheno/graph/train"
)

const (
	timesShown   = 4   // steps of the training
	samplesShown = 2   // whose attention is drawn
	placesShown  = 256 // more than which no map has room for
)

// throughTime draws the gradient by time step of each recurrent layer.
func throughTime(r Run) []drawing {
	if len(r.Snapshots) == 0 {
		return nil
	}
	var all []drawing
	few := figure.Few(timesShown, r.Snapshots)
	for _, l := range few[0].Layers {
		f := figure.GradientTimes("Gradient by time step, of what "+l.Name+" is given", l.Name, few...)
		if f == "" || len(all) == layersShown {
			continue
		}
		d := drawing{SVG: svg(f), Head: []string{"time step"}}
		for t := range l.Times {
			d.Rows = append(d.Rows, []string{strconv.Itoa(t + 1)})
		}
		for _, s := range few {
			of := s.Layer(l.Name)
			if of == nil || len(of.Times) != len(l.Times) {
				continue
			}
			d.Head = append(d.Head, fmt.Sprint("step ", s.Step))
			for t, v := range of.Times {
				d.Rows[t] = append(d.Rows[t], fmt.Sprintf("%.3g", v))
			}
		}
		all = append(all, d)
	}
	return all
}

// attention draws what the heads of each layer of attention look at in the first samples; behind it, of the first, the place that each looks at most.
func attention(r Run, data datasets.Data) ([]drawing, error) {
	rows := []int{0}
	for len(rows) < min(samplesShown, data.Len()) {
		rows = append(rows, len(rows))
	}
	batch, err := train.NewBatch(r.Model, nil, data, rows)
	if err != nil {
		return nil, err
	}
	maps, err := inspect.Attention(r.Model, batch)
	if err != nil {
		return nil, err
	}
	names := places(data, batch)
	var all []drawing
	for _, a := range maps {
		if a.Queries > placesShown || a.Keys > placesShown || len(all) == layersShown {
			continue
		}
		a.Samples = min(a.Samples, samplesShown) // of a layer over time there are more
		d := drawing{SVG: svg(figure.Attention("What "+a.Layer+" looks at", a)), Note: "a row is a place that looks, from the first on, a column one that is looked at", Head: []string{"place"}}
		for h := range a.Heads {
			d.Head = append(d.Head, fmt.Sprint("head ", h+1))
		}
		for i := range a.Queries {
			row := []string{place(names, a.Queries, i)}
			for h := range a.Heads {
				w := a.Of(0, h)[i*a.Keys:][:a.Keys]
				most := 0
				for j, v := range w {
					if v > w[most] {
						most = j
					}
				}
				row = append(row, fmt.Sprintf("%s: %s", place(names, a.Keys, most), accuracy(w[most])))
			}
			d.Rows = append(d.Rows, row)
		}
		all = append(all, d)
	}
	return all, nil
}

// places are what stands where in the first sample, of a sequence of ids that mean something; else nil.
func places(data datasets.Data, b *train.Batch) []string {
	in := data.Info().Inputs[0]
	if !in.IDs || len(in.Shape) != 1 || in.Values == nil {
		return nil
	}
	var names []string
	for _, id := range b.Inputs[0].Int32s()[:in.Shape[0]] {
		if id < 0 || int(id) >= len(in.Values) {
			return nil
		}
		names = append(names, in.Values[id])
	}
	return names
}

// place is the number of one of so many, from 1, and what stands there, where that is known.
func place(names []string, of, i int) string {
	if len(names) != of {
		return strconv.Itoa(i + 1)
	}
	return fmt.Sprintf("%d %q", i+1, names[i])
}
