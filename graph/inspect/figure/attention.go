package figure

import (
	"fmt"

	"github.com/stheno-ml/stheno/graph/inspect"
)

// Attention draws what the heads of a layer look at, a picture a head, a row of pictures a sample: a row of a picture is a place that looks, from the first on, a column one that is looked at, and the brighter the more.
func Attention(title string, a inspect.AttentionMap) string {
	var images []Image
	for s := range a.Samples {
		for h := range a.Heads {
			images = append(images, Image{a.Of(s, h), [2]string{fmt.Sprint("head ", h+1), fmt.Sprint("sample ", s+1)}})
		}
	}
	return Images(title, a.Queries, a.Keys, a.Heads, images)
}
