// Command smileybot brings customers' smileys and scores into Slack: it takes
// signed webhooks, shows each rating as one living message, keeps the follow-ups
// with unhappy customers, and tells the scores.
//
// One file is one sub-command; run parses the command line and starts the one
// that was asked for. The program puts settings, bot and, for the demo, the
// stand-in for Slack together; nothing imports it.
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
