package datasets

// scaleBytes sets dst[i] = src[i]×factor. It runs in every training step; the loop in Go takes four times as long. SSE2 is
// in every amd64 processor, and both ways round alike, so the bits are the same.
func scaleBytes(dst []float32, src []uint8, factor float32) {
	dst = dst[:len(src)]
	n := len(src) &^ 15
	if n > 0 {
		scaleBytes16(&dst[0], &src[0], n, factor)
	}
	scaleBytesLoop(dst[n:], src[n:], factor)
}

// scaleBytes16 is scaleBytes over n values; n must be a positive multiple of 16.
//
//go:noescape
func scaleBytes16(dst *float32, src *uint8, n int, factor float32)
