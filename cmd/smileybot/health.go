package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"smileybot/bot"
)

type healthCommand struct{}

// healthTimeout is how long the answer may take: less than a container's own limit.
const healthTimeout = 3 * time.Second

// Help is printed by --help.
func (healthCommand) Help() string {
	return `It asks /healthz on SMILEYBOT_ADMIN_LISTEN, and exits with 0 if the bot answers within 3 seconds, with 1
otherwise. It reads no other setting. Containers and monitors call it.

Example:

	smileybot health
`
}

// Run asks the bot whether it is alive. Every failure exits with 1: Docker reserves the rest.
func (healthCommand) Run(ctx context.Context, t streams) error {
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	url, err := healthURL(adminListen())
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // without a proxy
	answer, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("the bot does not answer: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, answer.Status)
	}
	_, err = io.Copy(t.out, io.LimitReader(answer.Body, 1<<10))
	return err
}

// adminListen is SMILEYBOT_ADMIN_LISTEN, or its default.
func adminListen() string {
	const name = "SMILEYBOT_ADMIN_LISTEN"
	address := strings.TrimSpace(os.Getenv(name))
	for _, s := range bot.DescribeConfig() {
		if s.Name == name {
			address = cmp.Or(address, s.Default)
		}
	}
	return address
}

// healthURL is the address of /healthz of a bot that listens on address. Without a host the
// bot listens on every address of this machine, the loopback among them.
func healthURL(address string) (string, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", fmt.Errorf("SMILEYBOT_ADMIN_LISTEN must be host:port: %w", err)
	}
	return "http://" + net.JoinHostPort(cmp.Or(host, "127.0.0.1"), port) + "/healthz", nil
}
