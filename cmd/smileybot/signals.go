package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// stopSignals are the signals that stop the program: Ctrl-C, the service manager's, and that of a
// terminal that closes. The last one is left alone when it was ignored from the start, as by nohup.
func stopSignals() []os.Signal {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	return signals
}

// untilSignal returns a context that the first signal to stop ends. A second one ends the program at
// once, unless [keepRunning] was called.
func untilSignal() context.Context {
	signal.Ignore(syscall.SIGPIPE) // a write to a closed pipe fails, as any other write may
	ctx, stop := signal.NotifyContext(context.Background(), stopSignals()...)
	context.AfterFunc(ctx, stop)
	return ctx
}

// keepRunning makes further signals do nothing: the program is about to end, and has files to remove.
func keepRunning() { signal.Notify(make(chan os.Signal, 1), stopSignals()...) }
