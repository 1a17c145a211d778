package lab

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/stheno-ml/stheno/cmd/stheno/lab/look"
)

// change is one of the number of epochs.
func change(epochs int) *look.Change { return &look.Change{Epochs: &epochs} }

// A disk that becomes full while a file comes is said in words, without the place within the lab, and nothing is left.
func TestNoRoom(t *testing.T) {
	u := &uploads{}
	defer u.remove()
	for _, full := range []error{syscall.ENOSPC, syscall.EDQUOT} {
		_, _, err := u.keep("a.csv", io.MultiReader(strings.NewReader("a,b\n"), failing{fmt.Errorf("write a.csv: %w", full)}))
		if !errors.Is(err, errFull) || !strings.Contains(err.Error(), "free some room") || strings.Contains(err.Error(), u.dir) {
			t.Errorf("%v: got %v", full, err)
		}
		if left, err := os.ReadDir(u.dir); err != nil || len(left) > 0 || u.bytes != 0 {
			t.Errorf("it leaves %v of %d bytes, %v", left, u.bytes, err)
		}
	}
}

// failing reads nothing but an error.
type failing struct{ error }

func (f failing) Read([]byte) (int, error) { return 0, f.error }
