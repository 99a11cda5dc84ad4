package message

import "github.com/slack-go/slack"

// unitsOf is the length of all text in blocks that this package makes, links
// and fallbacks included: Slack does not say what it counts.
func unitsOf(blocks []slack.Block) int {
	n := 0
	for _, block := range blocks {
		switch b := block.(type) {
		case *slack.RichTextBlock:
			n += richUnits(b.Elements)
		case *slack.ContextBlock:
			for _, e := range b.ContextElements.Elements {
				n += textUnits(e)
			}
		case *slack.ActionBlock:
			for _, e := range b.Elements.ElementSet {
				n += buttonUnits(e)
			}
		}
	}
	return n
}

func richUnits(elements []slack.RichTextElement) int {
	n := 0
	for _, element := range elements {
		switch e := element.(type) {
		case *slack.RichTextSection:
			n += lineUnits(e.Elements)
		case *slack.RichTextQuote:
			n += lineUnits(e.Elements)
		}
	}
	return n
}

func lineUnits(l line) int {
	n := 0
	for _, element := range l {
		switch e := element.(type) {
		case *slack.RichTextSectionTextElement:
			n += units(e.Text)
		case *slack.RichTextSectionLinkElement:
			n += units(e.Text) + units(e.URL)
		case *slack.RichTextSectionUserElement:
			n += units(e.UserID)
		case *slack.RichTextSectionChannelElement:
			n += units(e.ChannelID)
		case *slack.RichTextSectionEmojiElement:
			n += units(e.Name)
		case *slack.RichTextSectionDateElement:
			n += units(e.Format) + units(*e.Fallback)
		}
	}
	return n
}

func textUnits(e slack.MixedElement) int {
	if text, ok := e.(*slack.TextBlockObject); ok {
		return units(text.Text)
	}
	return 0
}

func buttonUnits(e slack.BlockElement) int {
	if button, ok := e.(*slack.ButtonBlockElement); ok {
		return units(button.Text.Text) + units(button.AccessibilityLabel)
	}
	return 0
}
