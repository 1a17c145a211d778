//go:build !windows && (!unix || aix || solaris)

package run

import "os"

// tryLock locks nothing: there is no flock here.
func tryLock(*os.File) error { return nil }
