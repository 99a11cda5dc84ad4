package main

import (
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress shows how far a long job is, on a streams; elsewhere it shows nothing.
type progress struct{ bar *progressbar.ProgressBar }

// progress begins to show a job of so many bytes, -1 when that is not known.
func (s streams) progress(size int64) *progress {
	return s.bar(size, progressbar.OptionShowBytes(true))
}

// steps begins to show a job whose steps are counted as it goes.
func (s streams) steps() *progress { return s.bar(1) }

func (s streams) bar(size int64, option ...progressbar.Option) *progress {
	file, ok := s.err.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return &progress{}
	}
	return &progress{bar: progressbar.NewOptions64(size, append(option, progressbar.OptionSetWriter(file),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(), progressbar.OptionFullWidth())...)}
}

// to shows that so many steps of all are done.
func (p *progress) to(done, total int64) {
	if p.bar != nil {
		p.bar.ChangeMax64(max(total, 1))
		_ = p.bar.Set64(done)
	}
}

// Write counts bytes that went by.
func (p *progress) Write(data []byte) (int, error) {
	if p.bar != nil {
		_ = p.bar.Add(len(data))
	}
	return len(data), nil
}

// clear takes the bar off the streams until there is more to show.
func (p *progress) clear() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}
