package datasets

func scaleBytesLoop(dst []float32, src []uint8, factor float32) {
	dst = dst[:len(src)]
	for i, b := range src {
		dst[i] = float32(b) * factor
	}
}
