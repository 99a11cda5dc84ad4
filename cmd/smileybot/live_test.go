package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/fakeslack"
)

// TestWhatWasAcknowledgedIsCounted checks that each score, in Slack and in the terminal, includes every
// rating that was acknowledged before the question, while several senders post at once.
func TestWhatWasAcknowledgedIsCounted(t *testing.T) {
	slack, settings := workspace(t)
	setenv(t, settings)
	s := serve(t, slack)
	const senders, each = 4, 8
	var acknowledged atomic.Int64
	counted := regexp.MustCompile(`\n(\d+) answers?: `)
	var all sync.WaitGroup
	for sender := range senders {
		all.Go(func() {
			user := fmt.Sprint("U0ASKER", sender)
			for i := range each {
				assert.Equal(t, "created", s.send(t, "--id", fmt.Sprint(sender, "-", i), "--kind", "nps", "--channel", "panel", "--score", "9").Result)
				least := acknowledged.Add(1)

				request, err := slack.SlashRequest(t.Context(), s.address+"/slack/commands", fakeslack.Slash{User: user, Channel: "C0SUPPORT", Command: "/nps", Text: "month"})
				s.post(t, request, err)
				assert.NoError(t, slack.Wait(t.Context(), func(*fakeslack.Server) bool { return len(slack.Ephemerals(user)) == i+1 }))
				said := counted.FindStringSubmatch(slack.Ephemerals(user)[i].Text)
				if !assert.Len(t, said, 2, "%s", slack.Ephemerals(user)[i].Text) {
					return
				}
				n, err := strconv.ParseInt(said[1], 10, 64)
				assert.NoError(t, err)
				assert.GreaterOrEqual(t, n, least, "in Slack")

				least = acknowledged.Load()
				var answer struct{ N int64 }
				assert.NoError(t, json.Unmarshal([]byte(call(t, "score", "nps", "month", "--json").stdout), &answer))
				assert.GreaterOrEqual(t, answer.N, least, "in the terminal")
			}
		})
	}
	all.Wait()
	require.Zero(t, s.stop())
	assert.Contains(t, call(t, "score", "nps", "month").stdout, "\n32 answers: 32 promoters (100%)")
}
