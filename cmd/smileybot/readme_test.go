package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot"
)

// TestReadmeTellsTheSettings keeps the table of settings in the README true.
func TestReadmeTellsTheSettings(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	want := settingsTable()
	assert.Contains(t, string(readme), want, "the README's table of settings should be:\n%s", want)
	assert.Equal(t, len(bot.DescribeConfig()), strings.Count(string(readme), "\n| `SMILEYBOT_")+strings.Count(string(readme), "\n| `SLACK_"),
		"the README has a row for something that is no setting")
}

// settingsTable is the table as Markdown.
func settingsTable() string {
	var b strings.Builder
	b.WriteString("| variable | default | meaning |\n| --- | --- | --- |\n")
	for _, s := range bot.DescribeConfig() {
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
