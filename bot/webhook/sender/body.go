package sender

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
)

const (
	formType      = "application/x-www-form-urlencoded"
	multipartType = "multipart/form-data"
	// maxFormParts is how many parts a multipart body may have. The shortest part has some 50 bytes.
	maxFormParts = 1000
)

// Readable reports whether a body of this Content-Type may be one of the sender's, and if not, what to
// send instead. What begins with { or [ is JSON under any of these types; the body decides.
func (s Sender) Readable(contentType string) (remedy string, ok bool) {
	mediaType, _, err := mime.ParseMediaType(contentType)
	if err != nil && !errors.Is(err, mime.ErrInvalidMediaParameter) {
		mediaType = ""
	}
	json := mediaType == "application/json" || strings.HasPrefix(mediaType, "application/") && strings.HasSuffix(mediaType, "+json")
	switch {
	case json, !s.OwnFormat && (contentType == "" || mediaType == formType), s.Forms && mediaType == multipartType:
		return "", true
	case strings.HasSuffix(mediaType, "/xml") || strings.HasSuffix(mediaType, "+xml"):
		return "XML is not read. " + s.wanted(), false
	case !s.OwnFormat && strings.HasPrefix(mediaType, "text/"):
		return "", true
	default:
		return s.wanted(), false
	}
}

// wanted says what the sender's body should be.
func (s Sender) wanted() string {
	if s.Forms {
		return "Send JSON, with Content-Type: application/json, or form fields, with " + formType + " or " + multipartType + "."
	}
	return "Send JSON, with Content-Type: application/json."
}

// tree reads the body of another format: one JSON object, a list where [Sender.Lists] allows it, or
// form fields. Form fields become an object of texts; of a field that comes twice the last value
// counts. The body of a GET is an empty object.
func (s Sender) tree(d Delivery) (Tree, error) {
	value, err := s.value(d)
	return Tree{Value: value, steps: new(maxPathSteps)}, err
}

func (s Sender) value(d Delivery) (any, error) {
	if d.Method == http.MethodGet {
		return map[string]any{}, nil
	}
	switch contentType := d.Header.Get("Content-Type"); {
	case d.isJSON():
	case s.Forms && HasType(contentType, formType):
		return formOrError(parseForm(d.Body))
	case s.Forms && HasType(contentType, multipartType):
		return formOrError(parseMultipart(d.Body, contentType))
	case bytes.HasPrefix(bytes.TrimLeft(withoutMark(d.Body), " \t\r\n"), []byte("<")):
		return nil, malformed("The body is XML or HTML, which is not read. " + s.wanted())
	case HasType(contentType, formType) || HasType(contentType, multipartType):
		return nil, malformed("The body is no JSON. " + s.wanted())
	}
	return parseJSON(d.Body, s.Lists)
}

func formOrError(form map[string]any, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return form, nil
}

// withoutMark is a body without a byte order mark in front.
func withoutMark(body []byte) []byte { return bytes.TrimPrefix(body, []byte("\ufeff")) }

func parseForm(body []byte) (map[string]any, error) {
	form, err := url.ParseQuery(string(bytes.TrimSpace(withoutMark(body))))
	if err != nil {
		return nil, malformed("The body is not made of form fields: a % must be followed by two hexadecimal digits, and ; separates nothing.")
	}
	return lastValues(form)
}

// lastValues is a form as an object of texts.
func lastValues(form url.Values) (map[string]any, error) {
	if len(form) == 0 {
		return nil, malformed("The body is empty: send form fields.")
	}
	object := make(map[string]any, len(form))
	for name, values := range form {
		value := values[len(values)-1]
		if invalidUTF8([]byte(name)) >= 0 || invalidUTF8([]byte(value)) >= 0 || strings.Contains(value, "\x00") {
			return nil, malformed("A form field is not valid UTF-8, or has a NUL byte.")
		}
		object[name] = value
	}
	return object, nil
}

// parseMultipart reads the fields of a multipart body. Files are passed over.
func parseMultipart(body []byte, contentType string) (map[string]any, error) {
	_, parameters, _ := mime.ParseMediaType(contentType)
	reader := multipart.NewReader(bytes.NewReader(body), parameters["boundary"])
	form := make(url.Values)
	for range maxFormParts {
		part, err := reader.NextRawPart()
		if errors.Is(err, io.EOF) {
			return lastValues(form)
		}
		if err != nil {
			return nil, malformed("The body is not multipart: its parts are not separated by the boundary of its Content-Type.")
		}
		value, err := io.ReadAll(part) // the body is bounded
		if err != nil {
			return nil, malformed("The body is not multipart: its last part does not end with the boundary of its Content-Type.")
		}
		if part.FileName() == "" && part.FormName() != "" {
			form.Add(part.FormName(), string(value))
		}
	}
	return nil, malformed("The body has more than 1,000 parts.")
}

// IsForm reports whether the body is made of form fields, as its Content-Type says.
func (d Delivery) IsForm() bool {
	contentType := d.Header.Get("Content-Type")
	return !d.isJSON() && (HasType(contentType, formType) || HasType(contentType, multipartType))
}

// isJSON reports whether the body begins as JSON does.
func (d Delivery) isJSON() bool {
	begin := bytes.TrimLeft(withoutMark(d.Body), " \t\r\n")
	return len(begin) > 0 && (begin[0] == '{' || begin[0] == '[')
}
