package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"smileybot/config"
)

// The exit codes.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2 // wrong usage or settings
)

// A usageError is a mistake in how the program was called.
type usageError struct{ error }

// Unwrap returns the error itself.
func (e usageError) Unwrap() error { return e.error }

// usageErrorf returns a usageError.
func usageErrorf(format string, a ...any) error {
	return usageError{fmt.Errorf(format, a...)}
}

// errReported is returned by a command that has already printed what failed.
var errReported = errors.New("the failure was already reported")

// report prints an error, one line for each mistake, and returns the exit code.
func (s streams) report(err error) int {
	if err == nil {
		return exitOK
	}
	if !errors.Is(err, errReported) {
		for line := range strings.Lines(err.Error()) {
			fmt.Fprintln(s.err, "smileybot:", withoutSecrets(strings.TrimSpace(line)))
		}
	}
	return exitCode(err)
}

func exitCode(err error) int {
	_, usage := errors.AsType[usageError](err)
	_, settings := errors.AsType[config.Mistakes](err)
	if usage || settings {
		return exitUsage
	}
	return exitFailed
}

// withoutSecrets redacts what looks like a secret, such as one in the wrong place of a command line.
func withoutSecrets(text string) string {
	return regexp.MustCompile(`(whsec_|xox[a-z]-|xapp-)[\w+/=-]{6,}`).ReplaceAllString(text, "[redacted]")
}

// cancelled reports whether the user asked to stop.
func cancelled(ctx context.Context) bool { return ctx.Err() != nil }
