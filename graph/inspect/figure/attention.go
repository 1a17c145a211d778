package figure

import (
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/graph/inspect"
)

// Attention draws what the heads of a layer look at, a picture a head, a row of pictures a sample: a row of a picture is a place that looks, from the first on, a column one that is looked at. White is what it looks at most,
// and of other places the brighter is the one that it looks at more.
func Attention(title string, a inspect.AttentionMap) string {
	var images []Image
	for s := range a.Samples {
		for h := range a.Heads {
			w := slices.Clone(a.Of(s, h))
			for row := range slices.Chunk(w, max(1, a.Keys)) {
				for j, most := 0, slices.Max(row); j < len(row) && most > 0; j++ {
					row[j] /= most
				}
			}
			images = append(images, Image{w, [2]string{fmt.Sprint("head ", h+1), fmt.Sprint("sample ", s+1)}})
		}
	}
	return Images(title, a.Queries, a.Keys, a.Heads, images)
}
