//go:build !linux

package sqlite

import "os"

// Elsewhere than on Linux, for which smileybot is built, the lock file is the only lock.

func lockInode(*os.File) (taken bool, err error) { return true, nil }

func unlockInode(*os.File) error { return nil }

func inodeLocked(*os.File) (is, known bool) { return false, false }

func inUse(*os.File) bool { return false }
