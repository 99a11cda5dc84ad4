package csvfile

import (
	"errors"
	"strings"

	"smileybot/feedback"
)

// Our words are read in any case, in English and in Dutch.

// readSmiley reads a colour and returns its [feedback.Smiley.Value].
func readSmiley(cell string) (int, error) {
	switch word(cell) {
	case "green", "groen":
		return feedback.Green.Value(), nil
	case "yellow", "geel":
		return feedback.Yellow.Value(), nil
	case "red", "rood":
		return feedback.Red.Value(), nil
	default:
		return feedback.ParseSmiley(cell) // for its error
	}
}

func readKind(cell string, r *parsedRow) error {
	kind := feedback.Kind(word(cell))
	if kind == "recensie" {
		kind = feedback.KindReview
	}
	r.row.Event.Kind = kind
	if !kind.Known() {
		return errors.New("must be " + feedback.OneOf(feedback.Kinds()) + ", or empty, which is smiley")
	}
	return nil
}

func readChannel(cell string, r *parsedRow) error {
	name := word(cell)
	channel := feedback.Channel(name)
	switch name {
	case "klantenpaneel", "paneel":
		channel = feedback.ChannelPanel
	case "e-mail", "mail":
		channel = feedback.ChannelEmail
	case "telefoon":
		channel = feedback.ChannelPhone
	case "sociaal", "sociale media", "social media":
		channel = feedback.ChannelSocial
	case "recensie":
		channel = feedback.ChannelReview
	}
	r.row.Event.Channel = channel
	if !channel.Known() {
		return errors.New("must be " + feedback.OneOf(feedback.Channels()))
	}
	return nil
}

// readFlag reads yes or no, also as spreadsheets write it.
func readFlag(cell string, _ *parsedRow) (bool, error) {
	switch word(cell) {
	case "true", "yes", "y", "1", "waar", "ja", "j":
		return true, nil
	case "false", "no", "n", "0", "onwaar", "nee":
		return false, nil
	default:
		return false, errors.New("must be true or false, yes or no")
	}
}

func word(cell string) string { return strings.ToLower(strings.TrimSpace(cell)) }

// readSender reads the name of a sender that is known.
func readSender(cell string, r *parsedRow) error {
	name := word(cell)
	for _, known := range r.Senders {
		if strings.EqualFold(known, name) {
			r.row.Event.Sender = known
			return nil
		}
	}
	if len(r.Senders) == 0 {
		return text(&r.row.Event.Sender, cell, feedback.MaxName)
	}
	return errors.New("no sender is called that: did you mean " + feedback.Nearest(name, r.Senders) + "? There are " + strings.Join(r.Senders, ", "))
}
