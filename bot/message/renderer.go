package message

import (
	"embed"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// Language is what a [Speaker] speaks, as its ISO 639-1 code.
type Language string

// The languages.
const (
	English Language = "en"
	Dutch   Language = "nl"
)

// Languages lists the languages there are words for.
func Languages() []Language { return []Language{English, Dutch} }

// Options say for whom things are shown.
type Options struct {
	// Zone is for the times in places where Slack does not show them in the
	// reader's own zone. Nil is UTC.
	Zone *time.Location
	// Language is English when empty.
	Language Language
}

// Speaker says things in Slack in one language. Make one with [NewSpeaker]; it
// is safe for concurrent use.
type Renderer struct {
	zone     *time.Location
	language Language
	all      *i18n.Bundle
	words    *i18n.Localizer
}

// NewSpeaker makes a speaker. It reads the catalogues, which takes milliseconds, so make
// one and keep it.
func NewRenderer(o Options) *Renderer { return newRenderer(catalogues(), o) }

// Another is a speaker of other options, made of the catalogues that s has read.
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

// Language is what the speaker speaks.
func (r *Renderer) Language() Language { return r.language }

// values are what stands in a sentence's {{.places}}. One called n is a number,
// and picks the singular or the plural.
type values map[string]any

// say is a sentence of the catalogue. What a value says is never read as a
// template. A key that no catalogue has, which a test rules out, says itself.
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

// counted are the values with n as the language writes it.
func (r *Renderer) withCount(in values) values {
	n, ok := in["n"]
	if !ok {
		return in
	}
	in = maps.Clone(in)
	in["n"] = r.number(fmt.Sprint(n))
	return in
}

// placeMark sets apart, within a sentence, the number of a part that is more than
// text. No value has it: what anyone wrote has lost its control characters by then.
const placeMark = "\x00"

// line is a sentence some of whose values are more than text: a link, a person, a
// moment, words in bold. Its language decides in which order they stand.
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

// count is a number of things as the language writes it.
func (r *Renderer) count(n int64) string { return r.number(strconv.FormatInt(n, 10)) }

// number is a number in digits as the language writes it: 12345.6 is 12,345.6 in
// English and 12.345,6 in Dutch. A sign stays as it is.
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

// moment is a time in words of our own: "20 Nov 2026 11:31 CET".
func (r *Renderer) moment(t time.Time) string {
	t = t.In(r.zone)
	return strings.Join([]string{
		strconv.Itoa(t.Day()), r.month("months_short", t.Month()), t.Format("2006 15:04 MST"),
	}, " ")
}

// month is a month's name out of the twelve of a list.
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

// catalogues are the words of all languages. They are part of the program, so one
// that cannot be read is a bug that every test meets.
func catalogues() *i18n.Bundle {
	bundle := i18n.NewBundle(language.English)
	bundle.RegisterUnmarshalFunc("toml", toml.Unmarshal)
	for _, l := range Languages() {
		if _, err := bundle.LoadMessageFileFS(cataloguesFS, "catalogue/active."+string(l)+".toml"); err != nil {
			panic(fmt.Sprintf("the catalogue of %q: %v", l, err))
		}
	}
	return bundle
}

// App is what the app says of itself in Slack's directory of apps, in short and
// at length.
func (r *Renderer) App() (short, long string) { return r.text("app_short"), r.text("app_long") }

// Command is what Slack shows of a slash command to those who type it: what it
// tells, and what may follow it. command has no slash; one that the catalogues do
// not know says its key.
func (r *Renderer) Command(command string) (description, usage string) {
	return r.text("command_" + command), r.text("usage_" + command)
}
