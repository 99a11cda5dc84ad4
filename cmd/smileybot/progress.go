package main

import (
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress shows how far a long job is, on a terminal; elsewhere it shows nothing.
type progress struct{ bar *progressbar.ProgressBar }

// progress begins to show a job of so many bytes, -1 when that is not known.
func (t terminal) progress(size int64) *progress {
	file, ok := t.err.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return &progress{}
	}
	return &progress{bar: progressbar.NewOptions64(size, progressbar.OptionSetWriter(file), progressbar.OptionShowBytes(true),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(), progressbar.OptionFullWidth())}
}

// Write counts bytes that went by.
func (p *progress) Write(data []byte) (int, error) {
	if p.bar != nil {
		_ = p.bar.Add(len(data))
	}
	return len(data), nil
}

// clear takes the bar off the terminal until there is more to show.
func (p *progress) clear() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}
