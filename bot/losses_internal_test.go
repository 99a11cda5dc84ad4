package bot

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/webhook"
	"smileybot/bot/webhook/sender"
	"smileybot/config"
)

// TestLossesAreOneLineADay: a report has the counts since the one before, in one line, with what was not
// proved; without any there is none.
func TestLossesAreOneLineADay(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	log := slog.New(slog.NewTextHandler(&text, nil))
	r := newRefusals(config.Config{}, []string{"feedback", "zendesk"}, log, time.Now)
	l := newLosses(log, time.Now, r)
	l.report()
	assert.Empty(t, text.String())
	for range 3 {
		l.note("zendesk", webhook.Loss{Kind: webhook.LostField, Field: "comment"})
	}
	l.note("trustpilot", webhook.Loss{Kind: webhook.LostPart})
	l.note("intercom", webhook.Loss{Kind: webhook.LostBot})
	r.noteSender("zendesk", webhook.Refusal{Reason: "proof", Unproved: sender.ProofTime})
	r.noteSender("zendesk", webhook.Refusal{Reason: "too_large"})
	l.report()
	assert.Equal(t, 1, strings.Count(text.String(), "\n"))
	assert.Contains(t, text.String(), `count=6 by="intercom bot 1; trustpilot part 1; zendesk field comment 3; zendesk unproved time 1" more_kinds=0`)
	text.Reset()
	l.report()
	assert.Empty(t, text.String(), "nothing new")
	l.note("zendesk", webhook.Loss{Kind: webhook.LostField, Field: "comment"})
	l.report()
	assert.Contains(t, text.String(), `count=1 by="zendesk field comment 1"`)
	text.Reset()
	for i := range 60 {
		l.note(fmt.Sprintf("s%02d", i), webhook.Loss{Kind: webhook.LostDelivery})
	}
	l.report()
	assert.Contains(t, text.String(), "more_kinds=10")
	assert.Less(t, text.Len(), 2000)
}

// TestLossesAreListed: /readyz has each kind once, the latest first, with what to do.
func TestLossesAreListed(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	l := newLosses(slog.New(slog.DiscardHandler), func() time.Time { now = now.Add(time.Second); return now }, nil)
	for _, kind := range []webhook.LossKind{webhook.LostField, webhook.LostPart, webhook.LostBot, webhook.LostWaiting, webhook.LostDelivery, webhook.LostField} {
		l.note("zendesk", webhook.Loss{Kind: kind})
	}
	all := l.list()
	require.Len(t, all, 5)
	assert.Equal(t, webhook.LostField, all[0].What)
	assert.Equal(t, 2, all[0].Count)
	assert.Equal(t, 5*time.Second, all[0].Last.Sub(all[0].First))
	remedies := make(map[string]bool)
	for _, seen := range all {
		remedies[seen.Remedy] = true
	}
	assert.Len(t, remedies, 5)
}
