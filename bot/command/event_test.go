package command_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"smileybot/bot/slackapi"
)

func TestUnknownEventsAreIgnored(t *testing.T) {
	s := newFixture(t)
	s.Event(t.Context(), slackapi.Event{TeamID: "T0FAKE", Type: "team_join", Inner: []byte(`{"type":"team_join"}`)})
	assert.Contains(t, s.log.String(), "unknown event")
}

func TestEventsOfAnotherWorkspaceAreIgnored(t *testing.T) {
	s := newFixture(t)
	s.Event(t.Context(), slackapi.Event{TeamID: "T0OTHER", Type: "app_home_opened", Inner: []byte(`{"type":"app_home_opened"}`)})
	assert.Contains(t, s.log.String(), slackapi.ErrForeign.Error())
	assert.NotContains(t, s.log.String(), "unknown event")
}
