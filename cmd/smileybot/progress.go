package main

import (
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// A progress shows how far a long job is, on a terminal. Elsewhere it shows nothing.
type progress struct{ bar *progressbar.ProgressBar }

// byteProgress starts to show a job of so many bytes, -1 when the size is not known.
func (s streams) byteProgress(size int64) *progress {
	return s.progress(size, progressbar.OptionShowBytes(true))
}

// stepProgress starts to show a job whose number of steps becomes known later.
func (s streams) stepProgress() *progress { return s.progress(1) }

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
