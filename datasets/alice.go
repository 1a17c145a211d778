package datasets

import (
	"bytes"
	_ "embed"
	"strings"
	"sync"
)

//go:embed alice/alice.txt.gz
var aliceText []byte

// Alice is Lewis Carroll's "Alice's Adventures in Wonderland" by characters, as [Text] reads it, 64 to a sample: chapters I to X to learn from, XI and XII to be tested on, whose ids are of the
// vocabulary of the first. How the text is read, its vocabulary with it, is in Info().Preparation, so that a model that learns from it keeps it.
//
// Origin and licence (public domain) stand in alice/README.md.
func Alice() (train, test Data, err error) {
	parts, err := unpackAlice()
	if err != nil {
		return nil, nil, err
	}
	return parts[0], parts[1], nil
}

var unpackAlice = sync.OnceValues(func() (parts [2]Data, err error) {
	whole, err := readText(bytes.NewReader(aliceText))
	if err != nil {
		return parts, err
	}
	text := string(whole)
	at := strings.Index(text, "CHAPTER XI\n")
	train, err := ReadText(strings.NewReader(text[:at]), "alice/train", Texts{})
	if err != nil {
		return parts, err
	}
	test, err := ReadText(strings.NewReader(text[at:]), "alice/test", *train.Info().Source.Texts)
	if err != nil {
		return parts, err
	}
	prepare, err := Prepare(train)
	if err != nil {
		return parts, err
	}
	return [2]Data{prepare.On(train), prepare.On(test)}, nil
})
