package message

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// catalogue reads the sentences of a language: its forms by key.
func catalogue(t *testing.T, l Language) map[string]map[string]string {
	t.Helper()
	raw, err := fs.ReadFile(cataloguesFS, "catalogue/active."+string(l)+".toml")
	require.NoError(t, err)
	var read map[string]any
	require.NoError(t, toml.Unmarshal(raw, &read))
	sentences := make(map[string]map[string]string)
	for key, value := range read {
		switch v := value.(type) {
		case string:
			sentences[key] = map[string]string{"other": v}
		case map[string]any:
			sentences[key] = make(map[string]string)
			for form, words := range v {
				sentences[key][form] = words.(string)
			}
		}
	}
	return sentences
}

var places = regexp.MustCompile(`\{\{[^}]*\}\}`)

// TestCataloguesHaveTheSameKeysAndPlaces checks that no language lacks a sentence, a plural or a
// place of another.
func TestCataloguesHaveTheSameKeysAndPlaces(t *testing.T) {
	t.Parallel()
	english := catalogue(t, English)
	for _, language := range Languages() {
		other := catalogue(t, language)
		assert.ElementsMatch(t, slices.Collect(maps.Keys(english)), slices.Collect(maps.Keys(other)), language)
		for key, forms := range other {
			assert.ElementsMatch(t, slices.Collect(maps.Keys(english[key])), slices.Collect(maps.Keys(forms)), "%s: %s", language, key)
			for form, words := range forms {
				want, got := placesOf(english[key][form]), placesOf(words)
				assert.Equal(t, want, got, "%s: %s, %s", language, key, form)
				assert.NotEmpty(t, words, "%s: %s", language, key)
				assert.NotContains(t, words, "<", "%s: %s: Slack may not parse anything in a sentence", language, key)
			}
		}
		for _, list := range []string{"months", "months_short"} {
			assert.Len(t, strings.Fields(other[list]["other"]), 12, "%s: %s", language, list)
		}
	}
}

func placesOf(words string) []string {
	found := places.FindAllString(words, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

// TestEverySentenceIsInTheCatalogue checks that every key of the catalogue is used, and that no
// literal of the program reads like a sentence.
func TestEverySentenceIsInTheCatalogue(t *testing.T) {
	t.Parallel()
	sentences, used := catalogue(t, English), map[string]bool{}
	for _, room := range []string{".", "../command", "../outbox", "../schedule"} {
		for path, file := range parsed(t, room) {
			skip := unseen(file)
			ast.Inspect(file, func(n ast.Node) bool {
				literal, ok := n.(*ast.BasicLit)
				if !ok || literal.Kind != token.STRING || skip[literal] {
					return true
				}
				text, err := strconv.Unquote(literal.Value)
				require.NoError(t, err)
				markUsed(used, sentences, text)
				if room == "." {
					assert.False(t, readsLikeASentence(text), "%s: %q belongs in the catalogue", path, text)
				}
				return true
			})
		}
	}
	for key := range sentences {
		assert.True(t, used[key], "no code uses the key %q", key)
	}
}

// parsed reads the files of a folder, without tests.
func parsed(t *testing.T, room string) map[string]*ast.File {
	t.Helper()
	entries, err := os.ReadDir(room)
	require.NoError(t, err)
	files := make(map[string]*ast.File)
	for _, entry := range entries {
		path := filepath.Join(room, entry.Name())
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			continue
		}
		files[path], err = parser.ParseFile(token.NewFileSet(), path, nil, 0)
		require.NoError(t, err)
	}
	return files
}

// unseen returns the literals that no user reads: imports, the tags of structs, and the text of a
// panic.
func unseen(file *ast.File) map[*ast.BasicLit]bool {
	skip := make(map[*ast.BasicLit]bool)
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			skip[n.Path] = true
		case *ast.Field:
			skip[n.Tag] = true
		case *ast.CallExpr:
			if f, ok := n.Fun.(*ast.Ident); ok && f.Name == "panic" {
				ast.Inspect(n, func(n ast.Node) bool {
					if literal, ok := n.(*ast.BasicLit); ok {
						skip[literal] = true
					}
					return true
				})
			}
		}
		return true
	})
	return skip
}

// markUsed marks the sentence of a key, its variant for the reader, which ends with "_you", and all
// sentences whose keys begin with a literal that ends with "_": the rest is a value of the subject.
func markUsed(used map[string]bool, sentences map[string]map[string]string, literal string) {
	for key := range sentences {
		if key == literal || key == literal+"_you" || strings.HasSuffix(literal, "_") && strings.HasPrefix(key, literal) {
			used[key] = true
		}
	}
}

// twoWords are the least that a sentence has.
var twoWords = regexp.MustCompile(`\pL{2,}[,.]? \pL{2,}`)

// readsLikeASentence reports whether a text has two words in a row. The layouts of Go and of Slack
// have not.
func readsLikeASentence(text string) bool {
	return twoWords.MatchString(strings.NewReplacer("2006 15:04 MST", "", dateFormat, "").Replace(text))
}

// TestKeysOfTheProgramExist checks the keys that are literals in a call.
func TestKeysOfTheProgramExist(t *testing.T) {
	t.Parallel()
	sentences := catalogue(t, English)
	for path, file := range parsed(t, ".") {
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) == 0 {
				return true
			}
			called, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || !isIdent(called.X, "r") || !slices.Contains([]string{"text", "line", "ephemeral"}, called.Sel.Name) {
				return true
			}
			if literal, ok := call.Args[0].(*ast.BasicLit); ok {
				key, err := strconv.Unquote(literal.Value)
				require.NoError(t, err)
				assert.NotNil(t, sentences[key], "%s: no catalogue has the key %q", path, key)
			}
			return true
		})
	}
}

// TestOnlyThisPackageWritesMessages checks that no other package makes a text or a block of Slack:
// they pass on what a Renderer makes.
func TestOnlyThisPackageWritesMessages(t *testing.T) {
	t.Parallel()
	for _, room := range []string{"..", "../command", "../outbox", "../schedule", "../../cmd/smileybot"} {
		for path, file := range parsed(t, room) {
			ast.Inspect(file, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.CallExpr:
					assert.False(t, makesText(n), "%s: a block or a text is made outside of bot/message", path)
				case *ast.CompositeLit:
					made, ok := n.Type.(*ast.SelectorExpr)
					itself := ok && isIdent(made.X, "message") && made.Sel.Name == "Message"
					assert.False(t, itself && len(n.Elts) > 0, "%s: a message is made outside of bot/message", path)
				}
				return true
			})
		}
	}
}

// makesText reports whether a call makes a block or an object of Slack that holds text, or sends a
// literal text.
func makesText(call *ast.CallExpr) bool {
	called, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || !isIdent(called.X, "slack") {
		return false
	}
	name := called.Sel.Name
	switch {
	case strings.HasPrefix(name, "New") && (strings.Contains(name, "Block") || strings.Contains(name, "RichText")):
		return true
	case name == "MsgOptionText":
		passedOn, ok := call.Args[0].(*ast.SelectorExpr)
		return !ok || passedOn.Sel.Name != "Text"
	default:
		return false
	}
}

func isIdent(e ast.Expr, name string) bool {
	i, ok := e.(*ast.Ident)
	return ok && i.Name == name
}
