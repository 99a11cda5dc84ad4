package command_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"smileybot/bot/command"
)

func TestUnknownEventsAreIgnored(t *testing.T) {
	s := newStage(t)
	s.Event(t.Context(), command.Event{TeamID: "T0FAKE", Type: "team_join", Inner: []byte(`{"type":"team_join"}`)})
	assert.Empty(t, s.slack.Calls())
	assert.Contains(t, s.log.String(), "unknown event")
}
