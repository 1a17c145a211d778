package train

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/stheno-ml/stheno/graph"
)

// ran is what the other ranks are to know of a shard that has run, beside its gradients.
type ran struct {
	loss           float64
	terms          []float64
	output, target []byte // what metrics look at; none where there are no metrics
}

// tell is that of a program that has run.
func (s *stepper) tell(p *graph.Program) *ran {
	r := &ran{loss: p.Loss(), terms: terms(p)}
	if len(s.metrics) > 0 && !solitary(s.ranks) {
		r.output, r.target = append(r.output, raw(judgedOutput(s.feeder, p))...), append(r.target, raw(p.Y())...)
	}
	return r
}

// A message is numbers and bytes one after the other.
type message []byte

func (m *message) number(x float64) {
	*m = binary.LittleEndian.AppendUint64(*m, math.Float64bits(x))
}

func (m *message) bytes(b []byte) {
	*m = binary.LittleEndian.AppendUint64(*m, uint64(len(b)))
	*m = append(*m, b...)
}

var errGarbled = errors.New("got what no rank of this program sends: the ranks run different programs")

func (m *message) readNumber() (float64, error) {
	if len(*m) < 8 {
		return 0, errGarbled
	}
	x := math.Float64frombits(binary.LittleEndian.Uint64(*m))
	*m = (*m)[8:]
	return x, nil
}

func (m *message) readBytes() ([]byte, error) {
	if len(*m) < 8 {
		return nil, errGarbled
	}
	n := binary.LittleEndian.Uint64(*m)
	if n > uint64(len(*m)-8) {
		return nil, errGarbled
	}
	b := (*m)[8 : 8+n]
	*m = (*m)[8+n:]
	return b, nil
}

// allMasses are the masses of all shards, in their order; err is what kept this rank from its own.
func (s *stepper) allMasses(mine [][]float64, err error) ([][]float64, error) {
	if solitary(s.ranks) {
		return mine, err
	}
	var m message
	for _, of := range mine {
		for _, x := range of {
			m.number(x)
		}
	}
	all, err := gather(s.ranks, err, m)
	if err != nil {
		return nil, err
	}
	targets := len(s.feeder.targets)
	var masses [][]float64
	for _, one := range all {
		for rest := message(one); len(rest) > 0; {
			of := make([]float64, targets)
			for i := range of {
				if of[i], err = rest.readNumber(); err != nil {
					return nil, err
				}
			}
			masses = append(masses, of)
		}
	}
	if len(masses) == 0 {
		return nil, errGarbled
	}
	return masses, nil
}

// lossTree adds up losses and terms as the tree does.
func lossTree(lo, hi int, ran []*ran) (float64, []float64) {
	if hi-lo == 1 {
		return ran[lo].loss, append([]float64{}, ran[lo].terms...)
	}
	middle := (lo + hi + 1) / 2
	loss, terms := lossTree(lo, middle, ran)
	more, others := lossTree(middle, hi, ran)
	addInto(terms, others)
	return loss + more, terms
}

// allRan is what all shards came to, in their order, where the metrics judge it; err is what kept this rank from its own.
func (s *stepper) allRan(out *stepped, rows, shards int, mine []*ran, err error) ([]*ran, error) {
	if solitary(s.ranks) {
		return mine, err
	}
	var m message
	for _, r := range mine {
		m.number(r.loss)
		for _, t := range r.terms {
			m.number(t)
		}
		m.bytes(r.output)
		m.bytes(r.target)
	}
	got, err := gather(s.ranks, err, m)
	if err != nil {
		return nil, err
	}
	var all []*ran
	for _, one := range got {
		for rest := message(one); len(rest) > 0; {
			r := &ran{terms: make([]float64, len(s.feeder.targets))}
			if r.loss, err = rest.readNumber(); err != nil {
				return nil, err
			}
			for i := range r.terms {
				if r.terms[i], err = rest.readNumber(); err != nil {
					return nil, err
				}
			}
			if r.output, err = rest.readBytes(); err != nil {
				return nil, err
			}
			if r.target, err = rest.readBytes(); err != nil {
				return nil, fmt.Errorf("train: %w", err)
			}
			all = append(all, r)
		}
	}
	if len(all) != shards {
		return nil, errGarbled
	}
	if len(s.metrics) == 0 {
		return all, nil
	}
	output, target := s.feeder.judged()
	for shard, r := range all {
		n := (shard+1)*rows/shards - shard*rows/shards
		values, err := s.feeder.received(output.Shape, false, n, r.output)
		if err != nil {
			return nil, err
		}
		answers, err := s.feeder.received(target.Shape, target.IDs, n, r.target)
		if err != nil {
			return nil, err
		}
		if err := judgeValues(s.feeder, s.metrics, out.sums, values, answers); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// tellDone tells the other ranks what a batch came to, nil where there was none left, and is what theirs did, in the order of the batches.
func (f *feeder) tellDone(r Ranks, batches [][]int, d *done, err error) ([]*done, error) {
	var m message
	if d != nil {
		for _, x := range append(append([]float64{}, d.terms...), d.masses...) {
			m.number(x)
		}
		m.bytes(raw(d.output))
		if d.target != nil {
			m.bytes(raw(d.target))
		}
	}
	got, err := gather(r, err, m)
	if err != nil {
		return nil, err
	}
	var all []*done
	for i, rows := range batches {
		if i == r.Rank() {
			all = append(all, d)
			continue
		}
		one, rest := &done{}, message(got[i])
		for _, into := range []*[]float64{&one.terms, &one.masses} {
			for range f.targets {
				x, err := rest.readNumber()
				if err != nil {
					return nil, err
				}
				*into = append(*into, x)
			}
		}
		output, target := f.model.Outputs()[0], graph.Input{}
		if len(f.targets) > 0 {
			output, target = f.judged()
		}
		content, err := rest.readBytes()
		if err != nil {
			return nil, err
		}
		if one.output, err = f.received(output.Shape, false, len(rows), content); err != nil {
			return nil, err
		}
		if len(f.targets) > 0 {
			if content, err = rest.readBytes(); err != nil {
				return nil, err
			}
			if one.target, err = f.received(target.Shape, target.IDs, len(rows), content); err != nil {
				return nil, err
			}
		}
		all = append(all, one)
	}
	return all, nil
}
