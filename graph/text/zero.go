package text

import "math"

// Zero is a literal zero, for settings whose 0 is their default: optim.Adam{Beta1: optim.Zero} has a β₁ of 0. It is the smallest positive float, which no setting needs;
// whoever reads a setting takes it for 0. Packages graph and optim export it, too.
const Zero = math.SmallestNonzeroFloat64

// Value is what a setting says: Zero is 0, and 0 the default.
func Value(setting, otherwise float64) float64 {
	switch setting {
	case 0:
		return otherwise
	case Zero:
		return 0
	}
	return setting
}
