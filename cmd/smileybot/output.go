package main

import (
	"context"
	"errors"
	"io"
	"sync"
	"syscall"
	"time"
)

// errOutputClosed is the error of a write to standard output when its reader has closed it, as in
// "smileybot export | head".
var errOutputClosed = errors.New("the reader of standard output has closed it")

// lastWords is how long a write may wait for a reader that stalls after a signal to stop.
const lastWords = time.Second

// An output is standard output. It fails with [errOutputClosed] once its reader is gone, and a reader
// that stalls does not keep the program from a stop.
type output struct {
	ctx context.Context //nolint:containedctx // of the program: its end bounds every write
	to  io.Writer

	mu      sync.Mutex
	stalled bool
}

// Write writes data.
func (o *output) Write(data []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.stalled {
		return 0, errOutputClosed
	}
	written := make(chan error, 1)
	data = append([]byte(nil), data...) // the caller may reuse it when the write is given up
	go func() {
		_, err := o.to.Write(data)
		written <- err
	}()
	select {
	case err := <-written:
		return o.result(data, err)
	case <-o.ctx.Done():
	}
	select {
	case err := <-written:
		return o.result(data, err)
	case <-time.After(lastWords):
		o.stalled = true
		return 0, errOutputClosed
	}
}

func (o *output) result(data []byte, err error) (int, error) {
	if errors.Is(err, syscall.EPIPE) {
		return 0, errOutputClosed
	}
	if err != nil {
		return 0, err
	}
	return len(data), nil
}

// An endingOutput ends something when a write fails.
type endingOutput struct {
	io.Writer

	end func()
}

// Write writes data.
func (o endingOutput) Write(data []byte) (int, error) {
	n, err := o.Writer.Write(data)
	if err != nil {
		o.end()
	}
	return n, err
}

// Fd is the descriptor of standard output, by which a terminal is recognised.
func (o *output) Fd() uintptr {
	if file, ok := o.to.(interface{ Fd() uintptr }); ok {
		return file.Fd()
	}
	return ^uintptr(0)
}
