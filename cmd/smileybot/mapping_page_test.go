package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/webhook/senders"
)

// fence finds the blocks of code in a page.
var fence = regexp.MustCompile("(?ms)^```([a-z]+)\n(.*?)^```$")

// TestMappingPage follows docs/senders/mapping.md: it saves the request and the file as the reader does, and
// each command prints what the page says. Every file of the page is right.
func TestMappingPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/senders/mapping.md")
	require.NoError(t, err)
	t.Chdir(t.TempDir())
	request, printed, commands := "", "", 0
	for _, block := range fence.FindAllStringSubmatch(string(page), -1) {
		switch text := block[2]; block[1] {
		case "http":
			request = text
			require.NoError(t, os.WriteFile("request.txt", []byte(text), 0o600))
		case "yaml":
			require.NoError(t, os.WriteFile("mappings.yaml", []byte(text), 0o600))
			_, err := senders.Mappings([]byte(text))
			require.NoError(t, err, text)
		case "sh":
			before, arguments, is := strings.Cut(strings.TrimSpace(text), "smileybot map")
			if !is {
				continue
			}
			commands++
			environment := map[string]string{}
			if name, value, set := strings.Cut(strings.TrimSpace(before), "="); set {
				environment[name] = value
			}
			setenv(t, environment)
			lines := strings.Split(strings.TrimSpace(request), "\n")
			var out, errs bytes.Buffer
			run(t.Context(), append([]string{"map"}, strings.Fields(arguments)...), strings.NewReader(lines[len(lines)-1]), &out, &errs)
			printed = out.String() + errs.String()
		case "text":
			printed = moment.ReplaceAllString(printed, "occurred_at            the time of arrival")
			assert.Equal(t, text, printed)
		}
	}
	assert.Equal(t, 4, commands)
	assert.FileExists(t, filepath.Join(".", "request.txt"))
}

// moment is that of a run without --at and without a moment in the body.
var moment = regexp.MustCompile(`occurred_at            20[0-9-]{8}T[0-9:]+\.[0-9]+Z`)
