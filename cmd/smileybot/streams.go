package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"smileybot/config"
)

// streams are the standard streams of a command.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// The exit codes.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2 // wrong usage or settings
)

// A usageError is a mistake in how the program was called.
type usageError struct{ error }

// usageErrorf returns a usageError.
func usageErrorf(format string, a ...any) error {
	return usageError{fmt.Errorf(format, a...)}
}

// errReported is returned by a command that has already printed what failed.
var errReported = errors.New("the failure was already reported")

// report prints an error, one line for each mistake, and returns the exit code.
func (s streams) report(err error) int {
	if err == nil || errors.Is(err, errOutputClosed) { // the reader has seen what it wanted
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

// A progress shows how far a long job is, on a terminal. Elsewhere it shows nothing.
type progress struct{ bar *progressbar.ProgressBar }

// progress starts to show a job of so many bytes, -1 when that is not known. For steps it is 1, until
// set changes it.
func (s streams) progress(size int64, option ...progressbar.Option) *progress {
	file, ok := s.err.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return &progress{}
	}
	return &progress{bar: progressbar.NewOptions64(size, append(option, progressbar.OptionSetWriter(file),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(), progressbar.OptionFullWidth())...)}
}

// set shows that so many of all steps are done.
func (p *progress) set(done, total int64) {
	if p.bar != nil {
		p.bar.ChangeMax64(max(total, 1))
		_ = p.bar.Set64(done)
	}
}

// Write counts bytes.
func (p *progress) Write(data []byte) (int, error) {
	if p.bar != nil {
		_ = p.bar.Add(len(data))
	}
	return len(data), nil
}

// clear removes the bar until the next change.
func (p *progress) clear() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}
