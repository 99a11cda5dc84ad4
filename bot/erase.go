package bot

import (
	"context"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"

	"smileybot/bot/outbox"
	"smileybot/bot/slackapi"
	"smileybot/config"
	"smileybot/store"
)

// An Undeletable is a message in Slack that the bot can neither edit nor delete. Link is empty when
// Slack does not name the workspace.
type Undeletable struct{ Channel, TS, Link string }

// EraseInSlack removes erased data from the messages in Slack, see [outbox.Erase], with a running bot
// or without. progress is called with the number of messages that are done, and that of all.
func EraseInSlack(ctx context.Context, c config.Config, s *store.Store, log *slog.Logger, progress func(done, total int64)) ([]Undeletable, error) {
	client := slackClient(c, slackapi.Options{})
	failed, err := outbox.Erase(ctx, outbox.EraseOptions{
		Store: s, Database: c.Database, Progress: progress,
		New: func() (*outbox.Deliverer, error) {
			return outbox.New(outbox.Options{
				Store: s, Slack: client, Channel: c.SlackChannel, Lead: c.LeadChannel, Routes: c.Routes,
				Speaker: Speaker(c), Registry: prometheus.NewRegistry(), Log: log,
			})
		},
	})
	if err != nil || len(failed) == 0 {
		return nil, err
	}
	workspace, _ := client.Workspace(ctx) // without it there are no links
	undeletable := make([]Undeletable, len(failed))
	for i, f := range failed {
		undeletable[i] = Undeletable{f.SlackChannel, f.TS, workspace.Permalink(f.SlackChannel, f.TS)}
	}
	return undeletable, nil
}
