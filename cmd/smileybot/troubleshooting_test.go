package main

import (
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestTroubleshootingHasTheProgramsWords: each message in docs/operation/troubleshooting.md is in the
// program.
func TestTroubleshootingHasTheProgramsWords(t *testing.T) {
	t.Parallel()
	var program strings.Builder
	for _, folder := range []string{"../../bot", "../../config", "../../store", "."} {
		require.NoError(t, filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
			if err == nil && (strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "active.en.toml")) {
				program.WriteString(read(t, path))
			}
			return err
		}))
	}
	code := strings.NewReplacer(`verb, mode = "write in"`, "may not write in", `verb, mode := "read and write"`, "may not read and write").Replace(program.String())
	_, page, found := strings.Cut(read(t, operation+"troubleshooting.md"), "| message | remedy |")
	require.True(t, found)
	page, _, _ = strings.Cut(page, "\n\n")
	words := 0
	for row := range strings.SplitSeq(page, "\n| ") {
		message, _, _ := strings.Cut(row, " | ")
		for _, quoted := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(message, -1) {
			words++
			assert.True(t, strings.Contains(code, quoted[1]), quoted[1]) //nolint:testifylint // the code is long
		}
	}
	assert.Greater(t, words, 20)
}
