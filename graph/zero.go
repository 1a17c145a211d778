package graph

import "github.com/stheno-ml/stheno/graph/text"

// Zero is a literal zero, for settings of layers and losses whose 0 is their default.
const Zero = text.Zero
