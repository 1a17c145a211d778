package flags

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/complete"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/graph/train/run"
)

// Saving say where a run is kept, how often it is saved, and which one goes on.
type Saving struct {
	Out, Resume, ResumeFrom string
	every                   string
	Gradients               int
	keep                    int
	flags                   *pflag.FlagSet
}

// Add gives the flags to a command.
func (f *Saving) Add(cmd *cobra.Command) {
	f.flags = cmd.Flags()
	f.flags.StringVar(&f.Out, "out", "", "`FOLDER` to keep the run in; of several, a folder each in it (default one of its own, see stheno runs)")
	f.flags.StringVar(&f.every, "checkpoint-every", "", "also save within an epoch: each `N` steps (500), or each so much time (30s)")
	f.flags.IntVar(&f.keep, "keep", 2, "how many of the newest checkpoints to keep beside the best")
	f.flags.IntVar(&f.Gradients, "record-gradients", 0, "record every layer's gradients each N steps (default at 10, 100, 1000 and so on)")
	f.flags.StringVar(&f.Resume, "resume", "", "go on with this `RUN`, from its latest checkpoint; takes --epochs for more")
	f.flags.StringVar(&f.ResumeFrom, "resume-from", "", "go on from another `CHECKPOINT`: previous, best, or the number of a step; what came after it is made again")
	_ = cmd.MarkFlagDirname("out")
	complete.Flag(cmd, "resume", complete.Runs)
	complete.With(cmd, "resume-from", []string{"previous", "best"})
	_ = cmd.RegisterFlagCompletionFunc("checkpoint-every", cobra.NoFileCompletions)
}

// Options are the flags that were given.
func (f *Saving) Options() (o run.Options, err error) {
	if f.every != "" {
		if o.Every, err = run.ParseEvery(f.every); err != nil {
			return o, usage.Errorf("--checkpoint-every: got %q, want a number of steps of at least 1, such as 500, or a time, such as 30s", f.every)
		}
	}
	if f.flags != nil && f.flags.Changed("keep") {
		if o.Keep = f.keep; f.keep < 1 {
			return o, usage.Errorf("--keep: got %d, want at least 1", f.keep)
		}
	}
	if f.Gradients < 0 {
		return o, usage.Errorf("--record-gradients: got %d, want at least 1, or 0 for the steps 10, 100, 1000 and so on", f.Gradients)
	}
	if f.ResumeFrom != "" {
		err = isCheckpoint("--resume-from", f.ResumeFrom)
	}
	return o, err
}
