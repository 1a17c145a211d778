package own

import (
	"fmt"
	"iter"
	"math"
	"slices"

	"github.com/stheno-ml/stheno/datasets"
)

// A Baseline is what saying the same of every sample is worth, by what the training samples say: the least that a network is to beat.
type Baseline struct {
	Class   string         // the training samples' most frequent one; "" where no class is foretold
	Share   float64        // of the judged samples that are of it
	Numbers []BaselineOf   // in the place of a class: the training samples' mean of each
	Judged  int            // samples
	Counts  map[string]int // training samples of each class
	Held    map[string]int // judged samples of each class
}

// A BaselineOf is that of a number, in its units.
type BaselineOf struct {
	Target          string
	Mean, RMSE, MAE float64
}

// BaselineFor is that of training samples, judged by others, or by themselves where held is nil. Of several classes a sample, as of a text that goes on, there is none: nil.
func BaselineFor(fit, held datasets.Data) (*Baseline, error) {
	info := fit.Info()
	if len(info.Targets) != 1 || info.Targets[0].IDs && (info.Targets[0].Size() != 1 || len(info.Classes) == 0) {
		return nil, nil
	}
	if held == nil {
		held = fit
	}
	field, b := info.Targets[0], &Baseline{Judged: held.Len()}
	if field.IDs {
		of := func(data datasets.Data) ([]int, error) {
			counts := make([]int, len(info.Classes))
			for v, err := range targets(data) {
				if err != nil {
					return nil, err
				}
				for _, id := range v.IDs {
					if id >= 0 && int(id) < len(counts) {
						counts[id]++
					}
				}
			}
			return counts, nil
		}
		learnt, err := of(fit)
		if err != nil {
			return nil, err
		}
		judged, err := of(held)
		if err != nil {
			return nil, err
		}
		most := 0
		b.Counts, b.Held = map[string]int{}, map[string]int{}
		for class, n := range learnt {
			if n > learnt[most] {
				most = class
			}
			b.Counts[info.Classes[class]], b.Held[info.Classes[class]] = n, judged[class]
		}
		b.Class, b.Share = info.Classes[most], float64(judged[most])/float64(held.Len())
		return b, nil
	}
	width := field.Size()
	b.Numbers = make([]BaselineOf, width)
	for v, err := range targets(fit) {
		if err != nil {
			return nil, err
		}
		for i, x := range v.Floats {
			b.Numbers[i%width].Mean += float64(x) / float64(fit.Len())
		}
	}
	for v, err := range targets(held) {
		if err != nil {
			return nil, err
		}
		for i, x := range v.Floats {
			n := &b.Numbers[i%width]
			off := float64(x) - n.Mean
			n.RMSE, n.MAE = n.RMSE+off*off/float64(held.Len()), n.MAE+math.Abs(off)/float64(held.Len())
		}
	}
	for k := range b.Numbers {
		b.Numbers[k].Target, b.Numbers[k].RMSE = Output(field, k), math.Sqrt(b.Numbers[k].RMSE)
	}
	return b, nil
}

// Same says whether the class, or the numbers, that are foretold are the same in every sample, and what the first of them is. Of other targets it says no.
func Same(data datasets.Data) (said string, same bool, err error) {
	info := data.Info()
	if len(info.Targets) != 1 || info.Targets[0].IDs && info.Targets[0].Size() != 1 {
		return "", false, nil
	}
	var ids []int32
	var numbers []float32
	width := info.Targets[0].Size()
	for v, err := range targets(data) {
		if err != nil {
			return "", false, err
		}
		if ids == nil && numbers == nil {
			ids, numbers = slices.Clone(v.IDs[:min(1, len(v.IDs))]), slices.Clone(v.Floats[:min(width, len(v.Floats))])
		}
		for _, id := range v.IDs {
			if id != ids[0] {
				return "", false, nil
			}
		}
		for i, x := range v.Floats {
			if x != numbers[i%width] {
				return "", false, nil
			}
		}
	}
	switch {
	case len(numbers) > 0:
		return fmt.Sprint(numbers[0]), true, nil
	case len(ids) > 0 && ids[0] >= 0 && int(ids[0]) < len(info.Classes):
		return info.Classes[ids[0]], true, nil
	}
	return "", false, nil
}

// targets are those of all samples, some at a time.
func targets(data datasets.Data) iter.Seq2[datasets.Values, error] {
	return func(yield func(datasets.Values, error) bool) {
		field, order := data.Info().Targets[0], make([]int, data.Len())
		for i := range order {
			order[i] = i
		}
		for _, rows := range datasets.Batches(order, 1024) {
			v := datasets.Values{}
			if n := len(rows) * field.Size(); field.IDs {
				v.IDs = make([]int32, n)
			} else {
				v.Floats = make([]float32, n)
			}
			err := data.Read(datasets.Batch{Targets: []datasets.Values{v}}, rows, datasets.Draw{})
			if !yield(v, err) || err != nil {
				return
			}
		}
	}
}
