package transfer

import (
	"fmt"
	"strconv"
	"strings"

	"smileybot/csvfile"
)

// A report stays short however long the file is: mistakes of one kind are one finding, and the lists of
// findings and of ranges of lines are bounded.
const (
	maxFindings = 100
	maxRanges   = 10
)

// Lines are lines of a file, as ranges.
type Lines struct {
	ranges  [][2]int
	lastRow int64
	rows    int64 // of all, and those beyond maxRanges
	more    int64
}

// add adds the line at which a row begins; row is its number. Rows that follow each other are one
// range, whatever lies between their lines.
func (l *Lines) add(row int64, line int) {
	switch {
	case l.rows > 0 && row == l.lastRow:
		return
	case l.rows > 0 && row == l.lastRow+1 && l.more == 0:
		l.ranges[len(l.ranges)-1][1] = line
	case len(l.ranges) < maxRanges:
		l.ranges = append(l.ranges, [2]int{line, line})
	default:
		l.more++
	}
	l.lastRow = row
	l.rows++
}

// Rows is how many rows begin at the lines.
func (l *Lines) Rows() int64 { return l.rows }

// String is such as "line 3" or "lines 2–20001, 20005 and 7 more".
func (l *Lines) String() string {
	var parts []string
	for _, r := range l.ranges {
		if r[0] == r[1] {
			parts = append(parts, strconv.Itoa(r[0]))
			continue
		}
		parts = append(parts, fmt.Sprintf("%d–%d", r[0], r[1]))
	}
	text := strings.Join(parts, ", ")
	if l.more > 0 {
		text += fmt.Sprintf(" and %d more", l.more)
	}
	if l.rows == 1 {
		return "line " + text
	}
	return "lines " + text
}

// A Finding is one kind of mistake and the rows that have it.
type Finding struct {
	Mistake csvfile.Mistake
	Lines   Lines
}

// String is one line: that of the mistake when one row has it, else such as
// "occurred_at: not a moment (lines 2–20001): write it as …".
func (f *Finding) String() string {
	if f.Lines.rows == 1 {
		return f.Mistake.At(f.Lines.ranges[0][0])
	}
	what, hint, hinted := strings.Cut(f.Mistake.Message, ": ")
	text := fmt.Sprintf("%s (%s)", what, &f.Lines)
	if hinted {
		text += ": " + hint
	}
	switch {
	case f.Mistake.Name != "":
		return f.Mistake.Name + ": " + text
	case f.Mistake.Column > 0:
		return fmt.Sprintf("column %d: %s", f.Mistake.Column, text)
	default:
		return text
	}
}

// Findings are the mistakes of a file by their kind, in the order of the first of each.
type Findings struct {
	list  []*Finding
	kinds map[csvfile.Mistake]*Finding
	other int64
}

func (f *Findings) add(row int64, line int, m csvfile.Mistake) {
	found := f.kinds[m]
	if found == nil {
		if len(f.list) == maxFindings {
			f.other++
			return
		}
		if f.kinds == nil {
			f.kinds = make(map[csvfile.Mistake]*Finding)
		}
		found = &Finding{Mistake: m}
		f.kinds[m] = found
		f.list = append(f.list, found)
	}
	found.Lines.add(row, line)
}

// Lines are the findings, one line each.
func (f *Findings) Lines() []string {
	var lines []string
	for _, one := range f.list {
		lines = append(lines, one.String())
	}
	if f.other > 0 {
		lines = append(lines, fmt.Sprintf("mistakes of other kinds: %d", f.other))
	}
	return lines
}
