package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const operation = "../../docs/operation/"

// TestMetricsPage: the table of docs/operation/metrics.md has the metrics of the program, and the
// dashboard and the alerts ask for no others, nor for labels that they do not have.
func TestMetricsPage(t *testing.T) {
	t.Parallel()
	documented := make(map[string][]string) // name -> labels
	for _, m := range regexp.MustCompile("`(smileybot_[a-z_]+)(?:\\{([a-z,]+)\\})?`").FindAllStringSubmatch(read(t, operation+"metrics.md"), -1) {
		documented[m[1]] = append(documented[m[1]], strings.Split(m[2], ",")...)
	}
	registered := make(map[string]bool)
	require.NoError(t, filepath.WalkDir("../../bot", func(path string, _ fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
			for _, m := range regexp.MustCompile(`(?:Name: +|NewDesc\()"(smileybot_[a-z_]+)"`).FindAllStringSubmatch(read(t, path), -1) {
				registered[m[1]] = true
				assert.Contains(t, documented, m[1], "the table leaves it out")
			}
		}
		return err
	}))
	assert.Greater(t, len(registered), 15)
	for name := range documented {
		assert.True(t, registered[name], "the table has %s, which does not exist", name)
	}
	queries := expressions(t)
	assert.Greater(t, len(queries), 30)
	for _, query := range queries {
		var labels []string
		for _, name := range regexp.MustCompile(`smileybot_[a-z_]+`).FindAllString(query, -1) {
			name = strings.TrimSuffix(name, "_bucket")
			require.Contains(t, documented, name, query)
			labels = append(labels, documented[name]...)
		}
		for _, m := range regexp.MustCompile(`([a-z_]+)=~?"`).FindAllStringSubmatch(query, -1) {
			assert.Contains(t, append([]string{"job"}, labels...), m[1], query)
		}
		for _, m := range regexp.MustCompile(`by \(([a-z, ]+)\)`).FindAllStringSubmatch(query, -1) {
			for label := range strings.SplitSeq(m[1], ", ") {
				assert.Contains(t, append([]string{"job", "instance", "le"}, labels...), label, query)
			}
		}
	}
}

func read(tb testing.TB, path string) string {
	tb.Helper()
	text, err := os.ReadFile(path)
	require.NoError(tb, err)
	return string(text)
}

// expressions are the queries of the dashboard and the alerts.
func expressions(tb testing.TB) []string {
	tb.Helper()
	var dashboard struct {
		Panels []struct {
			ID      int
			GridPos struct{ X, W int }
			Targets []struct{ Expr string }
		}
	}
	require.NoError(tb, json.Unmarshal([]byte(read(tb, operation+"dashboard.json")), &dashboard))
	var queries []string
	var ids []int
	for _, p := range dashboard.Panels {
		assert.LessOrEqual(tb, p.GridPos.X+p.GridPos.W, 24)
		ids = append(ids, p.ID)
		for _, target := range p.Targets {
			queries = append(queries, target.Expr)
		}
	}
	assert.Len(tb, slices.Compact(slices.Sorted(slices.Values(ids))), len(dashboard.Panels), "each panel has an id of its own")
	for _, m := range regexp.MustCompile(`(?m)^ +expr: (.+)$`).FindAllStringSubmatch(read(tb, operation+"smileybot.rules.yml"), -1) {
		queries = append(queries, m[1])
	}
	return queries
}

// TestAlertsPassPromtool has Prometheus' own tool look at the alerts and play their test, and at the
// dashboard's queries.
func TestAlertsPassPromtool(t *testing.T) {
	t.Parallel()
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		if os.Getenv("CI") != "" {
			require.NoError(t, err, "CI has promtool, of Debian's package prometheus")
		}
		t.Skip("there is no promtool here: Debian has it in the package prometheus")
	}
	for _, args := range [][]string{{"check", "rules", "smileybot.rules.yml"}, {"test", "rules", "smileybot.rules.test.yml"}} {
		command := exec.CommandContext(t.Context(), promtool, args...)
		command.Dir = operation
		said, err := command.CombinedOutput()
		require.NoError(t, err, "%s", said)
	}
	rules := filepath.Join(t.TempDir(), "dashboard.yml")
	text := []byte("groups:\n  - name: dashboard\n    rules:\n")
	for _, query := range expressions(t) {
		query = strings.NewReplacer("$__rate_interval", "5m", "$job", "smileybot").Replace(query)
		text = fmt.Appendf(text, "      - record: a\n        expr: '%s'\n", strings.ReplaceAll(query, "'", "''"))
	}
	require.NoError(t, os.WriteFile(rules, text, 0o600))
	said, err := exec.CommandContext(t.Context(), promtool, "check", "rules", "--lint=none", rules).CombinedOutput()
	require.NoError(t, err, "%s", said)
}
