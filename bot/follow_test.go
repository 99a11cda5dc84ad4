package bot_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot"
	"smileybot/store/sqlite"
)

// TestBotsWithOtherSettings: a bot says when another one counts the scores by another time zone, until they
// are counted by its own again.
func TestBotsWithOtherSettings(t *testing.T) {
	withTeam(t, overHTTP, func(h *team) {
		a := h.bots[0]
		recount := func(zone string) {
			options := bot.StoreOptions(h.config)
			var err error
			options.Location, err = time.LoadLocation(zone)
			require.NoError(t, err)
			s, err := sqlite.Open(h.t.Context(), h.path, options)
			require.NoError(t, err)
			_, err = s.Rebuild(h.t.Context(), func(int64, int64) {})
			require.NoError(t, err)
			require.NoError(t, s.Close())
			h.rate(a, zone, "green") // a file counts the changes of this process only
			time.Sleep(3 * time.Second)
		}
		status := func() (status, reason string) {
			code, body := h.get(a.admin + "/readyz")
			assert.Equal(t, http.StatusOK, code)
			var ready struct{ Status, Reason string }
			require.NoError(t, json.Unmarshal([]byte(body), &ready))
			return ready.Status, ready.Reason
		}
		time.Sleep(3 * time.Second)
		now, _ := status()
		assert.Equal(t, "ok", now)
		recount("Asia/Tokyo")
		now, reason := status()
		assert.Equal(t, "degraded", now)
		assert.Equal(t, "other_settings", reason)
		time.Sleep(time.Minute)
		recount(h.config.Location.String())
		now, _ = status()
		assert.Equal(t, "ok", now)
		assert.Equal(t, 1, strings.Count(a.log.String(), `"reason":"other_settings"`))
	})
}
