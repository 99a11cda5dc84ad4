package config

import (
	"slices"
	"strings"
)

// Mistake is one thing wrong with one environment variable. It never holds
// the variable's value, which may be a secret typed in the wrong place.
type Mistake struct {
	// Name is the environment variable.
	Name string
	// Problem says what is wrong with it.
	Problem string
	// Cure says what to do next.
	Cure string
}

// String is one line: "NAME: what is wrong; what to do".
func (m Mistake) String() string { return m.Name + ": " + m.Problem + "; " + m.Cure }

// Mistakes is everything wrong with the settings, in the order of [Describe].
type Mistakes []Mistake //nolint:errname // a person reads them as mistakes in the settings

// Error is a line for each mistake.
func (ms Mistakes) Error() string {
	lines := make([]string, len(ms))
	for i, m := range ms {
		lines[i] = m.String()
	}
	return strings.Join(lines, "\n")
}

// add notes a mistake in the variable.
func (ms *Mistakes) add(v variable, problem, cure string) {
	*ms = append(*ms, Mistake{Name: v.name, Problem: problem, Cure: cure})
}

// about reports whether a mistake was found in any of the variables.
func (ms Mistakes) about(variables ...variable) bool {
	return slices.ContainsFunc(ms, func(m Mistake) bool {
		return slices.ContainsFunc(variables, func(v variable) bool { return v.name == m.Name })
	})
}
