package command

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestTyped(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want string }{
		{"<mailto:jan@example.org|jan@example.org>", "jan@example.org"},
		{"<mailto:jan@example.org>.", "jan@example.org"},
		{"<https://example.org/|example.org>", "example.org"},
		{"<http://example.org>", "example.org"},
		{"<tel:+31201234567|020-1234567>", "020-1234567"},
		{"channel:<#C0CHAT|chat>", "channel:chat"},
		{"<#C0PRIVATE|>", "C0PRIVATE"},
		{"agent:<@U0BOB|bob> month", "agent:<@U0BOB|bob> month"},
		{"agent:<@U0BOB|Bob Jansen>", "agent:<@U0BOB|BobJansen>"},
		{"agent:\"Smit &amp; Co\"", "agent:\"Smit & Co\""},
		{"&amp;lt; x", "&lt; x"},
		{"<!channel>", "<!channel>"},
		{" last\u00a0week\u200b. ", "last week"},
		{"2026-10-01..", "2026-10-01.."},
	} {
		assert.Equal(t, c.want, typed(c.text), c.text)
	}
}
