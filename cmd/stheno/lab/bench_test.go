package lab

import (
	"context"
	"io"
	"net/http"
	"testing"

	"github.com/stheno-ml/stheno/cmd/stheno/lab/look"
	"github.com/stheno-ml/stheno/cmd/stheno/lab/session"
)

// BenchmarkOneReader is what a message costs the goroutine that trains, and all of the server, until one page has it. A run tells at most ten messages of points a second, of which each has the steps
// since the last, and looks at the layers more rarely.
func BenchmarkOneReader(b *testing.B) {
	h := look.Hist{}
	layers := make([]map[string]any, 14)
	for i := range layers {
		layers[i] = map[string]any{"name": "dense", "activation": h, "gradient": h, "first": map[string]any{"activation": h, "gradient": h}}
	}
	for name, m := range map[string]session.Message{
		"points of 20 steps":  points("1", 1, 20),
		"14 layers":           {Kind: "layers", Data: map[string]any{"run": "1", "layers": layers}},
		"a state of ten runs": {Kind: "state", Data: session.State{Runs: make([]session.Run, 10), Ladder: make([]look.Step, 11)}},
	} {
		b.Run(name, func(b *testing.B) {
			s, err := Listen("127.0.0.1:0", "test", io.Discard)
			if err != nil {
				b.Fatal(err)
			}
			ctx, cancel := context.WithCancel(b.Context())
			done := make(chan error)
			go func() {
				done <- s.Serve(ctx, func(func(session.Message)) (Session, error) { return &fake{}, nil })
			}()
			r, _ := http.NewRequestWithContext(ctx, "GET", at(s, "/events"), nil)
			r.AddCookie(&http.Cookie{Name: s.guard.cookie, Value: s.guard.token})
			got, err := http.DefaultClient.Do(r)
			if err != nil {
				b.Fatal(err)
			}
			read := make(chan int64)
			go func() {
				n, _ := io.Copy(io.Discard, got.Body)
				read <- n
			}()
			for b.Loop() {
				s.hub.tell(m)
			}
			cancel()
			<-read
			if err := <-done; err != nil {
				b.Error(err)
			}
		})
	}
}
