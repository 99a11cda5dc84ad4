package jq_test

import (
	"encoding/json"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/webhook/jq"
)

// value reads JSON as a body is read.
func value(tb testing.TB, text string) any {
	tb.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	require.NoError(tb, d.Decode(&v))
	return v
}

// all evaluates an expression that is right.
func all(tb testing.TB, program string, input any) ([]any, error) {
	tb.Helper()
	p, err := jq.Compile(program)
	require.NoError(tb, err, program)
	v := jq.Variables{
		Body: input, Headers: map[string]any{"x-event": "rated"},
		Query: map[string]any{"shop": "nl"}, Form: map[string]any{"payload": `{"a":[1,2]}`},
	}
	return p.All(input, v, jq.NewBudget(), 1000)
}

func TestExpressionsMeanWhatJQSays(t *testing.T) {
	t.Parallel()
	body := `{"id": 7, "tags": ["a","b"], "o": {"x": 1.5, "y": [3,1,2]}, "text": "Stap 3 klopt <b>niet</b>", "when": 1795082400, "big": 123456789012345678901234567890, "null": null, "list": [{"type":"rated","v":9},{"type":"seen","v":1}]}`
	for _, row := range []struct{ program, want string }{
		{".id", `[7]`},
		{".none", `[null]`},
		{".big", `[123456789012345678901234567890]`},
		{"empty", `null`},
		{".tags[]", `["a","b"]`},
		{".tags | index(\"b\")", `[1]`},
		{".tags | join(\"-\")", `["a-b"]`},
		{".list[] | select(.type == \"rated\") | .v", `[9]`},
		{"[.list[].v] | add / length", `[5]`},
		{"[.list[] | .v] | max", `[9]`},
		{".list | map(select(.v > 5)) | length", `[1]`},
		{".list | sort_by(.v) | .[0].v", `[1]`},
		{".list | group_by(.type) | map(length)", `[[1,1]]`},
		{".o.x * 2", `[3]`},
		{".id - 1, .id + 1, .id % 4, .id / 2", `[6,8,3,3.5]`},
		{"-.id", `[-7]`},
		{".id as $x | $x + $x", `[14]`},
		{". as {id: $x, tags: [$y]} | \"\\($x)-\\($y)\"", `["7-a"]`},
		{"\"https://x/\\(.id)?a=\\(.tags | tojson | @uri)\"", `["https://x/7?a=%5B%22a%22%2C%22b%22%5D"]`},
		{"@base64 \"a\\(.id)\"", `["aNw=="]`},
		{".text | gsub(\"<[^>]+>\"; \"\")", `["Stap 3 klopt niet"]`},
		{".text | test(\"STAP\"; \"i\")", `[true]`},
		{".text | capture(\"Stap (?<n>[0-9])\") | .n | tonumber", `[3]`},
		{"[.text | scan(\"[a-z]+\")] | length", `[5]`},
		{".text | split(\" \") | .[0]", `["Stap"]`},
		{".text | split(\" +\"; null) | length", `[4]`},
		{".text[:4]", `["Stap"]`},
		{".text | ascii_downcase | startswith(\"stap\")", `[true]`},
		{".when | todate", `["2026-11-19T10:00:00Z"]`},
		{"\"2026-11-19T10:00:00Z\" | fromdate", `[1795082400]`},
		{"\"20261119\" | strptime(\"%Y%m%d\") | mktime", `[1795046400]`},
		{"if .id > 6 then \"high\" elif .id > 3 then \"mid\" else \"low\" end", `["high"]`},
		{"try error(\"x\") catch .", `["x"]`},
		{".tags.x? // \"none\"", `["none"]`},
		{".missing // .id", `[7]`},
		{"reduce .list[] as $i (0; . + $i.v)", `[10]`},
		{"[foreach .list[] as $i (0; . + $i.v; [$i.type, .])]", `[[["rated",9],["seen",10]]]`},
		{"first(.list[] | .v)", `[9]`},
		{"[limit(1; .tags[])]", `[["a"]]`},
		{"label $out | .tags[] | if . == \"b\" then break $out else . end", `["a"]`},
		{"def double: . * 2; .id | double", `[14]`},
		{"def f(g; $n): g + $n; f(.id; 3)", `[10]`},
		{"def fac: if . < 2 then 1 else . * (. - 1 | fac) end; 5 | fac", `[120]`},
		{".o.y |= sort | .o.y", `[[1,2,3]]`},
		{".id += 1 | .id", `[8]`},
		{".list[].v *= 2 | [.list[].v]", `[[18,2]]`},
		{".none //= 3 | .none", `[3]`},
		{".o.y[1] = 9 | .o.y", `[[3,9,2]]`},
		{".o.y[1:] = [] | .o.y", `[[3]]`},
		{"del(.list, .text) | has(\"list\")", `[false]`},
		{"[.. | numbers] | length", `[9]`},
		{"[paths(type == \"number\")] | length", `[9]`},
		{"[path(.list[] | .v)]", `[[["list",0,"v"],["list",1,"v"]]]`},
		{"getpath([\"o\",\"y\",0])", `[3]`},
		{"to_entries | map(.key) | .[0]", `["big"]`},
		{".o | with_entries(.value |= tostring) | .x", `["1.5"]`},
		{"[{key: \"a\", value: 1}] | from_entries", `[{"a":1}]`},
		{"walk(if type == \"number\" then 0 else . end) | .o", `[{"x":0,"y":[0,0,0]}]`},
		{"{a: 1} * {b: {c: 2}}", `[{"a":1,"b":{"c":2}}]`},
		{"[1,2,3] - [2]", `[[1,3]]`},
		{"\"ab\" * 2, \"a,b\" / \",\"", `["abab",["a","b"]]`},
		{"[1,[2]] | flatten | contains([2])", `[true]`},
		{"{\"a\": 1} == {\"a\": 1.0}", `[true]`},
		{"[.tags[] | IN(\"a\",\"c\")]", `[[true,false]]`},
		{"$headers[\"x-event\"], $query.shop, ($form.payload | fromjson | .a[1]), $body.id", `["rated","nl",2,7]`},
		{"{(.tags[0]): 1, \"b\": 2, id, \"x\\(.id)\": 3}", `[{"a":1,"b":2,"id":7,"x7":3}]`},
		{"[range(3)], [range(0; 6; 3)]", `[[0,1,2],[0,3]]`},
		{"[.tags[] as $t | $t] | any(. == \"b\"), all(. == \"b\")", `[true,false]`},
		{"nan, infinite", `[null,null]`},
		{"3.0, 1e3, 2.5e-3", `[3,1000,0.0025]`},
	} {
		got, err := all(t, row.program, value(t, body))
		require.NoError(t, err, "%s: %s", row.program, jq.Cause(err))
		text, err := json.Marshal(got)
		require.NoError(t, err)
		assert.JSONEq(t, row.want, string(text), row.program)
	}
}

