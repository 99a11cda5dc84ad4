package sender

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/theory/jsonpath"
)

// treeOf is a body of JSON.
func treeOf(tb testing.TB, body string) Tree {
	tb.Helper()
	tree, err := Sender{}.tree(Delivery{Body: []byte(body)})
	require.NoError(tb, err)
	return tree
}

// nested is a body whose a holds an object with an a, and so on.
func nested(deep int) string {
	return strings.Repeat(`{"a":`, deep) + "1" + strings.Repeat("}", deep)
}

func TestSelectReadsTheFirstValue(t *testing.T) {
	t.Parallel()
	const body = `{"b":{"x":2},"a":{"x":1,"tags":["csat"]},"list":[{"k":"p","v":3},{"k":"q","v":4,"tags":["nps","csat"]}],"key":"q"}`
	for _, row := range []struct{ path, want string }{
		{"$.a.x", "1"},
		{"$..x", "1"}, // in the order of the names, not of the body
		{"$.*.x", "1"},
		{"$.list[-1].v", "4"},
		{"$.list[1:].v", "4"},
		{"$['missing','b'].x", "2"},
		{"$.list[?@.k == 'q'].v", "4"},
		{"$.list[?@.k == $.key].v", "4"},
		{"$.list[?@.tags[?@ == 'csat']].v", "4"},
		{"$.list[?match(@.k, '[a-p]')].v", "3"},
		{"$.list[?count(@.*) > 2].v", "4"},
		{"$.list[?(@.k == 'q' || @.k == '*') && !@.none].v", "4"},
		{"$.none", ""},
		{"$.key.x", ""},
	} {
		first, err := treeOf(t, body).First(jsonpath.MustParse(row.path))
		require.NoError(t, err, row.path)
		assert.Equal(t, row.want, first.Text(), row.path)
	}
}

// TestPathsEnd: whatever the body, one path over it ends soon, and says so when it did not reach its
// end.
func TestPathsEnd(t *testing.T) {
	t.Parallel()
	wide := `{"x":[` + strings.Repeat("1,", 100_000) + `1]}`
	for _, row := range []struct {
		name, path, body string
		ends             bool
	}{
		{"two descents", "$..a..a", nested(maxDepth), true},
		{"many descents", "$" + strings.Repeat("..a", 8), nested(maxDepth), false},
		{"descents to anything", "$..*..*..*..*", `{"x":[` + strings.Repeat(nested(maxDepth-3)+",", 300) + `1]}`, false},
		{"the same twice", "$" + strings.Repeat("[0,0]", 40), `{}`, true},
		{"the same twice, to its end", "$.x" + strings.Repeat("[0,0]", 40), `{"x":` + strings.Repeat("[", 90) + strings.Repeat("]", 90) + `}`, false},
		{"a wide list", "$.x[?@ == 2]", wide, true},
		{"the whole body for each", "$.x[?$.x[?@ == 2]]", wide, false},
		{"descents in a filter", "$..[?@..[?@..[?@..b]]]", nested(maxDepth), false},
		{"counts of all for each", "$.x[?count($..*) == 0]", wide, false},
		{"a long text for each", "$.x[?match($.s, '(a|b)*c')]", `{"s":"` + strings.Repeat("ab", 50_000) + `","x":[` + strings.Repeat("1,", 50_000) + `1]}`, false},
	} {
		found, err := treeOf(t, row.body).Select(jsonpath.MustParse(row.path), 1<<30)
		if row.ends {
			assert.NoError(t, err, row.name)
			continue
		}
		assert.ErrorIs(t, err, errPathSteps, row.name)
		assert.Empty(t, found, row.name)
	}
}

// TestPathsShareTheirSteps: many paths over one body take no longer than one.
func TestPathsShareTheirSteps(t *testing.T) {
	t.Parallel()
	tree := treeOf(t, nested(maxDepth))
	path := jsonpath.MustParse("$..a..a..none")
	var failed error
	for n := 0; failed == nil; n++ {
		require.Less(t, n, 1000)
		_, failed = tree.First(path)
	}
	_, err := tree.At("a").First(jsonpath.MustParse("$.a"))
	assert.ErrorIs(t, err, errPathSteps)
}

// FuzzSelect compares the walk with the library's, over bodies that the library can do.
func FuzzSelect(f *testing.F) {
	for _, path := range []string{
		"$", "$.a", "$..a", "$..*", "$.*", "$[0]", "$..[0]", "$..[1:]", "$..['a','b']", "$[?@.a]", "$..[?@.a == 1]", "$..[?@.b]..a",
		"$..[?count(@.*) > 1]", "$..[?@[?@ == $.a]]", "$[::-1]", "$..a..a..a", "$[?search(@.a, 'x')]",
	} {
		for _, body := range []string{`{"a":1,"b":{"a":[1,{"a":2}]}}`, `{"a":{"a":{"a":"x"}},"b":[[1],[2,3]]}`, nested(20)} {
			f.Add(path, body)
		}
	}
	f.Fuzz(func(t *testing.T, path, body string) {
		const most = 200 // bytes: the library has no limit
		p, err := jsonpath.Parse(path)
		if err != nil || len(path) > most/4 || len(body) > most {
			return
		}
		object, err := parseObject([]byte(body))
		if err != nil {
			return
		}
		found, err := Tree{Value: object, steps: new(maxPathSteps)}.Select(p, 1<<30)
		if err != nil {
			return
		}
		want := texts(p.Select(object))
		var got []string
		for _, one := range found {
			got = append(got, texts([]any{one.Value})...)
		}
		slices.Sort(got) // the library has the values of an object in any order
		slices.Sort(want)
		require.Equal(t, want, got, "%s over %s", path, body)
	})
}

func texts(values []any) []string {
	var all []string
	for _, value := range values {
		text, err := json.Marshal(value)
		if err != nil {
			text = fmt.Append(nil, err)
		}
		all = append(all, string(text))
	}
	return all
}
