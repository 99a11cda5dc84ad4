package sender

import (
	"net/http"
	"strings"

	"github.com/theory/jsonpath"
)

// Challenge is a handshake: the sender sends a word and wants it back before it sends webhooks. The zero
// value asks for no word.
type Challenge struct {
	// Query is the parameter of a GET that has the word, and Token the one that has the secret.
	Query, Token string
	// Path is where the body of a proved request has the word.
	Path *jsonpath.Path
}

// maxChallenge is the longest word of a handshake, in bytes. Usual ones have 10 to 100.
const maxChallenge = 1024

// InQuery returns the word of a handshake in the query of a GET; asked is false for any other request. A
// word is proved by the secret.
func (s Enabled) InQuery(r *http.Request) (word string, asked, proved bool) {
	c := s.Challenge
	if c.Query == "" || r.Method != http.MethodGet || !r.URL.Query().Has(c.Query) {
		return "", false, false
	}
	word = r.URL.Query().Get(c.Query)
	return word, true, s.keys.known(r.URL.Query().Get(c.Token)) && echoes(word)
}

// InBody returns the word of a handshake in the body of a proved request.
func (s Enabled) InBody(d Delivery) (word string, asked bool) {
	if s.Challenge.Path == nil {
		return "", false
	}
	body, err := s.tree(d)
	if err != nil {
		return "", false
	}
	first, _ := body.First(s.Challenge.Path)
	word = first.Text()
	return word, echoes(word)
}

// echoes reports whether a word can be sent back: it is short and of one line.
func echoes(word string) bool {
	return word != "" && len(word) <= maxChallenge && !strings.ContainsFunc(word, func(r rune) bool { return r < ' ' || r == 0x7f || r == 0xfffd })
}
