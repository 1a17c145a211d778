package flags

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/pflag"
)

// Ints adds a flag of whole numbers with commas between them. Given again it takes the place of what was given, as other flags do; pflag's own would append.
func Ints(to *pflag.FlagSet, into *[]int, name string, value []int, usage string) {
	*into = value
	to.Var((*ints)(into), name, usage)
}

type ints []int

func (v *ints) Set(text string) error {
	var all []int
	for part := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil {
			return err
		}
		all = append(all, n)
	}
	*v = all
	return nil
}

// String is as pflag prints its own: [1,2].
func (v *ints) String() string { return strings.ReplaceAll(fmt.Sprint([]int(*v)), " ", ",") }

// Type has pflag call them as its own.
func (v *ints) Type() string { return "intSlice" }

// Names adds a flag of names with commas between them, of which likewise the last counts.
func Names(to *pflag.FlagSet, into *[]string, name, usage string) {
	to.Var((*names)(into), name, usage)
}

type names []string

func (v *names) Set(text string) error {
	*v = strings.Split(text, ",")
	return nil
}

func (v *names) String() string { return "[" + strings.Join(*v, ",") + "]" }

// Type has pflag call them as its own.
func (v *names) Type() string { return "stringSlice" }
