package language

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestLogKeysAreDocumented compares the keys of all log lines with the table of the operator's pages.
func TestLogKeysAreDocumented(t *testing.T) {
	t.Parallel()
	_, table, found := strings.Cut(read(t, "docs/operation/metrics.md"), "| key | meaning |\n")
	require.True(t, found)
	var documented []string
	for _, row := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\| .+ \\|$").FindAllStringSubmatch(table, -1) {
		documented = append(documented, row[1])
	}
	assert.True(t, slices.IsSorted(documented), "the table is in alphabetical order")
	used := make(map[string]bool)
	for _, path := range files(t, ".go") {
		if strings.HasSuffix(path, "_test.go") || strings.HasPrefix(path, "fakeslack/") || strings.HasPrefix(path, "test/") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, read(t, path), 0)
		require.NoError(t, err)
		for _, key := range logKeys(t, path, file) {
			used[key] = true
		}
	}
	assert.Equal(t, slices.Sorted(maps.Keys(used)), documented)
}

// logKeys returns the keys of the attributes in a file: those that slog's functions make, and those
// that follow the message of a logger's method.
func logKeys(t *testing.T, path string, file *ast.File) []string {
	t.Helper()
	var keys []string
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		method, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		receiver, _ := method.X.(*ast.Ident)
		switch {
		case receiver != nil && receiver.Name == "slog":
			attributes := []string{"Any", "Bool", "Duration", "Float64", "Group", "Int", "Int64", "String", "Time", "Uint64"}
			if slices.Contains(attributes, method.Sel.Name) {
				keys = append(keys, text(t, path, call.Args[0]))
			}
		case receiver != nil && receiver.Name == "http":
		case method.Sel.Name == "With" && isLogger(method.X):
			keys = append(keys, alternate(t, path, call.Args)...)
		case slices.Contains(levels(), method.Sel.Name):
			if i := slices.IndexFunc(call.Args, isText); i >= 0 {
				keys = append(keys, alternate(t, path, call.Args[i+1:])...)
			}
		}
		return true
	})
	return keys
}

// alternate returns the keys among arguments that are keys and values in turn, or made by slog.
func alternate(t *testing.T, path string, arguments []ast.Expr) []string {
	t.Helper()
	var keys []string
	for i := 0; i < len(arguments); i++ {
		switch arguments[i].(type) {
		case *ast.CallExpr: // of slog, which is looked at by itself
		case *ast.Ident: // a list of attributes
		default:
			keys = append(keys, text(t, path, arguments[i]))
			i++
		}
	}
	return keys
}

func isLogger(e ast.Expr) bool {
	switch x := e.(type) {
	case *ast.Ident:
		return strings.EqualFold(x.Name, "log")
	case *ast.SelectorExpr:
		return strings.EqualFold(x.Sel.Name, "log")
	default:
		return false
	}
}

func isText(e ast.Expr) bool {
	literal, ok := e.(*ast.BasicLit)
	return ok && literal.Kind == token.STRING
}

// text returns a key, which must be a literal, so that the table can be compared.
func text(t *testing.T, path string, e ast.Expr) string {
	t.Helper()
	literal, ok := e.(*ast.BasicLit)
	if !ok {
		t.Errorf("%s: a log key is no literal", path)
		return ""
	}
	key, err := strconv.Unquote(literal.Value)
	require.NoError(t, err)
	return key
}
