package selfcheck

import (
	"errors"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestClockMayBeAMinuteOff(t *testing.T) {
	now := time.Date(2026, 11, 20, 10, 31, 0, 0, time.UTC)
	for _, tc := range []struct {
		date   string
		failed bool
	}{
		{"", false},
		{"Fri, 20 Nov 2026 10:30:01 GMT", false},
		{"Fri, 20 Nov 2026 10:29:59 GMT", true},
		{"Fri, 20 Nov 2026 10:32:01 GMT", true},
	} {
		failed := false
		c := &checker{report: func(r Result) { failed = r.Failed }}
		c.clock(map[string][]string{"Date": {tc.date}}, now)
		assert.Equal(t, tc.failed, failed, tc.date)
	}
}

func TestConnectionFailure(t *testing.T) {
	reason, _ := connectionFailure(&net.DNSError{IsNotFound: true}, "bot.example.org")
	assert.Equal(t, "there is no such name: bot.example.org", reason)
	reason, remedy := connectionFailure(&net.DNSError{IsTemporary: true}, "bot.example.org")
	assert.Equal(t, "the name bot.example.org could not be looked up just now", reason)
	assert.Contains(t, remedy, "a temporary failure")
	_, remedy = connectionFailure(errors.New("broken pipe"), "bot.example.org")
	assert.Contains(t, remedy, "perhaps a temporary failure")
}
