package store

import (
	"context"
	"slices"
	"strings"

	"smileybot/feedback"
)

// agent is one person who was rated: all names under one id, or for those without an
// id one name, in any case.
type agent struct {
	id string
	// name is the latest, the id of one without, with the id where another agent has
	// the same name.
	name  string
	seen  feedback.Day
	names []string
	refs  []int64
}

// key is by what the agent's tickets are counted.
func (a agent) key() string { return feedback.Person{ID: a.id, Name: a.name}.Key() }

// called reports whether the agent goes by a name or an id, in any case.
func (a agent) called(name string) bool {
	return strings.EqualFold(a.id, name) || slices.ContainsFunc(a.names, func(own string) bool { return strings.EqualFold(own, name) })
}

// agents lists all who were ever rated.
func agents(ctx context.Context, state Snapshot) ([]*agent, error) {
	var all []*agent
	known := make(map[feedback.Person]*agent)
	err := eachOf(ctx, state, "the agents", func(row Scanner) error {
		var ref int64
		var id, name string
		var seen feedback.Day
		if err := row.Scan(&ref, &id, &name, &seen); err != nil {
			return err
		}
		who := feedback.Person{ID: id}
		if id == "" {
			who.Name = strings.ToLower(name)
		}
		a := known[who]
		if a == nil {
			a = &agent{id: id}
			known[who] = a
			all = append(all, a)
		}
		a.add(ref, name, seen)
		return nil
	}, `select ref, id, name, seen from agent order by ref`)
	distinguish(all)
	return all, err
}

// add adds a row that tells of the agent.
func (a *agent) add(ref int64, name string, seen feedback.Day) {
	a.refs = append(a.refs, ref)
	if name == "" {
		return
	}
	a.names = append(a.names, name)
	if a.name == "" || seen >= a.seen {
		a.name, a.seen = name, seen
	}
}

// distinguish has no two agents called the same.
func distinguish(all []*agent) {
	named := make(map[string]int)
	for _, a := range all {
		if a.name == "" {
			a.name = a.id
		}
		named[strings.ToLower(a.name)]++
	}
	for _, a := range all {
		if named[strings.ToLower(a.name)] > 1 && a.id != "" && a.id != a.name {
			a.name += " (" + a.id + ")"
		}
	}
}
