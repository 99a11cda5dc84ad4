package selfcheck

import (
	"errors"
	"net"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestConnectionFailure(t *testing.T) {
	reason, _ := connectionFailure(&net.DNSError{IsNotFound: true}, "bot.example.org")
	assert.Equal(t, "there is no such name: bot.example.org", reason)
	reason, remedy := connectionFailure(&net.DNSError{IsTemporary: true}, "bot.example.org")
	assert.Equal(t, "the name bot.example.org could not be looked up just now", reason)
	assert.Contains(t, remedy, "a temporary failure")
	_, remedy = connectionFailure(errors.New("broken pipe"), "bot.example.org")
	assert.Contains(t, remedy, "perhaps a temporary failure")
}
