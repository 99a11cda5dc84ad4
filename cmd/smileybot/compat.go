package main

// Names that the files of the senders still use; the last step of the move replaces them.

type (
	terminal = streams
	misuse   = usageError
)

const (
	statusFailed = exitFailed
	statusMisuse = exitUsage
)

var errSaid = errReported

func misusef(format string, a ...any) error { return usageErrorf(format, a...) }
