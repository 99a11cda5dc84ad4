package mapping

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// htmlText is what a reader sees of HTML: paragraphs and list items on lines of their own, without tags,
// scripts and comments. It takes time in proportion to its length, however the tags are nested.
func htmlText(source string) string {
	var b textBuilder
	hidden := atom.Atom(0) // the element whose text is not shown
	for tokens := html.NewTokenizer(strings.NewReader(source)); ; {
		switch kind := tokens.Next(); kind {
		case html.ErrorToken:
			return strings.TrimSpace(b.text.String())
		case html.TextToken:
			if hidden == 0 {
				b.add(html.UnescapeString(string(tokens.Raw())))
			}
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			name, _ := tokens.TagName()
			tag := atom.Lookup(name)
			switch {
			case hidden != 0:
				if tag == hidden && kind == html.EndTagToken {
					hidden = 0
				}
			case kind == html.StartTagToken && isHidden(tag):
				hidden = tag
			default:
				b.lines = max(b.lines, linesAround(tag, kind == html.EndTagToken))
				if tag == atom.Li && kind == html.StartTagToken {
					b.add("- ")
				}
				if tag == atom.Td || tag == atom.Th {
					b.space = true
				}
			}
		default: // comments and document types
		}
	}
}

// isHidden reports whether the text of an element is not shown.
func isHidden(tag atom.Atom) bool {
	switch tag {
	case atom.Script, atom.Style, atom.Title, atom.Template, atom.Textarea, atom.Iframe, atom.Noscript, atom.Select:
		return true
	default:
		return false
	}
}

// linesAround is how many line breaks an element has before and after it.
func linesAround(tag atom.Atom, end bool) int {
	const line, paragraph = 1, 2
	switch tag {
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Blockquote, atom.Pre, atom.Ul, atom.Ol, atom.Table, atom.Hr:
		return paragraph
	case atom.Div, atom.Li, atom.Tr, atom.Section, atom.Article, atom.Header, atom.Footer, atom.Dt, atom.Dd:
		return line
	case atom.Br:
		if end {
			return 0
		}
		return line
	default:
		return 0
	}
}

// textBuilder joins texts with single spaces, and with at most one empty line between two.
type textBuilder struct {
	text  strings.Builder
	lines int  // line breaks before the next text
	space bool // a space before the next text
}

func (b *textBuilder) add(text string) {
	for i, word := range strings.Fields(text) {
		switch {
		case b.text.Len() == 0:
		case b.lines > 0:
			b.text.WriteString(strings.Repeat("\n", b.lines))
		case i > 0 || b.space || strings.IndexFunc(text, unicode.IsSpace) == 0:
			b.text.WriteByte(' ')
		}
		b.lines, b.space = 0, false
		b.text.WriteString(word)
	}
	last, _ := utf8.DecodeLastRuneInString(text)
	b.space = b.space || unicode.IsSpace(last)
}
