#include "textflag.h"

// func pause()
// Four PAUSE instructions: tells the core (and the sibling that shares it) that this is a wait loop.
TEXT ·pause(SB), NOSPLIT, $0-0
	PAUSE
	PAUSE
	PAUSE
	PAUSE
	RET
