package session

import (
	"testing"
	"time"
)

// What a run always shows may overdraw the account, and then nothing else is done until training has earned it.
func TestAccount(t *testing.T) {
	a := account{trained: 40 * time.Second}
	if !a.affords(time.Second) || a.affords(time.Second+1) {
		t.Error("of 40 seconds one may be taken, and no more")
	}
	a.taken = 2 * time.Second
	if a.affords(0) {
		t.Error("it is overdrawn")
	}
	a.trained = 80 * time.Second
	if !a.affords(0) || a.affords(1) {
		t.Error("it is even")
	}
}
