package demo

import (
	"embed"
	"encoding/json"

	"smileybot/bot/message"
	"smileybot/fakeslack"
)

// The words of the demo itself, a file a language. Those of the page are a part of them.
//
//go:embed words
var wordFiles embed.FS

// words are what the demo prints and the page shows, in one language.
type words struct {
	// Intro is printed above the narration of Once, with the number of customers and the seed.
	Intro string `json:"intro"`
	// Happens, Channel and Answer are the headings of what Once prints.
	Happens string `json:"happens"`
	Channel string `json:"channel"`
	// Live is printed by a demo that runs on, with the address and the secret.
	Live string `json:"live"`
	// Posted, Edited and Deleted are what happens to a message.
	Posted  string `json:"posted"`
	Edited  string `json:"edited"`
	Deleted string `json:"deleted"`
	// Titles are those of the people that a visitor can be.
	Titles map[string]string `json:"titles"`
	// Visitor is the visitor's name as a customer, Question the subject of their ticket, with its number.
	Visitor  string `json:"visitor"`
	Question string `json:"question"`
	// Commands are what the message box suggests.
	Commands []string `json:"commands"`
	// The narration of the customers' stories.
	Story storyWords `json:"story"`
	// Page are the words of the page.
	Page map[string]string `json:"page"`
}

// storyWords narrate what customers and colleagues do. Each begins with a name.
type storyWords struct {
	Smiley    string            `json:"smiley"` // with the smiley and what it is about
	Colours   map[string]string `json:"colours"`
	Ticket    string            `json:"ticket"`
	Chat      string            `json:"chat"`
	Score     string            `json:"score"`   // with the score and the kind
	Because   string            `json:"because"` // with the comment
	Explains  string            `json:"explains"`
	ChangesTo string            `json:"changes_to"`
	Repeats   string            `json:"repeats"` // without a name
	Claims    string            `json:"claims"`  // with the customer's name
	Finishes  string            `json:"finishes"`
}

// of says what happened to a message, empty for what is no change of a message.
func (w words) of(kind fakeslack.ChangeKind) string {
	switch kind {
	case fakeslack.Posted:
		return w.Posted
	case fakeslack.Edited:
		return w.Edited
	case fakeslack.Deleted:
		return w.Deleted
	default:
		return ""
	}
}

// wordsIn returns the words of a language.
func wordsIn(language message.Language) words {
	name := "en"
	if language == message.Dutch {
		name = "nl"
	}
	text, err := wordFiles.ReadFile("words/" + name + ".json")
	var w words
	if err == nil {
		err = json.Unmarshal(text, &w)
	}
	if err != nil {
		panic(err) // the file is part of the program
	}
	return w
}
