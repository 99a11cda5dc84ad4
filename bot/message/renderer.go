package message

import (
	"embed"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// Language is the ISO 639-1 code of a language that a [Renderer] writes.
type Language string

// The languages.
const (
	English Language = "en"
	Dutch   Language = "nl"
)

// Languages lists the languages that have a catalogue.
func Languages() []Language { return []Language{English, Dutch} }

// Options decide how things are rendered.
type Options struct {
	// Zone is for the times that Slack does not show in the reader's own zone. Nil is UTC.
	Zone *time.Location
	// Language is English when empty.
	Language Language
}

// Renderer makes what smileybot shows in Slack, in one language. Make one with [NewRenderer]; it is
// safe for concurrent use.
type Renderer struct {
	zone     *time.Location
	language Language
	all      *i18n.Bundle
	words    *i18n.Localizer
}

// NewRenderer returns a renderer. It reads the catalogues, which takes milliseconds, so make one
// and keep it.
func NewRenderer(o Options) *Renderer { return newRenderer(catalogues(), o) }

// With returns a renderer with other options that shares the catalogues of r.
func (r *Renderer) With(o Options) *Renderer { return newRenderer(r.all, o) }

func newRenderer(all *i18n.Bundle, o Options) *Renderer {
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.Language == "" {
		o.Language = English
	}
	return &Renderer{
		zone:     o.Zone,
		language: o.Language,
		all:      all,
		words:    i18n.NewLocalizer(all, string(o.Language), string(English)),
	}
}

// Language returns the language of r.
func (r *Renderer) Language() Language { return r.language }

// values fill the {{.places}} of a sentence. The one called n is a number, which picks the singular
// or the plural.
type values map[string]any

// text returns a sentence of the catalogue. The values are never read as templates. A key that no
// catalogue has, which a test rules out, is returned itself.
func (r *Renderer) text(key string, in ...values) string {
	asked := i18n.LocalizeConfig{MessageID: key}
	if len(in) > 0 {
		asked.TemplateData, asked.PluralCount = r.withCount(in[0]), in[0]["n"]
	}
	said, err := r.words.Localize(&asked)
	if err != nil && said == "" {
		return key
	}
	return said
}

func (r *Renderer) withCount(in values) values {
	n, ok := in["n"]
	if !ok {
		return in
	}
	in = maps.Clone(in)
	in["n"] = r.number(fmt.Sprint(n))
	return in
}

// placeMark encloses, within a sentence, the number of a part that is more than text. No value
// contains it: control characters are removed from everything that people wrote.
const placeMark = "\x00"

// line returns a sentence some of whose values are lines: a link, a user, a time, bold words. The
// language decides on their order.
func (r *Renderer) line(key string, in values) line {
	words, parts := make(values, len(in)), []line(nil)
	for place, value := range in {
		switch v := value.(type) {
		case line:
			words[place] = placeMark + strconv.Itoa(len(parts)) + placeMark
			parts = append(parts, v)
		case string:
			words[place] = strings.ReplaceAll(v, placeMark, "")
		default:
			words[place] = v
		}
	}
	var l line
	for i, piece := range strings.Split(r.text(key, words), placeMark) {
		if i%2 == 0 {
			l.text(piece)
			continue
		}
		if n, err := strconv.Atoi(piece); err == nil && n < len(parts) {
			l.join(parts[n])
		}
	}
	return l
}

func (r *Renderer) count(n int64) string { return r.number(strconv.FormatInt(n, 10)) }

// number returns a number in digits as the language writes it: 12345.6 is 12,345.6 in English and
// 12.345,6 in Dutch. A sign stays as it is.
func (r *Renderer) number(digits string) string {
	whole, fraction, decimal := strings.Cut(digits, ".")
	sign := strings.TrimRight(whole, "0123456789")
	whole = whole[len(sign):]
	for at := len(whole) - 3; at > 0; at -= 3 {
		whole = whole[:at] + r.text("thousands_mark") + whole[at:]
	}
	if decimal {
		return sign + whole + r.text("decimal_mark") + fraction
	}
	return sign + whole
}

// moment returns a time in the renderer's zone: "20 Nov 2026 11:31 CET".
func (r *Renderer) moment(t time.Time) string {
	t = t.In(r.zone)
	return fmt.Sprintf("%d %s %s", t.Day(), r.month("months_short", t.Month()), t.Format("2006 15:04 MST"))
}

// month returns a month's name from a list of twelve, "" without a valid month.
func (r *Renderer) month(list string, m time.Month) string {
	names := strings.Fields(r.text(list))
	if int(m) > len(names) {
		return ""
	}
	return names[m-1]
}

// cataloguesFS has a file for each language: every sentence by its key.
//
//go:embed catalogue/*.toml
var cataloguesFS embed.FS

// catalogues reads the sentences of all languages, once for all renderers. They are part of the program,
// so one that cannot be read is a bug, which every test meets.
var catalogues = sync.OnceValue(func() *i18n.Bundle { //nolint:gochecknoglobals // it never changes
	bundle := i18n.NewBundle(language.English)
	bundle.RegisterUnmarshalFunc("toml", toml.Unmarshal)
	for _, l := range Languages() {
		if _, err := bundle.LoadMessageFileFS(cataloguesFS, "catalogue/active."+string(l)+".toml"); err != nil {
			panic(fmt.Sprintf("the catalogue of %q: %v", l, err))
		}
	}
	return bundle
})

// App describes the app in Slack's directory of apps, in short and at length.
func (r *Renderer) App() (short, long string) { return r.text("app_short"), r.text("app_long") }

// Command returns what Slack shows to those who type a slash command: what it does, and what may
// follow it. command has no slash.
func (r *Renderer) Command(command string) (description, usage string) {
	return r.text("command_" + command), r.text("usage_" + command)
}

// Shortcut returns what Slack shows of a shortcut, by its callback_id: its name, of at most 24
// characters, and what it does.
func (r *Renderer) Shortcut(callback string) (name, description string) {
	return r.text("shortcut_" + callback), r.text("shortcut_about_" + callback)
}
