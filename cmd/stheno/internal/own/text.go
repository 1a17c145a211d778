package own

import (
	"iter"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/train"
)

// Begin is a prompt, as it was given, or what stands for one where there is none; its ids; and how many characters or words of it the text that was learnt does not have.
func Begin(text *datasets.Texts, prompt string) (begun string, ids []int32, unseen int) {
	if ids = text.IDs(prompt); len(ids) > 0 {
		if text.Words { // a word is written with the space before it
			prompt = strings.TrimRight(prompt, " ")
		}
		return prompt, ids, len(ids) - len(slices.DeleteFunc(slices.Clone(ids), func(id int32) bool { return id == 0 }))
	}
	for _, token := range []string{"\n", ".", " "} {
		if id := slices.Index(text.Vocabulary, token); id > 0 {
			return token, []int32{int32(id)}, 0
		}
	}
	return text.Text([]int32{1}), []int32{1}, 0
}

// GoOn is what a model writes behind ids, piece by piece without end, until the caller has enough: of the vocabulary alone, without the id that stands for what is not in it.
func GoOn(p *train.Predictor, text *datasets.Texts, ids []int32, how train.Sampling) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		last := ids[len(ids)-1:]
		how.Never = []int32{0}
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
