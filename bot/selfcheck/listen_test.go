package selfcheck_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/selfcheck"
)

// TestAddresses: a port of another program is a failure, that of the running bot is none.
func TestAddresses(t *testing.T) {
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	running := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer running.Close()
	used, bot := taken.Addr().String(), running.Listener.Addr().String()
	for _, test := range []struct {
		listen, admin string
		want          selfcheck.Result
	}{
		{used, "127.0.0.1:0", selfcheck.Result{
			Failed: true, Text: "SMILEYBOT_LISTEN: cannot listen at " + used + ": another program uses that port", Remedy: "end it ('ss -ltnp' names it), or set another port",
		}},
		{"192.0.2.1:8080", "127.0.0.1:0", selfcheck.Result{
			Failed: true, Text: "SMILEYBOT_LISTEN: cannot listen at 192.0.2.1:8080: this machine has no such address",
			Remedy: "write one of those that 'ip address' lists, or only the port, as in :8080",
		}},
		{used, bot, selfcheck.Result{Text: "SMILEYBOT_LISTEN: " + used + " is used, and a running bot answers"}},
	} {
		_, o := workspace(t)
		o.Listen, o.AdminListen = test.listen, test.admin
		results, _ := run(t, o)
		assert.Equal(t, test.want, find(t, results, "SMILEYBOT_LISTEN"))
	}
}
