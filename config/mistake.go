package config

import "strings"

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

// add notes a mistake.
func (ms *Mistakes) add(name, problem, cure string) {
	*ms = append(*ms, Mistake{Name: name, Problem: problem, Cure: cure})
}

// about reports whether a mistake was found in the variable, or in the file
// that its NAME_FILE names.
func (ms Mistakes) about(name string) bool {
	for _, m := range ms {
		if m.Name == name || m.Name == name+fileSuffix {
			return true
		}
	}
	return false
}
