package mapping

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestWordsOfHTMLStayApart: white space of any kind at the end of a text separates it from the next one.
func TestWordsOfHTMLStayApart(t *testing.T) {
	t.Parallel()
	for _, space := range []string{" ", "\t", "\r\n", "\f", "\v", "&nbsp;", "&#160;", "\u2003", "&emsp;", "\u3000"} {
		assert.Equal(t, "Hello world", htmlText("Hello"+space+"<b>world</b>"), "%q", space)
		assert.Equal(t, "Hello world", htmlText("<b>Hello</b>"+space+"world"), "%q", space)
		assert.Equal(t, "Hello world", htmlText("<b>Hello</b>"+space+"<i>world</i>"), "%q", space)
	}
	assert.Equal(t, "Helloworld", htmlText("Hello<b>world</b>"))
	assert.Equal(t, "a\nb", htmlText("&nbsp;a&nbsp;<br>&nbsp;b"))
}
