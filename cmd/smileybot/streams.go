package main

import (
	"context"
	"errors"
	"fmt"
	"io"
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
	out, err io.Writer // what a terminal must not get is escaped
	// exact is standard output byte for byte: for what a program reads, and never for a terminal.
	exact io.Writer
	// errTerminal is standard error where it is a terminal, for a progress bar; else nil.
	errTerminal io.Writer
}

// terminal returns a stream that is a terminal, and nil for any other.
func terminal(stream io.Writer) io.Writer {
	file, ok := stream.(interface{ Fd() uintptr })
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return nil
	}
	return stream
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
	if err == nil {
		return exitOK
	}
	if !errors.Is(err, errReported) {
		for _, line := range linesOf(err) {
			fmt.Fprintln(s.err, "smileybot:", withoutSecrets(oneLine(strings.TrimSpace(line))))
		}
	}
	return exitCode(err)
}

// linesOf returns one line for each of several mistakes. A line break in one of them is not ours.
func linesOf(err error) []string {
	if usage, ok := err.(usageError); ok { //nolint:errorlint // only what it wraps directly
		return linesOf(usage.error)
	}
	several, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []string{err.Error()}
	}
	var lines []string
	for _, one := range several.Unwrap() {
		lines = append(lines, linesOf(one)...)
	}
	if strings.Join(lines, "\n") != err.Error() { // it has words of its own
		return []string{err.Error()}
	}
	return lines
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
	if s.errTerminal == nil {
		return &progress{}
	}
	return &progress{bar: progressbar.NewOptions64(size, append(option, progressbar.OptionSetWriter(s.errTerminal),
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
