package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"smileybot/bot"

	"github.com/stretchr/testify/assert"
)

// TestSettingsPage keeps the table of settings in docs/configuration.md true.
func TestSettingsPage(t *testing.T) {
	page, want := read(t, "../../docs/configuration.md"), settingsTable()
	assert.Contains(t, page, want, "the table of settings should be:\n%s", want)
	assert.Equal(t, len(bot.DescribeConfig()), strings.Count(page, "\n| `SMILEYBOT_")+strings.Count(page, "\n| `SLACK_"),
		"the table has a row for something that is not a setting")
}

// TestEnvironmentExample: .env.example names settings only.
func TestEnvironmentExample(t *testing.T) {
	known := make(map[string]bool)
	for _, s := range bot.DescribeConfig() {
		known[s.Name] = true
		known[s.Name+"_FILE"] = s.Secret
	}
	named := regexp.MustCompile(`(?m)^#?([A-Z_]+)=`).FindAllStringSubmatch(read(t, "../../.env.example"), -1)
	assert.Greater(t, len(named), 10)
	for _, m := range named {
		assert.True(t, known[m[1]], m[1])
	}
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
