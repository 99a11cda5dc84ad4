// Package senders lists the senders that are ready-made. A new one is a folder here and a line in
// [All]; settings, routes, samples and tests read the list.
package senders

import (
	"slices"
	"strings"

	"smileybot/bot/webhook/sender"
	"smileybot/bot/webhook/senders/chatwoot"
	"smileybot/bot/webhook/senders/feedback"
	"smileybot/bot/webhook/senders/formbricks"
	"smileybot/bot/webhook/senders/helpscout"
	"smileybot/bot/webhook/senders/intercom"
	"smileybot/bot/webhook/senders/mapping"
	"smileybot/bot/webhook/senders/trustpilot"
	"smileybot/bot/webhook/senders/typeform"
	"smileybot/bot/webhook/senders/zendesk"
)

// All are the ready-made senders with formats of their own, in the order of the documentation. The
// sender of the own format is not one of them: it is always there.
func All() []sender.Sender {
	return []sender.Sender{
		helpscout.Sender(),
		zendesk.Sender(),
		intercom.Sender(),
		chatwoot.Sender(),
		formbricks.Sender(),
		typeform.Sender(),
		trustpilot.Sender(),
	}
}

// Mappings reads a file of mappings, see [mapping.Parse]. A mapping cannot have the name of a
// ready-made sender.
func Mappings(text []byte) ([]sender.Sender, error) {
	return mapping.Parse(text, append(Names(All()), feedback.Sender().Name)...)
}

// Examples are the senders of which a sample can be posted, by name: those of [All] and those with a
// ready-made mapping.
func Examples() []sender.Sender {
	all := append(All(), mapping.Examples()...)
	slices.SortFunc(all, func(a, b sender.Sender) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// Names are the names of senders, in their order.
func Names(list []sender.Sender) []string {
	var names []string
	for _, s := range list {
		names = append(names, s.Name)
	}
	return names
}

// Find returns the sender of a list with a name.
func Find(list []sender.Sender, name string) (s sender.Sender, found bool) {
	i := slices.IndexFunc(list, func(s sender.Sender) bool { return s.Name == name })
	if i < 0 {
		return sender.Sender{}, false
	}
	return list[i], true
}
