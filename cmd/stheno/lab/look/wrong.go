package look

import (
	"context"
	"errors"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/train"
)

// A Wrong is the next test sample that a model tells wrongly.
type Wrong struct {
	Sample *Sample `json:"sample"` // null where there was none among those that were looked at
	Looked int     `json:"looked"` // how many those were
	Last   int     `json:"last"`   // the last of them: ask from there for more
}

// What NextWrong looks at: so many samples at most, since nothing trains meanwhile, and so many at a time.
const (
	mostWrong  = 2000
	wrongBatch = 250
)

// NextWrong is the first test sample after one that the model takes for another class than it is of; after the last sample comes the first.
func NextWrong(ctx context.Context, s *Subject, after int) (*Wrong, error) {
	if s.Test == nil || s.Test.Len() == 0 {
		return nil, errors.New("there is no test set to look for it in")
	}
	info := s.Test.Info()
	if len(info.Targets) != 1 || !info.Targets[0].IDs || info.Targets[0].Size() != 1 || len(s.Model.Outputs()) != 1 {
		return nil, errors.New("this network tells no classes, so that none can be wrong")
	}
	p, err := train.NewPredictor(s.Model)
	if err != nil {
		return nil, err
	}
	n := s.Test.Len()
	if after < 0 || after >= n {
		after = n - 1
	}
	w := &Wrong{Last: after}
	for w.Looked < min(mostWrong, n) {
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		rows := make([]int, min(wrongBatch, min(mostWrong, n)-w.Looked))
		for k := range rows {
			rows[k] = (w.Last + 1 + k) % n
		}
		wrong, err := s.wrong(p, info, rows)
		if err != nil {
			return nil, err
		}
		if wrong >= 0 {
			w.Looked, w.Last = w.Looked+wrong+1, rows[wrong]
			w.Sample, err = SampleOf(s, "test", w.Last)
			return w, err
		}
		w.Looked, w.Last = w.Looked+len(rows), rows[len(rows)-1]
	}
	return w, nil
}

// wrong is the first of some rows of the test set that is told wrongly; −1 where none is.
func (s *Subject) wrong(p *train.Predictor, info datasets.Info, rows []int) (int, error) {
	b, err := train.NewBatch(s.Model, nil, s.Test, rows)
	if err != nil {
		return -1, err
	}
	out, err := p.Predict(b.Inputs...)
	if err != nil {
		return -1, err
	}
	is := datasets.Batch{Inputs: roomFor(info.Inputs, len(rows)), Targets: roomFor(info.Targets, len(rows))}
	if err := s.Test.Read(is, rows, datasets.Draw{}); err != nil {
		return -1, err
	}
	scores := out[0].Float32s()
	each := len(scores) / len(rows)
	for k, class := range is.Targets[0].IDs {
		says := 0
		for c, v := range scores[k*each : (k+1)*each] {
			if v > scores[k*each+says] {
				says = c
			}
		}
		if says != int(class) {
			return k, nil
		}
	}
	return -1, nil
}
