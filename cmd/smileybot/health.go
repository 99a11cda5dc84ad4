package main

import (
	"context"
	"fmt"
	"strings"

	"smileybot/bot"
	"smileybot/bot/selfcheck"
)

type healthCommand struct{}

func (healthCommand) Help() string {
	return `It asks /healthz on SMILEYBOT_ADMIN_LISTEN, and exits with 0 if the bot answers within 3 seconds, with 1
otherwise. It reads no other setting. Containers and monitors call it.

Example:

	smileybot health
`
}

// Run asks the bot whether it is alive. Every failure exits with 1: Docker reserves the rest.
func (healthCommand) Run(ctx context.Context, t streams) error {
	answer, err := selfcheck.Alive(ctx, bot.AdminListen())
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(t.out, oneLine(strings.TrimSpace(answer)))
	return err
}
