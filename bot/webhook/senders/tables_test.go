package senders_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/webhook/sender"
	"smileybot/bot/webhook/senders"
)

// howRow is a row of the first table of docs/senders/README.md, and basisRow one of the second.
var (
	howRow   = regexp.MustCompile(`(?m)^\| ([^|]+) \| ([^|]+) \| ([^|]+) \| \[([a-z]+)\.md\]\(([a-z]+)\.md\) \|$`)
	basisRow = regexp.MustCompile(`(?m)^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$`)
	grade    = regexp.MustCompile(`Grade \*\*([A-CT])\*\*`)
)

// TestTablesOfSenders: every sender, ready-made, mapped or asked, is in both tables of the documents, the
// first says how it is read, with the grade of its page, and a template of ours is called that.
func TestTablesOfSenders(t *testing.T) {
	t.Parallel()
	const folder = "../../../docs/senders/"
	text, err := os.ReadFile(folder + "README.md")
	require.NoError(t, err)
	_, second, found := strings.Cut(string(text), "## What each is based on")
	require.True(t, found)
	based := make(map[string]string) // by the beginning of the name
	for _, row := range basisRow.FindAllStringSubmatch(second, -1) {
		name, _, _ := strings.Cut(row[1], ",")
		based[name] += row[2] + ";"
	}
	how := make(map[string]string)
	for _, s := range senders.All() {
		how[s.Name] = "built in"
	}
	files, err := filepath.Glob(folder + "mappings/*.yaml")
	require.NoError(t, err)
	for _, file := range files {
		how[strings.TrimSuffix(filepath.Base(file), ".yaml")] = "mapping"
	}
	for _, site := range sender.PullSites() {
		how[site.Name] = "asked"
	}
	for _, row := range howRow.FindAllStringSubmatch(string(text), -1) {
		slug := row[4]
		if slug == "mapping" {
			continue
		}
		assert.Equal(t, slug, row[5])
		assert.NotEmpty(t, how[slug], slug)
		assert.Contains(t, row[2], how[slug], slug)
		delete(how, slug)
		page, err := os.ReadFile(folder + slug + ".md")
		require.NoError(t, err)
		shown := grade.FindStringSubmatch(strings.ReplaceAll(string(page), "\n", " "))
		require.NotNil(t, shown, slug)
		assert.True(t, strings.HasPrefix(row[3], shown[1]), "the grade of %s", slug)
		name := strings.TrimSpace(strings.TrimRight(strings.Split(row[1], ",")[0], "0123456789.+"))
		assert.NotEmpty(t, based[name], name)
		assert.Equal(t, shown[1] == "T", strings.HasPrefix(based[name], "our "), "the template of %s", name)
	}
	assert.Empty(t, how, "in no row")
}
