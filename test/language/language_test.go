// Package language holds the words of docs/glossary.md that nothing here uses out of the
// documents, the comments and the log messages.
package language

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// root is the module's folder.
const root = "../.."

// A ban is a word that is not used, and what to write in its place.
type ban struct {
	pattern *regexp.Regexp
	instead string
}

// bans are the words. A pattern is narrow enough to leave plain English alone: "stand-in",
// "standard" and "tell apart" pass.
var bans = []ban{
	{word(`told`), "reported, notified, said"},
	{word(`tells? of`), "report, name, mention"},
	{regexp.MustCompile(`(?i)\b(?:stands?|stood)(?:[^-\w]|$)`), "is, says"},
	{word(`anew`), "again"},
	{word(`mend(?:s|ed|ing)?`), "repair, fix"},
	{word(`whoever`), "the person who, anyone who, or the role"},
	{word(`whom`), "who, or the role"},
	{word(`(?:some|no)body`), "someone, no one, or the role"},
	{word(`beside`), "next to, in addition to"},
	{word(`(?:is|are|was|were) to be`), "must, will"},
	{word(`but for`), "except"},
	{word(`cures?`), "remedy"},
	{word(`cured`), "fixed"},
	{word(`settl(?:e|es|ed|ing)`), "resolve, store, process"},
	{word(`(?:ruling|upshot|parcel|disguise|foreigner|verdict)s?`), "the word of docs/glossary.md"},
	{word(`(?:stirs?|stirred|hushed|stumbles?|reckons?)`), "wake up, rate limited, fail, compute"},
}

func word(pattern string) *regexp.Regexp {
	return regexp.MustCompile(`(?i)\b` + pattern + `\b`)
}

// quoted is what the bans leave alone: code, links to identifiers, and addresses.
var quoted = regexp.MustCompile("`[^`]*`|\\[[A-Za-z_][\\w.*/]*\\]|\\]\\([^)]*\\)|https?://\\S+|<!--.*?-->")

// found describes each banned word of a line.
func found(line string) []string {
	line = quoted.ReplaceAllStringFunc(line, func(s string) string { return strings.Repeat(" ", len(s)) })
	var faults []string
	for _, b := range bans {
		for _, match := range b.pattern.FindAllString(line, -1) {
			faults = append(faults, fmt.Sprintf("%q; write: %s", strings.TrimSpace(match), b.instead))
		}
	}
	return faults
}

// TestBansLeavePlainEnglishAlone pins what the patterns find and what they do not.
func TestBansLeavePlainEnglishAlone(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"a strict stand-in for Slack", "Standard Webhooks", "to tell apart", "no one claims it", "besides",
		"`told` is a column", "see [Store.Settle]", "an amendment", "see [the page](told.md)", "understands", "secure, obscured",
	} {
		assert.Empty(t, found(line), line)
	}
	for _, line := range []string{
		"the leads are told", "it tells of a customer", "where it stands.", "counted anew", "whoever clicks", "beside the bot",
		"it is to be posted", "all but for one", "Nobody has claimed it", "the cure is printed", "doubts are settled",
	} {
		assert.NotEmpty(t, found(line), line)
	}
}

// TestDocuments reads every Markdown file outside code blocks.
func TestDocuments(t *testing.T) {
	t.Parallel()
	pages := 0
	for _, path := range files(t, ".md") {
		pages++
		fenced := false
		for number, line := range strings.Split(read(t, path), "\n") {
			if strings.HasPrefix(strings.TrimSpace(line), "```") {
				fenced = !fenced
				continue
			}
			if fenced {
				continue
			}
			for _, fault := range found(line) {
				t.Errorf("%s:%d: %s", path, number+1, fault)
			}
		}
		assert.False(t, fenced, "%s: a code block is not closed", path)
	}
	assert.Greater(t, pages, 30)
}

// TestGo reads the comments and the log messages of every Go file.
func TestGo(t *testing.T) {
	t.Parallel()
	for _, path := range files(t, ".go") {
		if filepath.Dir(path) == "test/language" { // it names the words
			continue
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, read(t, path), parser.ParseComments)
		require.NoError(t, err)
		for _, group := range file.Comments {
			for i, comment := range group.List {
				text := comment.Text
				if i == 0 {
					text = withoutName(text)
				}
				first := set.Position(comment.Pos()).Line
				for number, line := range strings.Split(text, "\n") {
					for _, fault := range found(line) {
						t.Errorf("%s:%d: comment: %s", path, first+number, fault)
					}
				}
			}
		}
		for _, message := range messages(file) {
			text, err := strconv.Unquote(message.Value)
			require.NoError(t, err)
			for _, fault := range found(text) {
				t.Errorf("%s:%d: log message: %s", path, set.Position(message.Pos()).Line, fault)
			}
		}
	}
}

// withoutName blanks the first word of a comment, which is the name it documents.
func withoutName(comment string) string {
	rest, ok := strings.CutPrefix(comment, "// ")
	if !ok {
		return comment
	}
	_, rest, _ = strings.Cut(rest, " ")
	return rest
}

// levels are the methods of a logger that write a line.
func levels() []string {
	return []string{
		"Debug", "Info", "Warn", "Error", "DebugContext", "InfoContext", "WarnContext", "ErrorContext", "Log", "LogAttrs",
	}
}

// messages are the string literals that a logger gets as its message.
func messages(file *ast.File) []*ast.BasicLit {
	var literals []*ast.BasicLit
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		method, ok := call.Fun.(*ast.SelectorExpr)
		if !ok || !slices.Contains(levels(), method.Sel.Name) {
			return true
		}
		for _, argument := range call.Args {
			if literal, ok := argument.(*ast.BasicLit); ok && literal.Kind == token.STRING {
				literals = append(literals, literal)
				break
			}
		}
		return true
	})
	return literals
}

// files lists the files of the module with a suffix, relative to its root.
func files(tb testing.TB, suffix string) []string {
	tb.Helper()
	var paths []string
	require.NoError(tb, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		hidden := path != root && strings.HasPrefix(entry.Name(), ".")
		if entry.IsDir() && (hidden || entry.Name() == "dist" || entry.Name() == "testdata") {
			return filepath.SkipDir
		}
		if !entry.IsDir() && strings.HasSuffix(path, suffix) {
			relative, err := filepath.Rel(root, path)
			paths = append(paths, relative)
			return err
		}
		return nil
	}))
	return paths
}

func read(tb testing.TB, path string) string {
	tb.Helper()
	text, err := os.ReadFile(filepath.Join(root, path))
	require.NoError(tb, err)
	return string(text)
}