// hostile are expressions that an interpreter without bounds pays for with hours or gigabytes.
func hostile() []string {
	const big = `"x" * 200000`
	return []string{
		`def f: f; f`, `def f: 1 + f; f`, `def f: [f]; f`, `def f: ., f; f`, `def f: f | f; f`, `[repeat(1)]`, `last(repeat(.))`,
		`until(false; .)`, `while(true; . )`, `[range(1e12)]`, `last(range(1e12))`, `[limit(1e9; repeat(0))]`, `recurse(.)`, `first(recurse(.) | select(false))`,
		`"x" * 1000000000`, `"x" * 1e300`, `1000000000 * "x"`, `reduce range(60) as $i ("ab"; . + .)`, `reduce range(60) as $i ("ab"; "\(.)\(.)")`,
		`reduce range(60) as $i ("ab"; @json "\(.)\(.)")`, `reduce range(60) as $i ("a"; . * 2)`, `reduce range(60) as $i ("a"; . *= 2)`,
		`reduce range(60) as $i ([0]; . + .)`, `reduce range(60) as $i ([0]; . += .)`, `reduce range(60) as $i ([0]; .[0:0] = .)`,
		`reduce range(60) as $i ([0]; . as $x | .[0:0] |= $x)`, `reduce range(60) as $i ([0]; [., .]) | tojson`, `reduce range(60) as $i ([0]; [., .]) | tostring`,
		`reduce range(60) as $i ([0]; [., .]) | @text`, `reduce range(60) as $i ([0]; [., .]) | "\(.)"`, `reduce range(60) as $i ([0]; [., .]) | . == .`,
		`reduce range(60) as $i ([0]; [., .]) | flatten`, `reduce range(60) as $i ([0]; [., .]) | [.[]] | sort`, `reduce range(60) as $i ([0]; [., .]) | unique`,
		`reduce range(60) as $i ([0]; [., .]) | contains([[1]])`, `reduce range(60) as $i ([0]; [., .]) | . - .`, `reduce range(60) as $i ([0]; [., .]) | [..]`,
		`reduce range(60) as $i ([0]; [., .]) | index([0])`, `reduce range(60) as $i ([0]; [., .])`, `reduce range(60) as $i ([0]; [., .]) | error`, `error(reduce range(60) as $i ([0]; [., .]))`,
		`reduce range(60) as $i ([0]; [., .]) | del(.[0])`, `reduce range(60) as $i ([0]; [., .]) | walk(.)`, `reduce range(60) as $i ([0]; [., .]) | [paths]`,
		`reduce range(60) as $i ([0]; [., .]) | add | add`, `[range(9)] | group_by(reduce range(60) as $i ([0]; [., .]))`, `[1, 2] | sort_by(reduce range(60) as $i ([0]; [., .]))`,
		`reduce range(60) as $i ({}; {a: ., b: .}) | . * .`, `reduce range(60) as $i ({}; {a: ., b: .}) | tojson`, `reduce range(60) as $i ([0]; [., .]) | IN([0])`,
		`reduce range(100) as $i (3; . * .)`, `reduce range(200000) as $i (0; [.])`, `reduce range(200000) as $i (0; [.]) | tojson`,
		`[] | .[500000000] = 1`, `[] | .[400000] = 1 | .[400000] = 2 | .[400000] = 3`, `[] | .[5e8] |= 1`, `[] | getpath([500000000]) = 1`, `[] | pick(.[500000000])`, `[] | nth(5e8) = 1`, `[range(100000) | [] | .[5000] = 1]`,
		big + ` | [range(100000) as $i | . + "y"]`, big + ` | [range(100000) as $i | ascii_upcase]`, big + ` | explode | map([., .]) | tojson`, big + ` | split("") | map(. * 1000) | add`,
		big + ` | [range(1000) as $i | split("")]`, big + ` | gsub("x"; "y")`, big + ` | [match("x"; "g")]`, big + ` | gsub(""; "z")`, big + ` | test("(x+x+)+y")`, big + ` | test("(.{0,30}){0,30}z")`, big + ` | [scan("(x)(x)(x)(x)")]`,
		`[range(100000)] | map(tostring) | join("` + strings.Repeat("s", 500) + `")`, `[range(100000)] | . - .`, `[range(100000)] | indices([1])`, `[range(50000)] | contains([range(50000)])`, `[range(50000)] | inside([range(50000)])`,
		`[range(100000)] as $big | def f: $big[] | f; f`, `[range(100000)] as $big | [range(100000) | first($big[])]`, `[range(100000)] as $big | [range(10000) | $big | map(.)]`, `[range(100000)] as $big | [range(10000) | $big + [1]]`,
		`[range(100000)] as $big | [range(10000) | $big | tojson]`, `[range(100000)] as $big | [range(10000) | $big | reverse]`, `[range(100000)] as $big | [range(10000) | $big | sort]`,
		`try (def f: f; f) catch .`, `[.[]?, (try ("x" * 1e9) catch "caught"), ("x" * 1e9)?]`, `def f: try f catch f; f`, `label $a | def f: f; f`,
		`(` + big + ` * 1) as $f | 0 | strftime("%1024d" * 100000)`, `"[" * 100000 | fromjson`, `("[" * 10000) + ("]" * 10000) | fromjson`, `"9" * 200000 | tonumber | . * . * .`,
		`"[" + ("0," * 100000) + "0]" | [range(100) as $i | fromjson]`, `input`, `$__run`, `[splits("a")]`, `[range(1000)] | combinations`,
	}
}

