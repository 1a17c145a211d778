package own

import (
	"iter"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/train"
)

// Begin are the ids of a prompt, and of what stands for one where there is none; and how many characters or words of it the text that was learnt does not have.
func Begin(text *datasets.Texts, prompt string) (ids []int32, unseen int) {
	if ids = text.IDs(prompt); len(ids) > 0 {
		return ids, len(ids) - len(slices.DeleteFunc(slices.Clone(ids), func(id int32) bool { return id == 0 }))
	}
	for _, token := range []string{"\n", ".", " "} {
		if id := slices.Index(text.Vocabulary, token); id > 0 {
			return []int32{int32(id)}, 0
		}
	}
	return []int32{1}, 0
}

// GoOn is what a model writes behind ids, piece by piece without end, until the caller has enough.
func GoOn(p *train.Predictor, text *datasets.Texts, ids []int32, how train.Sampling) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		last := ids[len(ids)-1:]
		for id, err := range p.Sample(ids, how) {
			if err != nil {
				yield("", err)
				return
			}
			piece := strings.TrimPrefix(text.Text([]int32{last[0], id}), text.Text(last))
			if last = []int32{id}; !yield(piece, nil) {
				return
			}
		}
	}
}
