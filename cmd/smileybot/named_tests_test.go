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

// TestNamedTestsExist: each test that a page names exists.
func TestNamedTestsExist(t *testing.T) {
	t.Parallel()
	defined := make(map[string]bool)
	require.NoError(t, filepath.WalkDir("../..", func(path string, _ fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, "_test.go") {
			for _, m := range regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`).FindAllStringSubmatch(read(t, path), -1) {
				defined[m[1]] = true
			}
		}
		return err
	}))
	pages := []struct {
		path  string
		named int
	}{
		{"threat-model.md", 40},
		{"testing.md", 15},
		{"architecture.md", 5},
	}
	for _, page := range pages {
		named := regexp.MustCompile("`((?:Test|Fuzz)\\w+)`").FindAllStringSubmatch(read(t, "../../docs/"+page.path), -1)
		assert.Greater(t, len(named), page.named, page.path)
		for _, m := range named {
			assert.True(t, defined[m[1]], "%s names %s", page.path, m[1])
		}
	}
}
