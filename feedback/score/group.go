package score

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
)

// Group is a report of one part of what was asked about.
type Group struct {
	// Name is a channel, or an agent's name, or the id of one without.
	Name string
	Report
}

// MarshalJSON writes the report's object with the name in front.
func (g Group) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Name string `json:"name"`
		reportJSON
	}{g.Name, g.forJSON()})
}

// SortGroups puts groups in alphabetical order, whatever their scores: agents are
// not ranked, because a score that is used as a target stops being a measure (C.
// Goodhart; https://en.wikipedia.org/wiki/Goodhart%27s_law).
func SortGroups[G interface{ name() string }](groups []G) {
	slices.SortFunc(groups, func(a, b G) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.name()), strings.ToLower(b.name())), strings.Compare(a.name(), b.name()))
	})
}

func (g Group) name() string { return g.Name }

func (g ServiceGroup) name() string { return g.Name }
