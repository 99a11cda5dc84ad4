package fakeslack_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/fakeslack"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), got)
}

func raw(t *testing.T, file string) []slack.Block {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", file))
	require.NoError(t, err)
	require.Empty(t, fakeslack.ValidateBlocks(body, fakeslack.SurfaceMessage))
	var blocks slack.Blocks
	require.NoError(t, blocks.UnmarshalJSON(body))
	return blocks.BlockSet
}

func TestTextShowsTheChannel(t *testing.T) {
	c := newClock()
	s, api := workspace(t, fakeslack.Options{Now: c.Now})
	red := post(t, api, "fallback", slack.MsgOptionBlocks(raw(t, "red.json")...))
	c.advance(2 * time.Minute)
	post(t, api, "All green :large_green_circle: from <@U0ANNA> in <#C0SUPPORT> — <https://e.org|ticket> <!here> a &lt; b <!date^1795084260^{date_short_pretty} {time}|fallback> <!date^x|fallback> <open")
	post(t, api, "<@U0ANNA> please\nlook at this", slack.MsgOptionTS(red))
	s.PostAs(support, anna, "on it", red)
	gone := post(t, api, "gone")
	_, _, err := api.DeleteMessageContext(t.Context(), support, gone)
	require.NoError(t, err)
	ts := post(t, api, "before")
	_, _, _, err = api.UpdateMessageContext(t.Context(), support, ts, slack.MsgOptionText("after", false))
	require.NoError(t, err)
	post(t, api, "scores", slack.MsgOptionBlocks(raw(t, "scores.json")...))
	golden(t, "channel.txt", s.Text(support))
	assert.Empty(t, s.Text("CNONE"))
}

func TestEphemeralMessagesNameTheirReader(t *testing.T) {
	s, api := workspace(t, fakeslack.Options{})
	_, err := api.PostEphemeralContext(t.Context(), support, anna, slack.MsgOptionText("psst", false))
	require.NoError(t, err)
	assert.Equal(t, "smileybot  10:31  (only visible to anna)\npsst", s.RenderMessage(s.Ephemerals(anna)[0]))
}

func TestTextUsesTheZoneOfTheClock(t *testing.T) {
	amsterdam, err := time.LoadLocation("Europe/Amsterdam")
	require.NoError(t, err)
	s, _ := workspace(t, fakeslack.Options{Now: func() time.Time { return newClock().now.In(amsterdam) }})
	s.PostAs(support, anna, "hello", "")
	assert.Equal(t, "#support\n\nanna  11:31\nhello\n", s.Text(support))
}
