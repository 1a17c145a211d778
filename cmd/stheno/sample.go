package main

import (
	"context"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/complete"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/flags"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/own"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/runs"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/term"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/train"
)

func sampleCommand() *cobra.Command {
	s := &sampler{}
	cmd := &cobra.Command{
		Use:   "sample RUN|FILE",
		Short: "Have a network that learnt a text write one",
		Long: `Have the network of a run, or of a model file, that learnt which character or
word of a text comes next go on with a text: one is drawn by the probabilities
that it gives, then the next, and so on.

A low temperature draws what is likeliest, again and again; a high one draws
what is unlikely, too. Each character is a run over all that the network sees at
once, so that one of twice the length takes twice the time.`,
		Example: `  stheno run char-lm && stheno sample latest
  stheno sample char-lm --prompt "Alice was " --length 400 --temperature 0.6
  stheno sample novel.safetensors --seed 7`,
		Args:              usage.Arguments(1, 1, "one run, of those that `stheno runs` lists, or a model file"),
		ValidArgsFunction: complete.UpTo(1, complete.RunsAndFiles),
		RunE:              func(cmd *cobra.Command, args []string) error { return s.run(cmd, args[0]) },
	}
	cmd.Flags().StringVar(&s.prompt, "prompt", "", "the `TEXT` to go on with (default a line feed, or a full stop)")
	cmd.Flags().IntVar(&s.length, "length", 200, "characters or words to write")
	cmd.Flags().Float64Var(&s.temperature, "temperature", .8, "1 is as it has learnt, less is likelier, 0 always the likeliest")
	cmd.Flags().Uint64Var(&s.seed, "seed", 1, "of what is drawn")
	s.weights.Add(cmd)
	s.blas.Add(cmd)
	cmd.Flags().BoolVar(&s.json, "json", false, "one JSON object on standard output")
	for _, name := range []string{"prompt", "length", "temperature"} {
		_ = cmd.RegisterFlagCompletionFunc(name, cobra.NoFileCompletions)
	}
	return cmd
}

// sampler is the sample command with its flags.
type sampler struct {
	prompt      string
	length      int
	temperature float64
	seed        uint64
	weights     flags.Weights
	blas        flags.BLAS
	json        bool
}

// sampleReport is what sample --json prints.
type sampleReport struct {
	Run         string  `json:"run"`
	Prompt      string  `json:"prompt"`
	Text        string  `json:"text"` // without the prompt
	Temperature float64 `json:"temperature"`
	Seed        uint64  `json:"seed"`
}

func (s *sampler) run(cmd *cobra.Command, name string) error {
	switch {
	case s.length < 1:
		return usage.Errorf("--length: got %d, want at least 1", s.length)
	case !(s.temperature >= 0) || math.IsInf(s.temperature, 0):
		return usage.Errorf("--temperature: got %v, want a number of at least 0, such as 0.8", s.temperature)
	case cmd.Flags().Changed("prompt") && s.prompt == "":
		return usage.Errorf("--prompt: got nothing, want a text to go on with: leave it out for one of the network's own")
	}
	if _, err := s.blas.Use(); err != nil {
		return err
	}
	t, err := s.weights.Load(name)
	if err != nil {
		return err
	}
	text := t.Texts()
	if text == nil {
		return fmt.Errorf("sample: %s did not learn a text, want a run of char-lm, or of stheno train on a text", t.Name)
	}
	begun, ids, unseen := own.Begin(text, s.prompt)
	if unseen > 0 {
		usage.Say(cmd.ErrOrStderr(), "--prompt: %d of its %d characters or words are none that the network has seen", unseen, len(ids))
	}
	p, err := train.NewPredictor(t.Model)
	if err != nil {
		return err
	}
	how := train.Sampling{Temperature: s.temperature, Seed: s.seed}
	if s.temperature == 0 {
		how.Temperature = graph.Zero
	}
	out := cmd.OutOrStdout()
	said, n := "", 0
	if !s.json {
		fmt.Fprint(out, plain(begun))
		defer fmt.Fprintln(out)
	}
	for piece, err := range own.GoOn(p, text, ids, how) {
		if err == nil {
			err = context.Cause(cmd.Context())
		}
		if err != nil {
			return fmt.Errorf("sample: %s: %w", t.Name, err)
		}
		if s.json {
			said += piece
		} else if _, err := fmt.Fprint(out, plain(piece)); err != nil {
			return err
		}
		if n++; n == s.length {
			break
		}
	}
	if s.json {
		return term.JSON(out).Encode(sampleReport{runs.Title(t.Name), begun, said, s.temperature, s.seed})
	}
	return nil
}

// plain is a text as a terminal may be given it, with its line feeds, and with the replacement signs that it has itself.
func plain(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r == '\n' || r == utf8.RuneError {
			b.WriteRune(r)
		} else {
			b.WriteString(term.Plain(string(r)))
		}
	}
	return b.String()
}
