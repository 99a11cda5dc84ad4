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

// TestThreatModel: each test that the threat model names is there.
func TestThreatModel(t *testing.T) {
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
	named := regexp.MustCompile("`((?:Test|Fuzz)\\w+)`").FindAllStringSubmatch(read(t, "../../docs/threat-model.md"), -1)
	assert.Greater(t, len(named), 40)
	for _, m := range named {
		assert.True(t, defined[m[1]], m[1])
	}
}
