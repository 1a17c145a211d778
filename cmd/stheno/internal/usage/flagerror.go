package usage

import (
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/help"
)

// FlagError says what is wrong with a flag: its name, or its value.
func FlagError(cmd *cobra.Command, err error) error {
	var (
		unknown *pflag.NotExistError
		invalid *pflag.InvalidValueError
		missing *pflag.ValueRequiredError
	)
	of := ""
	if cmd.HasParent() {
		of = NameOf(cmd) + ": "
	}
	switch {
	case errors.As(err, &invalid):
		f := invalid.GetFlag()
		most := ""
		if errors.Is(err, strconv.ErrRange) { // a number, but none that a computer's numbers hold
			most = map[string]string{"float64": " of at most 1.7e308"}[f.Value.Type()]
			if most == "" {
				most = fmt.Sprintf(" of at most %d", math.MaxInt)
			}
		}
		return Errorf("--%s: got %q, want %s%s: %s", f.Name, invalid.GetValue(), wanted(f), most, help.Meaning(f))
	case errors.As(err, &missing) && missing.GetFlag() != nil:
		f := missing.GetFlag()
		return Errorf("--%s: got nothing, want %s: %s", f.Name, wanted(f), help.Meaning(f))
	case errors.As(err, &unknown):
		// After a command that is misspelt, its flags are unknown too.
		if cmd.HasSubCommands() {
			if wrong := cmd.ValidateArgs(cmd.Flags().Args()); wrong != nil {
				return wrong
			}
		}
		name := unknown.GetSpecifiedName()
		if unknown.GetSpecifiedShortnames() != "" {
			return Errorf("%sthere is no flag -%s: see `%s --help`", of, name, cmd.CommandPath())
		}
		var names []string
		cmd.Flags().VisitAll(func(flag *pflag.Flag) { names = append(names, "--"+flag.Name) })
		return Errorf("%sthere is no flag --%s: see `%s --help`%s", of, name, cmd.CommandPath(), DidYouMean("--"+name, names))
	}
	return Errorf("%s%w: see `%s --help`", of, err, cmd.CommandPath())
}

// wanted is what a flag's value must be, in words.
func wanted(f *pflag.Flag) string {
	switch f.Value.Type() {
	case "bool":
		return "true or false"
	case "int":
		return "a whole number"
	case "uint64":
		return "a whole number of at least 0"
	case "float64":
		return "a number"
	case "duration":
		return "a time, such as 90s or 2h"
	case "intSlice":
		return "whole numbers with commas between them"
	}
	return "a value"
}
