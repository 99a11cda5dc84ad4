package logbuffer_test

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"smileybot/bot/logbuffer"
)

// text is the format of the tests: lines without a time.
func text(w io.Writer) slog.Handler {
	return slog.NewTextHandler(w, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}})
}

// A reader is the other end of a log: it may stall, fail, and be closed.
type reader struct {
	mu    sync.Mutex
	stall chan struct{} // a write waits until it is closed
	err   error
	lines []string
}

func (r *reader) Write(line []byte) (int, error) {
	r.mu.Lock()
	stall, err := r.stall, r.err
	r.mu.Unlock()
	if stall != nil {
		<-stall
	}
	if err != nil {
		return 0, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, strings.TrimSpace(string(line)))
	return len(line), nil
}

func (r *reader) become(stall chan struct{}, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stall, r.err = stall, err
}

func TestLinesAreWrittenInOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var r reader
		l := logbuffer.New(&r, text)
		log := slog.New(l)
		var want []string
		for i := range 100 {
			log.Info("line", "n", i)
			want = append(want, fmt.Sprintf("level=INFO msg=line n=%d", i))
		}
		l.Close(time.Second)
		assert.Equal(t, want, r.lines)
		assert.Zero(t, l.Dropped())
	})
}

// TestStalledReader checks that a reader that stalls costs lines and no time, and that the log says so
// once it reads again, after the lines that it kept.
func TestStalledReader(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stall := make(chan struct{})
		r := reader{stall: stall}
		l := logbuffer.New(&r, text)
		log, began := slog.New(l), time.Now()
		const lines = 50_000
		for i := range lines {
			log.Info("line", "n", i)
		}
		assert.Zero(t, time.Since(began), "it blocks")
		dropped := l.Dropped()
		assert.NotZero(t, dropped)
		r.become(nil, nil)
		close(stall)
		synctest.Wait()
		log.Info("later")
		l.Close(time.Second)
		kept := lines - int(dropped)
		assert.Len(t, r.lines, kept+2)
		assert.Equal(t, fmt.Sprintf("level=INFO msg=line n=%d", kept-1), r.lines[kept-1])
		assert.Equal(t, fmt.Sprintf(`level=WARN msg="dropped lines of the log that nothing read" lines=%d`, dropped), r.lines[kept])
		assert.Equal(t, "level=INFO msg=later", r.lines[kept+1])
		assert.Equal(t, dropped, l.Dropped())
	})
}

// TestClosedReader checks that lines that cannot be written are counted, and said when it works again.
func TestClosedReader(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := reader{err: errors.New("broken pipe")}
		l := logbuffer.New(&r, text)
		log := slog.New(l)
		for range 7 {
			log.Info("lost")
			synctest.Wait()
		}
		assert.EqualValues(t, 7, l.Dropped())
		r.become(nil, nil)
		log.Info("kept")
		l.Close(time.Second)
		assert.Equal(t, []string{"level=INFO msg=kept", `level=WARN msg="dropped lines of the log that nothing read" lines=7`}, r.lines)
	})
}

// TestCloseIsBounded checks that a reader that never reads again does not stop the end.
func TestCloseIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stall := make(chan struct{})
		l := logbuffer.New(&reader{stall: stall}, text)
		began := time.Now()
		slog.New(l).Info("line")
		l.Close(time.Second)
		assert.Equal(t, time.Second, time.Since(began))
		slog.New(l).Info("too late")
		assert.EqualValues(t, 1, l.Dropped())
		close(stall)
	})
}

// BenchmarkLog compares a line through the buffer with one that is written at once.
func BenchmarkLog(b *testing.B) {
	out, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		b.Fatal(err)
	}
	defer out.Close()
	line := func(b *testing.B, log *slog.Logger) {
		b.Helper()
		for b.Loop() {
			log.Info("stored feedback", "sender", "feedback", "feedback_id", "0192", "kind", "smiley", "channel", "ticket", "result", "created")
		}
	}
	format := func(w io.Writer) slog.Handler { return slog.NewJSONHandler(w, nil) }
	b.Run("at once", func(b *testing.B) { line(b, slog.New(format(out))) })
	b.Run("buffered", func(b *testing.B) {
		l := logbuffer.New(out, format)
		defer l.Close(time.Second)
		line(b, slog.New(l))
		b.ReportMetric(float64(l.Dropped())/float64(b.N), "dropped/op")
	})
}
