//go:build !linux

package sqlite

import "os"

// Elsewhere than on Linux, for which smileybot is built, the lock file is the only lock.

func lockInode(*os.File) (taken bool, err error) { return true, nil }

func unlockInode(*os.File) error { return nil }

func inodeLocked(*os.File) bool { return true }

func inUse(*os.File) bool { return false }
