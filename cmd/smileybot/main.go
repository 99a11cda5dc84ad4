// Command smileybot brings customers' smileys and scores into Slack: it receives signed webhooks,
// shows each rating as one message that stays up to date, tracks the follow-ups with unhappy
// customers, and reports the scores.
//
// Each sub-command is one file: flags in, one call, and printing. run parses the command line.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