// TestHostileExpressionsEnd: no expression takes much longer than a tenth of a second, or much memory, and
// no try of its own catches the end. An expression that is refused when it is read does no harm either.
// Each that ends by its budget takes some 50 ms, so -short takes every fifth.
func TestHostileExpressionsEnd(t *testing.T) {
	ended := 0
	for i, text := range hostile() {
		p, err := jq.Compile(text)
		if err != nil || testing.Short() && i%5 != 0 {
			continue
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		began := time.Now()
		_, err = p.All(map[string]any{}, jq.Variables{}, jq.NewBudget(), 1000)
		took := time.Since(began)
		runtime.ReadMemStats(&after)
		if errors.Is(err, jq.ErrBudget) {
			ended++
		}
		assert.Less(t, took, 5*time.Second, text) // 0.3 s on an idle core, many times that under -race
		assert.Less(t, (after.TotalAlloc-before.TotalAlloc)>>20, uint64(512), text) // one after another; more of it under -race
	}
	assert.Greater(t, ended, len(hostile())/8)
}

// FuzzExpressions evaluates anything over any JSON. It ends, its values are JSON, and the input is as it was.
func FuzzExpressions(f *testing.F) {
	for _, text := range hostile()[:40] {
		f.Add(text, `{"a": [1, null, "x"]}`)
	}
	for _, text := range []string{
		`[.. | tostring] | sort | unique`, `.a[1:] |= map(. * 2)`, `to_entries | from_entries`, `@csv "\(.a)"`, `reduce .a[] as [$x, $y] (0; . + $x)`,
		`. as {a: [$x]} ?// [$x] | $x`, `try error({}) catch .`, `path(..)`, `del(.a[0, 1])`, `$form | keys`, `"\(1; 2)"`, `[.a[] | strptime("%Y")?]`, `.a | index(1, "x")`, `ltrimstr(1) | .[.a]?`, `"x" * nan, "x" * -1, [] * 2`,
	} {
		f.Add(text, `{"a": [[1, 2], {"b": 1e999}], "n": 123456789012345678901234567890}`)
	}
	f.Fuzz(func(t *testing.T, text, body string) {
		p, err := jq.Compile(text)
		if err != nil {
			require.ErrorAs(t, err, new(jq.Mistake))
			return
		}
		d := json.NewDecoder(strings.NewReader(body))
		d.UseNumber()
		var input any
		if d.Decode(&input) != nil {
			return
		}
		before, err := json.Marshal(input)
		require.NoError(t, err)
		began := time.Now()
		got, err := p.All(input, jq.Variables{Body: input, Headers: map[string]any{}, Query: map[string]any{}, Form: map[string]any{}}, jq.NewBudget(), 100)
		require.Less(t, time.Since(began), 20*time.Second)
		if err != nil && !errors.Is(err, jq.ErrBudget) {
			require.ErrorIs(t, err, jq.ErrFailed)
		}
		after, err := json.Marshal(input)
		require.NoError(t, err)
		require.Equal(t, string(before), string(after))
		_, err = json.Marshal(got)
		require.NoError(t, err)
	})
}
