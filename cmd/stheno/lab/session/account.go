package session

import "time"

// An account is of what is done beside training while a run plays: looks at its layers, the diagnosis, checkpoints, messages. All of it is written down, and what nobody asked for is done where all together stays a
// small part of the time of training. What a run always shows, such as its first steps, may overdraw the account: then the rest waits.
type account struct{ trained, taken time.Duration }

// What may be taken of the time: of all together, and since it was done last of each kind alone, one part of so many. 2½ % of what is seen from here leaves room below 5 % for what is not, garbage and who reads, and
// for what is always shown. The diagnosis waits for its own part alone, and is paid for by what waits for all: looks, which are many, would leave nothing of it.
const (
	taking     = 40
	looking    = 50
	saving     = 100
	diagnosing = 100
)

// affords says whether something of that cost may be done now.
func (a *account) affords(cost time.Duration) bool { return taking*(a.taken+cost) <= a.trained }
