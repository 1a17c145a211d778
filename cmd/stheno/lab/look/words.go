package look

import (
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/text"
)

// A Word is one that settings may be made of.
type Word struct {
	Word     string   `json:"word"`
	About    Text     `json:"about"` // what it is, in a line
	Example  string   `json:"example"`
	Settings []string `json:"settings"` // that may stand behind it, in their order
}

// Words are those of each kind of setting.
type Words struct {
	Layers      []Word `json:"layers"`
	Activations []Word `json:"activations"`
	Losses      []Word `json:"losses"`
	Optimizers  []Word `json:"optimizers"`
}

// AllWords are the words of the codec, with what it knows of them.
func AllWords() Words {
	w := Words{Layers: wordsOf[graph.Layer](), Activations: []Word{}, Losses: wordsOf[graph.Loss](), Optimizers: wordsOf[optim.Optimizer]()}
	for _, name := range layers.ActivationNames() {
		word := Word{Word: name, Settings: []string{}}
		for _, l := range w.Layers {
			if l.Word == name { // it is a layer, too
				word.About = l.About
			}
		}
		w.Activations = append(w.Activations, word)
	}
	return w
}

func wordsOf[T any]() []Word {
	all := []Word{}
	for _, e := range text.Entries[T]() {
		word := Word{Word: e.Word, About: aboutWord(e.Word, e.About), Example: e.Example, Settings: []string{}}
		for _, f := range e.Fields() {
			word.Settings = append(word.Settings, f.Key)
		}
		all = append(all, word)
	}
	return all
}
