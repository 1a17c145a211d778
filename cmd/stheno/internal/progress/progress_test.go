package progress

import (
	"testing"
	"time"
)

func TestAbout(t *testing.T) {
	for d, want := range map[time.Duration]string{
		61 * time.Second: "a minute", 90 * time.Second: "2 minutes", 119*time.Minute + 20*time.Second: "119 minutes", 150 * time.Minute: "3 hours", 460 * time.Hour: "460 hours",
	} {
		if got := about(d); got != want {
			t.Errorf("%v: got %s, want %s", d, got, want)
		}
	}
}
