package store_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestPlaceholdersAscend: mattn numbers $n by first appearance, PostgreSQL by n;
// a query means the same to both only when the first appearances ascend.
func TestPlaceholdersAscend(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	found := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, nil, 0)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			literal, ok := n.(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(literal.Value)
			require.NoError(t, err)
			if strings.Contains(text, "$") {
				found++
				assert.True(t, ascend(text), "%s: %s", set.Position(literal.Pos()), text)
			}
			assert.NotContains(t, text, "= ?", "%s", set.Position(literal.Pos()))
			return true
		})
	}
	assert.Greater(t, found, 30, "the queries were found")
}

// ascend reports whether the first appearances of $n are $1, $2, $3 and so on.
func ascend(query string) bool {
	next := 1
	for _, found := range regexp.MustCompile(`\$(\d+)`).FindAllStringSubmatch(query, -1) {
		n, err := strconv.Atoi(found[1])
		if err != nil || n > next {
			return false
		}
		if n == next {
			next++
		}
	}
	return true
}

func TestAscend(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]bool{
		"select 1": true, "$1": true, "$1 $2 $1 $3 $2": true, "$2": false, "$1 $3": false, "$2 $1": false, "$1 $2 $3 $4 $5 $6 $7 $8 $9 $10 $1": true,
	} {
		assert.Equal(t, want, ascend(query), query)
	}
}
