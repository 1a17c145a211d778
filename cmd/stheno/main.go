// Command stheno runs the experiments of Hung-yi Lee's Keras lecture on MNIST, and looks inside the networks while they train.
//
//	go run ./cmd/stheno list
//	go run ./cmd/stheno run relu
//
// Words go to standard output, progress and warnings to standard error. Exit status: 0 done; 1 it failed, and one line
// says why and what to do; 2 the command line was wrong; 130 or 143 it was interrupted or terminated, after
// finishing the step in hand.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	os.Exit(execute(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// execute runs one command line and returns its exit status.
func execute(args []string, in io.Reader, out, errOut io.Writer) int {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer close(signals)
	defer signal.Stop(signals)
	go func() {
		if s, ok := <-signals; ok {
			cancel(&interrupted{s})
			if _, ok := <-signals; ok { // the second one does not wait for the step to end
				os.Exit((&interrupted{s}).status())
			}
		}
	}()

	root := rootCommand()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errOut)
	err := root.ExecuteContext(ctx)
	status := statusOf(err)
	if err != nil && !errors.Is(err, errSaid) {
		fmt.Fprintln(errOut, "stheno:", oneLine(err))
	}
	return status
}

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "stheno",
		Short: "Train the networks of Hung-yi Lee's Keras lecture on MNIST, and see why they do or do not learn",
		Long: `Train the networks of Hung-yi Lee's Keras lecture on MNIST, and see why they do
or do not learn.

One network fails (mean squared error, sigmoid), and is mended a change at a
time: loss, batch size, depth, activation, scaling, optimizer, noise, dropout.
10,000 training and 10,000 test digits come with the program.`,
		Example: `  stheno list                        the eleven experiments and what the lecture showed
  stheno run relu                    train one, and compare it with the lecture
  stheno run all --json              all of them, one JSON object a line`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				var names []string
				for _, c := range cmd.Commands() {
					names = append(names, c.Name())
				}
				return usagef("no command is called %q: see `stheno --help`%s", args[0], didYouMean(args[0], names))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(flagError)
	root.SetUsageTemplate(strings.ReplaceAll(root.UsageTemplate(), ".FlagUsages", ".FlagUsagesWrapped 80"))
	root.AddCommand(listCommand(), runCommand(), summaryCommand(), evalCommand(), predictCommand(), exportCommand(), runsCommand(), dataCommand(), gradientsCommand(), gradcheckCommand(), diagnoseCommand(), graphCommand(), reportCommand(), benchCommand(), infoCommand(), versionCommand())
	return root
}

// usageError is a command line that is wrong.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// interrupted is the cause of a context that a signal cancelled.
type interrupted struct{ signal os.Signal }

func (e *interrupted) Error() string {
	if e.signal == syscall.SIGTERM {
		return "terminated"
	}
	return "interrupted"
}

// status is what a shell reports for a program that the signal ended.
func (e *interrupted) status() int {
	if e.signal == syscall.SIGTERM {
		return 143
	}
	return 130
}

// errSaid is a failure that has been reported already, such as a check that did not hold.
var errSaid = errors.New("reported")

func statusOf(err error) int {
	var usage usageError
	var stopped *interrupted
	switch {
	case err == nil:
		return 0
	case errors.As(err, &usage):
		return 2
	case errors.As(err, &stopped):
		return stopped.status()
	}
	return 1
}

func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }

// arguments checks the number of arguments; what says what they are.
func arguments(least, most int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < least || (most >= 0 && len(args) > most) {
			return usagef("%s: got %d arguments, want %s: `%s --help` shows examples", cmd.CommandPath(), len(args), what, cmd.CommandPath())
		}
		return nil
	}
}
