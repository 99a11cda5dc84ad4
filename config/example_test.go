package config_test

import (
	"fmt"
	"os"

	"smileybot/config"
)

// Every mistake in the environment is reported at once, and no value is repeated.
func ExampleLoad() {
	os.Clearenv()
	for _, c := range []struct {
		name  string
		value string
	}{
		{"SLACK_BOT_TOKEN", "xoxp-a-token-of-a-user"},
		{"SLACK_SIGNING_SECRET", "8f742231b10e8888abcd99yyyzzz85a5"},
		{"SLACK_CHANNEL", "#support"},
		{"SMILEYBOT_WEBHOOK_TOKENS", "too-short"},
		{"SMILEYBOT_TIMEZONE", "Amsterdam"},
		{"SMILEYBOT_RETENTION", "2 years"},
	} {
		if err := os.Setenv(c.name, c.value); err != nil {
			fmt.Println(err)
		}
	}
	_, err := config.Load(config.All, nil)
	fmt.Println(err)
	// Output:
	// SLACK_BOT_TOKEN: that is a user token, by how it begins; copy the Bot User OAuth Token (xoxb-…) from your Slack app's page OAuth & Permissions
	// SLACK_CHANNEL: that is a name; paste the channel's id, found at the bottom of the channel's details
	// SMILEYBOT_WEBHOOK_TOKENS: entry 1: shorter than 16 characters; make one with: openssl rand -base64 32
	// SMILEYBOT_TIMEZONE: not the name of a time zone; write it as Europe/Amsterdam, or UTC
	// SMILEYBOT_RETENTION: not a number of days; write it as 730d, or as 0 to keep everything
}
