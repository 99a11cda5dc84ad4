package fakeslack_test

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/fakeslack"
)

const (
	support = "C0SUPPORT"
	bot     = "U0BOT"
	anna    = "U0ANNA"
	guest   = "U0GUEST"
)

// clock is a clock that a test moves.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time          { return c.now }
func (c *clock) advance(d time.Duration) { c.now = c.now.Add(d) }

func newClock() *clock {
	return &clock{now: time.Date(2026, 11, 20, 10, 31, 0, 0, time.UTC)}
}

// workspace returns a stand-in with a support channel, the bot and a member in it, a guest, and
// slack-go as its client in process.
func workspace(t *testing.T, o fakeslack.Options) (*fakeslack.Server, *slack.Client) {
	t.Helper()
	if o.Now == nil {
		o.Now = newClock().Now
	}
	s := fakeslack.New(o)
	s.AddUser(fakeslack.User{ID: anna, Name: "anna", RealName: "Anna Bakker", Email: "anna@example.net"})
	s.AddUser(fakeslack.User{ID: guest, Name: "gus", UltraRestricted: true})
	s.AddChannel(fakeslack.Channel{ID: support, Name: "support", Members: []string{bot, anna}})
	return s, client(s)
}

func client(s *fakeslack.Server) *slack.Client {
	return slack.New("xoxb-fake", slack.OptionAPIURL(s.APIURL()),
		slack.OptionHTTPClient(&http.Client{Transport: s.Transport()}))
}

// post posts a text and returns its timestamp.
func post(t *testing.T, api *slack.Client, text string, more ...slack.MsgOption) string {
	t.Helper()
	_, ts, err := api.PostMessageContext(t.Context(), support, append(more, slack.MsgOptionText(text, false))...)
	require.NoError(t, err)
	return ts
}

// refusal returns the refusal of Slack, and fails the test when there is none.
func refusal(t *testing.T, err error) slack.SlackErrorResponse {
	t.Helper()
	var out slack.SlackErrorResponse
	require.ErrorAs(t, err, &out)
	return out
}

func section(text string) slack.Block {
	return slack.NewSectionBlock(slack.NewTextBlockObject("mrkdwn", text, false, false), nil, nil)
}

func button(action, value string) *slack.ButtonBlockElement {
	return slack.NewButtonBlockElement(action, value, slack.NewTextBlockObject("plain_text", "Claim Follow-Up", false, false))
}

func TestConcurrentCallsLoseNothing(t *testing.T) {
	s, api := workspace(t, fakeslack.Options{})
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			_, ts, err := api.PostMessageContext(t.Context(), support, slack.MsgOptionText("x", false))
			assert.NoError(t, err)
			_, _, _, err = api.UpdateMessageContext(t.Context(), support, ts, slack.MsgOptionText("y", false))
			assert.NoError(t, err)
			s.Text(support)
			s.Calls()
		})
	}
	require.NoError(t, s.Wait(t.Context(), func(s *fakeslack.Server) bool { return len(s.Messages(support)) == 20 }))
	all.Wait()
	seen := map[string]bool{}
	for _, m := range s.Messages(support) {
		assert.False(t, seen[m.TS])
		seen[m.TS] = true
	}
}
