package parallel

// spinRounds is how many pauses pass between two looks at the clock: some microseconds.
const spinRounds = 64

func pause()
