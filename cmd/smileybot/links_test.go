package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/webhook/senders"
)

// TestLinksLeadSomewhere checks the relative links of the pages that people read, with the
// headings they lead to, and that each sender whose sample can be sent has a page.
func TestLinksLeadSomewhere(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#\s]*)(?:#([^)]*))?\)`)
	pages, err := filepath.Glob("../../*.md")
	require.NoError(t, err)
	err = filepath.WalkDir("../../docs", func(path string, _ os.DirEntry, err error) error {
		if strings.HasSuffix(path, ".md") {
			pages = append(pages, path)
		}
		return err
	})
	require.NoError(t, err)
	for _, page := range pages {
		for _, found := range link.FindAllStringSubmatch(read(t, page), -1) {
			path, anchor := found[1], found[2]
			if strings.Contains(path, "://") {
				continue
			}
			target := page
			if path != "" {
				target = filepath.Join(filepath.Dir(page), path)
			}
			if _, err := os.Stat(target); !assert.NoError(t, err, "%s leads to %s", page, path) {
				continue
			}
			if anchor != "" {
				assert.Contains(t, anchors(read(t, target)), anchor, "%s leads to %s", page, found[0])
			}
		}
	}
	for _, name := range senders.Names(senders.Examples()) {
		assert.Contains(t, pages, "../../docs/senders/"+name+".md")
	}
}

// anchors are the names that a page's headings have on a forge, and those given by hand.
func anchors(page string) []string {
	var names []string
	for _, m := range regexp.MustCompile(`(?m)^#+ (.+)$|<a id="([^"]+)">`).FindAllStringSubmatch(page, -1) {
		if m[2] != "" {
			names = append(names, m[2])
			continue
		}
		heading := regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(strings.ToLower(m[1]), "")
		names = append(names, strings.ReplaceAll(heading, " ", "-"))
	}
	return names
}
