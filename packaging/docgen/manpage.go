package docgen

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

// Page is what a man page says in addition to kong's model.
type Page struct {
	// Version is the version of the program, and Date the day of its release.
	Version string
	Date    time.Time
	// Summary says in one phrase what the program is, for the list of man pages.
	Summary string
	// Sections follow the commands.
	Sections []Section
}

// Section is a list of terms under a heading.
type Section struct {
	Heading string
	Terms   []Term
}

// Term is a term and what it means.
type Term struct{ Name, Meaning string }

// ManPage writes the man page of app, section 1, as troff of the package man.
func ManPage(w io.Writer, app *kong.Application, page Page) error {
	var b strings.Builder
	name := app.Name
	fmt.Fprintf(&b, ".TH %s 1 %s %s %s\n", strings.ToUpper(name), page.Date.UTC().Format(time.DateOnly),
		quoted(name+" "+page.Version), quoted("User Commands"))
	heading(&b, "NAME")
	b.WriteString(escape(name) + ` \- ` + escape(page.Summary) + "\n")
	heading(&b, "SYNOPSIS")
	fmt.Fprintf(&b, ".B %s\n.I command\n.RI [ argument ]...\n", escape(name))
	heading(&b, "DESCRIPTION")
	text(&b, app.Help)
	heading(&b, "OPTIONS")
	options(&b, visible(app.Node))
	heading(&b, "COMMANDS")
	for _, c := range commands(app) {
		fmt.Fprintf(&b, ".SS %s\n", quoted(name+" "+usage(c)))
		text(&b, c.Help)
		options(&b, visible(c))
		for _, a := range c.Positional {
			term(&b, a.Name, a.Help)
		}
		if c.Detail != "" {
			b.WriteString(".PP\n")
			text(&b, c.Detail)
		}
	}
	for _, s := range page.Sections {
		heading(&b, s.Heading)
		for _, t := range s.Terms {
			term(&b, t.Name, t.Meaning)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// usage is a command with its arguments.
func usage(c *kong.Node) string {
	parts := []string{c.Name}
	if len(visible(c)) > 0 {
		parts = append(parts, "[flags]")
	}
	for _, a := range c.Positional {
		parts = append(parts, a.Summary())
	}
	return strings.Join(parts, " ")
}

func options(b *strings.Builder, flags []*kong.Flag) {
	for _, f := range flags {
		term(b, f.String(), f.Help)
	}
}

func heading(b *strings.Builder, name string) { fmt.Fprintf(b, ".SH %s\n", quoted(name)) }

func term(b *strings.Builder, name, meaning string) {
	fmt.Fprintf(b, ".TP\n.B %s\n%s\n", quoted(name), escape(meaning))
}

// text writes paragraphs as they are separated by blank lines. A block that a tab indents is
// an example: it keeps its lines.
func text(b *strings.Builder, s string) {
	for i, block := range strings.Split(strings.TrimSpace(s), "\n\n") {
		if i > 0 {
			b.WriteString(".PP\n")
		}
		if example := strings.HasPrefix(block, "\t"); example {
			fmt.Fprintf(b, ".RS 4\n.nf\n%s\n.fi\n.RE\n", escape(strings.TrimPrefix(strings.ReplaceAll(block, "\n\t", "\n"), "\t")))
		} else {
			b.WriteString(escape(block) + "\n")
		}
	}
}

// escape keeps troff from reading text as its own: a backslash, a line that begins with a
// control character, and a minus that it would print as a hyphen.
func escape(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(s)
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}

// quoted is one argument of a macro.
func quoted(s string) string { return `"` + strings.ReplaceAll(escape(s), `"`, `""`) + `"` }
