package datasets

import "iter"

// Batches cuts an order into batches of size rows and yields each with its number; the last one may be smaller. A size
// below 1 stands for one batch of everything.
func Batches(order []int, size int) iter.Seq2[int, []int] {
	if size < 1 {
		size = max(len(order), 1)
	}
	return func(yield func(int, []int) bool) {
		for number, lo := 0, 0; lo < len(order); number, lo = number+1, lo+size {
			hi := lo + min(size, len(order)-lo)
			if !yield(number, order[lo:hi:hi]) {
				return
			}
		}
	}
}
