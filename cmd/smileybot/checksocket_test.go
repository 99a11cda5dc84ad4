package main

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"smileybot/fakeslack"
)

func TestCheckAppToken(t *testing.T) {
	slack, settings := workspace(t)
	delete(settings, "SLACK_SIGNING_SECRET")
	settings["SLACK_APP_TOKEN"] = slack.Options().AppToken
	setenv(t, settings)
	done := call(t, "check")
	assert.Zero(t, done.status, done.stdout+done.stderr)
	assert.Contains(t, done.stdout, "\nok    slack app token: Socket Mode\n")

	slack.Fail(fakeslack.Fault{Method: "apps.connections.open", Kind: fakeslack.ErrorCode("missing_scope")})
	done = call(t, "check")
	assert.Equal(t, 1, done.status)
	assert.Contains(t, done.stdout, "\nFAIL  slack app token: missing_scope; the app-level token lacks the scope connections:write")

	settings["SLACK_APP_TOKEN"] = "xapp-" + canary
	setenv(t, settings)
	done = call(t, "check")
	assert.Equal(t, 1, done.status)
	assert.Contains(t, done.stdout, "\nFAIL  slack app token: invalid_auth; make an app-level token")
	assert.NotContains(t, done.stdout+done.stderr, canary)
	assert.Contains(t, done.stdout, "\nok    slack channel C0SUPPORT", "the rest is tried all the same")
}
