package config

import (
	"fmt"
	"io"
	"log/slog"
)

// redacted is all that is ever printed of a secret.
const redacted = "[redacted]"

// Secret is a token or key that no printing shows: every fmt verb, JSON, text
// and slog give [redacted].
//
// It holds a pointer and not the text itself, because fmt calls no method on
// an unexported field and on a verb it cannot apply, such as %p: there it
// prints what it finds, which here is an address.
type Secret struct{ text *string }

// NewSecret returns the text as a Secret.
func NewSecret(text string) Secret { return Secret{text: &text} }

// Reveal returns the secret itself, "" when there is none.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// Format implements [fmt.Formatter] for every verb and flag.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// String implements [fmt.Stringer].
func (Secret) String() string { return redacted }

// MarshalText implements [encoding.TextMarshaler], which JSON uses too.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue implements [slog.LogValuer].
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }
