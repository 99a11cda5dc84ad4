package webhook

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/webhook/sender"
	"smileybot/bot/webhook/senders"
)

// marker is a value that no answer may quote.
const marker = "sesame7"

// mutations are what a value of a body may become; a nil function removes it.
func mutations() []func(any) any {
	nested := func(open, end string) any {
		return json.RawMessage(strings.Repeat(open, 80) + `"` + marker + `"` + strings.Repeat(end, 80))
	}
	raw := func(text string) func(any) any { return func(any) any { return json.RawMessage(text) } }
	return []func(any) any{
		nil, // missing
		raw(`null`), raw(`""`), raw(`" "`), raw(`"` + marker + `"`), raw(`true`), raw(`false`), raw(`0`), raw(`-1`), raw(`1.5`), raw(`1e3`),
		raw(`9007199254740993`), raw(`1e999`), raw(`-1e999999999`), raw(strings.Repeat("9", 400)), raw(`"5"`), raw(`"-1e999"`), raw(`"NaN"`),
		raw(`[]`), raw(`{}`), raw(`[[]]`), raw(`{"` + marker + `":1}`),
		func(was any) any { return []any{was} },
		func(was any) any { return map[string]any{marker: was} },
		func(any) any { return nested(`[`, `]`) },
		func(any) any { return nested(`{"a":`, `}`) },
		func(any) any { return strings.Repeat("é", 300) },
		func(any) any { return "\u202e\u200b\u3164" },
		func(any) any { return "0000-00-00T99:99:99Z" },
		func(any) any { return "javascript:" + marker },
	}
}

// places lists the addresses of all values below a value.
func places(v any, at []any) [][]any {
	var all [][]any
	add := func(step, inner any) {
		here := append(append([]any{}, at...), step)
		all = append(append(all, here), places(inner, here)...)
	}
	switch v := v.(type) {
	case map[string]any:
		for _, name := range sortedNames(v) {
			add(name, v[name])
		}
	case []any:
		for i, inner := range v {
			add(i, inner)
		}
	}
	return all
}

func sortedNames(v map[string]any) []string {
	names := make([]string, 0, len(v))
	for name := range v {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// mutate changes the value at a place, and leaves the rest as it is.
func mutate(v any, at []any, change func(any) any) any {
	if len(at) == 0 {
		return change(v)
	}
	switch v := v.(type) {
	case map[string]any:
		changed := maps.Clone(v)
		name, _ := at[0].(string)
		if len(at) == 1 && change == nil {
			delete(changed, name)
		} else {
			changed[name] = mutate(v[name], at[1:], change)
		}
		return changed
	case []any:
		i, _ := at[0].(int)
		if i >= len(v) {
			return v
		}
		changed := append([]any{}, v...)
		if len(at) == 1 && change == nil {
			return append(changed[:i], changed[i+1:]...)
		}
		changed[i] = mutate(v[i], at[1:], change)
		return changed
	default:
		return v
	}
}

// A specimen is a sample as JSON, and what its sender needs to read it.
type specimen struct {
	name   string
	sender sender.Enabled
	header http.Header
	body   any
	places [][]any
}

// specimens are the JSON samples of all senders, and of the ready-made mappings.
func specimens(tb testing.TB) []specimen {
	tb.Helper()
	questions, err := sender.ParseQuestions(surveys)
	require.NoError(tb, err)
	mapped := readyMade(tb)
	var all []specimen
	for _, s := range senders.Examples() {
		files, err := fs.Glob(s.Files, path.Join(path.Dir(s.Example.File), "*.json"))
		require.NoError(tb, err)
		mapping, isMapped := mapped[s.Name]
		for _, file := range files {
			if isMapped && path.Base(file) != s.Name+".json" {
				continue
			}
			text, err := fs.ReadFile(s.Files, file)
			require.NoError(tb, err)
			d := json.NewDecoder(bytes.NewReader(text))
			d.UseNumber()
			var body any
			require.NoError(tb, d.Decode(&body))
			reads := s
			if isMapped {
				reads = mapping
			}
			secrets := []string{senderSecret}
			if s.Name == "formbricks" {
				secrets = []string{secretA}
			}
			enabled, err := reads.Enable(sender.Settings{Secrets: secrets, Questions: questions})
			require.NoError(tb, err)
			header := http.Header{"Content-Type": {"application/json"}}
			if s.Name == "helpscout" {
				header.Set("X-HelpScout-Event", sample(tb, "helpscout", path.Base(file)).event)
			}
			all = append(all, specimen{s.Name + "/" + path.Base(file), enabled, header, body, places(body, nil)})
		}
	}
	return all
}

// assertRead reads a body as a sender's: it is taken within every limit or refused with a reason, and what
// is said of it quotes nothing.
func assertRead(t *testing.T, s specimen, body any) {
	t.Helper()
	text, err := json.Marshal(body)
	require.NoError(t, err)
	p, err := s.sender.Decode(sender.Delivery{Sender: s.sender.Name, Header: s.header, Body: text, ReceivedAt: noon()})
	if err != nil {
		var wrong *sender.DecodeError
		require.ErrorAs(t, err, &wrong)
		require.True(t, wrong.Malformed != "" || len(wrong.Invalid) > 0)
		require.NotContains(t, err.Error(), marker)
		return
	}
	for _, e := range p.Events {
		assertBounded(t, e)
	}
	for _, w := range p.Told() {
		require.NotContains(t, w.String(), marker)
		require.NotEmpty(t, w.Message)
	}
}

// TestMutatedSamples changes every value of every sample in every way.
func TestMutatedSamples(t *testing.T) {
	t.Parallel()
	all := specimens(t)
	assert.Greater(t, len(all), 15)
	for _, s := range all {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			for i, at := range s.places {
				if testing.Short() && i%4 > 0 {
					continue
				}
				for _, change := range mutations() {
					assertRead(t, s, mutate(s.body, at, change))
				}
			}
		})
	}
}

// FuzzMutatedSamples changes several values of a sample.
func FuzzMutatedSamples(f *testing.F) {
	all, changes := specimens(f), mutations()
	for i := range all {
		f.Add(uint8(i), []byte{1, 2, 30, 4, 7, 20})
	}
	f.Fuzz(func(t *testing.T, which uint8, steps []byte) {
		s := all[int(which)%len(all)]
		body := s.body
		for i := 0; i+1 < len(steps) && i < 40; i += 2 {
			left := places(body, nil)
			if len(left) == 0 {
				break
			}
			change := changes[int(steps[i+1])%len(changes)]
			body = mutate(body, left[int(steps[i])%len(left)], func(was any) any {
				if change == nil {
					return nil
				}
				return change(was)
			})
		}
		assertRead(t, s, body)
	})
}

// TestUnreadableKinds: what no sender sends is refused, and never brings a sender down.
func TestUnreadableKinds(t *testing.T) {
	t.Parallel()
	for _, s := range specimens(t) {
		for _, body := range []string{``, `null`, `1`, `"x"`, `[]`, `[{}]`, `{`, strings.Repeat("[", 5000), `{"a":"\ud800"}`, "\xff\xfe", "\x00"} {
			payload, err := s.sender.Decode(sender.Delivery{Sender: s.sender.Name, Header: s.header, Body: []byte(body), ReceivedAt: noon()})
			if err == nil && s.sender.Lists && strings.HasPrefix(body, "[") { // a mapping may read lists
				assert.Empty(t, payload.Events, "%s %q", s.name, body)
				continue
			}
			var wrong *sender.DecodeError
			assert.True(t, errors.As(err, &wrong), "%s %q", s.name, body)
		}
	}
}
