//go:build !amd64

package datasets

// scaleBytes sets dst[i] = src[i]×factor.
func scaleBytes(dst []float32, src []uint8, factor float32) { scaleBytesLoop(dst, src, factor) }
