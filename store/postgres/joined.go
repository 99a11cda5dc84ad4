package postgres

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"smileybot/store"
)

// A row that is inserted alone costs the server many times what it costs among others: with each
// statement, PostgreSQL reads the checks of the table and prepares its indexes. So the statements of a
// batch that insert one row each into the same table run as one, see joined. A set that fails by that
// runs again one by one.

// maxRows bounds the rows of a statement: 64 of the widest table have 2,240 of the 65,535 values that a
// statement may have.
const maxRows = 64

// joined are the statements of a batch with several rows for those that insert one.
func joined(statements []store.Statement) []store.Statement {
	if len(statements) < 2 {
		return statements
	}
	all := make([]store.Statement, 0, len(statements))
	for _, run := range runs(statements) {
		if into, ok := insertOf(run[0]); ok && len(run) > 1 {
			all = append(all, into.joined(run)...)
		} else {
			all = append(all, run...)
		}
	}
	return all
}

// runs are the statements of a batch in an order in which more of them have the same text as the one
// before. Those of a part keep their order, as do those without a part with all others.
func runs(statements []store.Statement) [][]store.Statement {
	var found [][]store.Statement
	last, lastOfAll := make(map[int]int), 0 // the runs of the latest statements of each part, and without one
	for _, s := range statements {
		at := max(lastOfAll, last[s.Part])
		if s.Part == 0 {
			at = max(0, len(found)-1)
		}
		for at < len(found) && found[at][0].Query != s.Query {
			at++
		}
		if at == len(found) {
			found = append(found, nil)
		}
		found[at] = append(found[at], s)
		if last[s.Part] = at; s.Part == 0 {
			lastOfAll = at
		}
	}
	return found
}

// An insert is a statement that inserts one row.
type insert struct {
	head, tail string
	values     []string // each a placeholder or a literal
	// key are the arguments that two rows of a statement must not have in common; nil when they may.
	key []int
}

var (
	oneRow   = regexp.MustCompile(`^(\s*insert into \w+ \(([\w\s,]+)\)\s+values )\(([^()]+)\)(\s+on conflict [^$]+)?\s*$`)
	oneValue = regexp.MustCompile(`^(\$\d+|\d+|''|null)$`)
	updates  = regexp.MustCompile(`^\s+on conflict \(([\w\s,]+)\)\s+do update `)
	ignores  = regexp.MustCompile(`^\s+on conflict( \([\w\s,]+\))? do nothing\s*$`)
)

// insertOf returns the insert that a statement is; ok is false for any other.
func insertOf(s store.Statement) (into insert, ok bool) {
	parts := oneRow.FindStringSubmatch(s.Query)
	if parts == nil || s.Scan != nil {
		return into, false
	}
	into = insert{head: parts[1], values: fields(parts[3]), tail: parts[4]}
	for _, value := range into.values {
		if !oneValue.MatchString(value) {
			return into, false
		}
	}
	if into.tail == "" || ignores.MatchString(into.tail) {
		return into, true
	}
	target := updates.FindStringSubmatch(into.tail)
	if target == nil {
		return into, false
	}
	columns := fields(parts[2])
	for _, column := range fields(target[1]) {
		at := slices.Index(columns, column)
		if at < 0 || at >= len(into.values) || into.values[at][0] != '$' {
			return into, false
		}
		into.key = append(into.key, argument(into.values[at]))
	}
	return into, true
}

// fields are the parts of a list with commas.
func fields(list string) []string {
	all := strings.Split(list, ",")
	for i := range all {
		all[i] = strings.TrimSpace(all[i])
	}
	return all
}

// argument is the index of the argument of a placeholder.
func argument(placeholder string) int {
	n, _ := strconv.Atoi(placeholder[1:]) // digits
	return n - 1
}

// joined are inserts of one row each as inserts of several, in their order. A statement has as many rows
// as a power of two, so that there are few texts to prepare, and no key twice.
func (into insert) joined(run []store.Statement) (all []store.Statement) {
	for len(run) > 0 {
		n := into.distinct(run[:min(maxRows, len(run))])
		for n&(n-1) != 0 {
			n &= n - 1
		}
		one := run[0]
		if n > 1 {
			one.Query, one.Args = into.text(n, len(one.Args)), nil
			for _, s := range run[:n] {
				one.Args = append(one.Args, s.Args...)
			}
		}
		all, run = append(all, one), run[n:]
	}
	return all
}

// distinct is how many of the first rows have different keys.
func (into insert) distinct(run []store.Statement) int {
	if into.key == nil {
		return len(run)
	}
	seen := make(map[string]bool, len(run))
	for i, s := range run {
		var key strings.Builder
		for _, at := range into.key {
			fmt.Fprintf(&key, "%#v ", s.Args[at])
		}
		if seen[key.String()] {
			return i
		}
		seen[key.String()] = true
	}
	return len(run)
}

// text is the statement with some rows of so many arguments each.
func (into insert) text(rows, arguments int) string {
	var b strings.Builder
	b.WriteString(into.head)
	for row := range rows {
		if row > 0 {
			b.WriteString(", ")
		}
		for i, value := range into.values {
			b.WriteByte("(,"[min(i, 1)])
			if value[0] == '$' {
				value = "$" + strconv.Itoa(row*arguments+argument(value)+1)
			}
			b.WriteString(value)
		}
		b.WriteByte(')')
	}
	b.WriteString(into.tail)
	return b.String()
}
