package main

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/flags"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/interrupt"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/own"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/term"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
)

// predictOwn says what a network makes of the samples in files that are like the data of one's own that it learnt from.
func predictOwn(cmd *cobra.Command, t *flags.Trained, files []string, asJSON bool) error {
	p := own.NewPredictor(t.Model, t.Prepare, t.Classes, cmd.InOrStdin())
	p.Remark = func(what string) { usage.Say(cmd.ErrOrStderr(), "%s", what) }
	var all []own.Prediction
	failed := usage.Each(cmd.ErrOrStderr(), files, func(name string) error {
		some, err := interrupt.Await(cmd.Context(), func() ([]own.Prediction, error) { return p.Predict(cmd.Context(), name) })
		all = append(all, some...)
		return err
	})
	if failed != nil && (len(all) == 0 || !errors.Is(failed, usage.ErrSaid)) {
		return failed
	}
	if !asJSON {
		return errors.Join(p.Print(cmd.OutOrStdout(), all), failed)
	}
	lines := term.JSON(cmd.OutOrStdout())
	for _, so := range all {
		if err := lines.Encode(so); err != nil {
			return err
		}
	}
	return failed
}
