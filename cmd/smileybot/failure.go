package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"smileybot/config"
)

// The exit statuses.
const (
	statusDone   = 0
	statusFailed = 1
	statusMisuse = 2 // wrong usage or settings
)

// A misuse is an error in how the program was called or set up.
type misuse struct{ error }

// Unwrap gives the error itself.
func (m misuse) Unwrap() error { return m.error }

// errSaid is a failure that the command has already told the user.
var errSaid = errors.New("the failure was already told")

// report tells what went wrong, one line a mistake, and gives the exit status.
func (t terminal) report(err error) int {
	if err == nil {
		return statusDone
	}
	if !errors.Is(err, errSaid) {
		for line := range strings.Lines(err.Error()) {
			fmt.Fprintln(t.err, "smileybot:", withoutSecrets(strings.TrimSpace(line)))
		}
	}
	return status(err)
}

func status(err error) int {
	_, misused := errors.AsType[misuse](err)
	_, unset := errors.AsType[config.Mistakes](err)
	if misused || unset {
		return statusMisuse
	}
	return statusFailed
}

// withoutSecrets takes out what looks like a secret that was typed in the wrong
// place of a command line.
func withoutSecrets(text string) string {
	return regexp.MustCompile(`(whsec_|xox[a-z]-|xapp-)[\w+/=-]{6,}`).ReplaceAllString(text, "[redacted]")
}

// cancelled reports whether the user asked to stop.
func cancelled(ctx context.Context) bool { return ctx.Err() != nil }

// stopped turns an error that follows from being told to stop into none.
func stopped(ctx context.Context, err error) error {
	if cancelled(ctx) {
		return nil
	}
	return err
}
