package usage

import (
	"errors"
	"regexp"
	"strings"
)

// OfSample is an error in the shapes of a sample, for somebody who has said no batch: package graph tries a network with a few samples, whose number begins each shape in what it says.
func OfSample(err error) error {
	var already *ofSample
	if err == nil || errors.As(err, &already) {
		return err
	}
	if said := withoutBatch(err.Error()); said != err.Error() {
		return &ofSample{err, said}
	}
	return err
}

// An ofSample is an error in other words. Without their batch the first axis of shapes would be taken for it, so nothing is put in these words twice.
type ofSample struct {
	error
	said string
}

func (e *ofSample) Error() string { return e.said }
func (e *ofSample) Unwrap() error { return e.error }

// batched is where package graph says what a layer or a loss got: what follows, up to the next one, is of so many samples, or of so many times in all of them.
var batched = regexp.MustCompile(`(?:graph: )?\b(?:layer \S+, input|loss \S+ on an output) of shape \(([0-9]+)[,)]`)

func withoutBatch(s string) string {
	var b strings.Builder
	at := batched.FindAllStringSubmatchIndex(s, -1)
	if at == nil {
		return s
	}
	b.WriteString(s[:at[0][0]])
	for i, m := range at {
		end := len(s)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		samples := s[m[2]:m[3]]
		b.WriteString(strings.NewReplacer("("+samples+", ", "(", "("+samples+")", "()", "[batch,", "[").Replace(strings.TrimPrefix(s[m[0]:end], "graph: ")))
	}
	return b.String()
}
