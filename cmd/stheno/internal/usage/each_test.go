package usage

import (
	"errors"
	"strings"
	"syscall"
	"testing"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/interrupt"
)

func TestEach(t *testing.T) {
	outcomes := map[string]error{"fails": errors.New("it\nfails"), "wrong": Errorf("wrong"), "said": ErrSaid, "signal": &interrupt.Error{Signal: syscall.SIGTERM}}
	for _, c := range []struct {
		things, done, said string
		status             int
	}{
		{"a", "a", "", 0}, {"a b", "a b", "", 0},
		{"fails", "", "", 1}, {"wrong", "", "", 2}, // whoever asked says it
		{"a fails b", "a b", "stheno: it fails\n", 1}, {"a wrong", "a", "stheno: wrong\n", 1}, {"wrong a", "a", "stheno: wrong\n", 1},
		{"wrong wrong", "", "stheno: wrong\nstheno: wrong\n", 2}, {"fails wrong", "", "stheno: it fails\nstheno: wrong\n", 1},
		{"said b", "b", "", 1}, {"a signal b", "a", "", 143}, {"", "", "", 0},
	} {
		var said strings.Builder
		var done []string
		err := Each(&said, strings.Fields(c.things), func(thing string) error {
			if outcomes[thing] == nil {
				done = append(done, thing)
			}
			return outcomes[thing]
		})
		if got := strings.Join(done, " "); got != c.done || said.String() != c.said || Status(err) != c.status {
			t.Errorf("%q: did %q, said %q, status %d; want %q, %q, %d", c.things, got, said.String(), Status(err), c.done, c.said, c.status)
		}
	}
}
