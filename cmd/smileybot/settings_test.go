package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/config"
)

// TestSettingsPage keeps the table of settings in docs/configuration.md true.
func TestSettingsPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/configuration.md")
	require.NoError(t, err)
	want := settingsTable()
	assert.Contains(t, string(page), want, "the table of settings should be:\n%s", want)
	assert.Equal(t, len(config.Describe()), strings.Count(string(page), "\n| `SMILEYBOT_")+strings.Count(string(page), "\n| `SLACK_"),
		"the table has a row for something that is not a setting")
}

// settingsTable is the table as Markdown.
func settingsTable() string {
	var b strings.Builder
	b.WriteString("| variable | default | meaning |\n| --- | --- | --- |\n")
	for _, s := range config.Describe() {
		def := "–"
		switch {
		case s.Unless != "":
			def = "required without `" + s.Unless + "`"
		case s.Required:
			def = "required"
		case s.Default != "":
			def = "`" + s.Default + "`"
		}
		secret := ""
		if s.Secret {
			secret = "; a secret"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s%s |\n", s.Name, def, s.Meaning, secret)
	}
	return b.String()
}
