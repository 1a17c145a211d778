// Package ranks is the command's part in a job of several processes: which commands take part, who prints, and how all of them end.
package ranks

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/graph/train/mpi"
)

// joined is the world of this process; nil where it is alone.
var joined *mpi.World

// takesPart is the annotation of commands that all ranks run; of others rank 0 is enough.
const takesPart = "ranks"

// TakePart says that all ranks run a command.
func TakePart(cmd *cobra.Command) {
	if cmd.Annotations == nil {
		cmd.Annotations = map[string]string{}
	}
	cmd.Annotations[takesPart] = "all"
}

// World is what Fit and Evaluate take: nil for a process alone.
func World() train.Ranks {
	if joined == nil {
		return nil
	}
	return joined
}

// First says whether this process is alone or rank 0: it prints, and writes files.
func First() bool { return joined == nil || joined.Rank() == 0 }

// Size is the number of ranks, 1 alone.
func Size() int {
	if joined == nil {
		return 1
	}
	return joined.Size()
}

// Threads is how many threads each may have where nothing else says it; 0 alone, for all cores.
func Threads() int {
	if joined == nil {
		return 0
	}
	for _, name := range []string{"STHENO_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"} {
		if os.Getenv(name) != "" {
			return 0
		}
	}
	return joined.Threads()
}

// Joined is the world itself; nil alone.
func Joined() *mpi.World { return joined }

// Agree is err, or what keeps another rank from going on; each rank asks at the same place.
func Agree(err error) error { return train.Agree(World(), err) }

// Stopped is err but for that with which rank 0 ended in good order, which is none.
func Stopped(err error) error {
	var stop interface{ Stopped() string }
	if errors.As(err, &stop) {
		return nil
	}
	return err
}

// Tell gives every rank the text of rank 0, once none has failed.
func Tell(text string, err error) (string, error) {
	if err := Agree(err); err != nil || joined == nil {
		return text, err
	}
	all, err := joined.Gather([]byte(text))
	if err != nil {
		return "", err
	}
	return string(all[0]), nil
}

// Spent is the time that was spent in MPI, and in waiting there for other ranks.
func Spent() time.Duration {
	if joined == nil {
		return 0
	}
	return joined.Spent()
}

// Wait waits for all ranks.
func Wait() error {
	if joined == nil {
		return nil
	}
	return joined.Barrier()
}

// Grace is how long a rank that failed waits for the others to have failed too, before it ends them.
const Grace = 4 * time.Second

// Do runs a command line as one of the ranks that a launcher has started, or alone, and is its exit status.
func Do(root *cobra.Command, args []string, out, errOut io.Writer, execute func(out, errOut io.Writer) error) int {
	if mpi.Started().Size == 1 {
		return said(errOut, execute(out, errOut), "")
	}
	cmd, _, err := root.Find(args)
	all := err == nil && cmd.Annotations[takesPart] != ""
	if !all { // what only looks: one process is enough, and no MPI is wanted
		if mpi.Started().Rank != 0 {
			return 0
		}
		return said(errOut, execute(out, errOut), "")
	}
	world, err := mpi.Join()
	if err != nil {
		if mpi.Started().Rank != 0 {
			errOut = io.Discard
		}
		return said(errOut, err, "")
	}
	joined = world
	if world.Rank() == 0 {
		err = execute(out, errOut)
		status := said(errOut, err, "")
		return end(world, err, status)
	}
	err = execute(io.Discard, io.Discard)
	return end(world, err, usage.Status(err), func() { said(errOut, err, fmt.Sprintf("rank %d: ", world.Rank())) })
}

// end leaves the world together with the others. A rank that failed by itself ends them, since they wait for it, once its error is said.
func end(world *mpi.World, err error, status int, say ...func()) int {
	if err == nil {
		if err := world.Close(); err != nil {
			return 1
		}
		return status
	}
	closed := make(chan error, 1)
	go func() { closed <- world.Close() }()
	select {
	case <-closed: // the others have failed too, of the same
	case <-time.After(Grace):
		for _, f := range say {
			f()
		}
		world.Kill(max(1, status))
	}
	return status
}

// said prints an error, and is the status that it comes to.
func said(errOut io.Writer, err error, who string) int {
	if err != nil && !usage.WasSaid(err) {
		usage.Say(errOut, "%s%v", who, err)
	}
	return usage.Status(err)
}
