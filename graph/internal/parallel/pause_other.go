//go:build !amd64

package parallel

// spinRounds is how many pauses pass between two looks at the clock: some microseconds.
const spinRounds = 1024

func pause() {}
