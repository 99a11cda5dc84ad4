package fakeslack

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

const maxBody = 1 << 20 // bytes; far above anything the bot sends

// args are the arguments of a call, whether they came as a form, as JSON or in
// the query. Values that are not strings are their JSON text; null is absent.
type args struct {
	token  string
	posted bool // the token came as an argument
	values map[string]string
}

func (a args) has(name string) bool   { _, ok := a.values[name]; return ok }
func (a args) str(name string) string { return a.values[name] }

// yes reads a flag; Slack takes true and 1.
func (a args) yes(name string) bool {
	v := a.values[name]
	return v == "true" || v == "1"
}

// number reads a count between 1 and most; absent is the default.
func (a args) number(name string, standard, most int) (int, *failure) {
	if a.str(name) == "" {
		return standard, nil
	}
	n, err := strconv.Atoi(a.str(name))
	if err != nil || n < 1 {
		return 0, refuse("invalid_limit")
	}
	return min(n, most), nil
}

// readArgs reads the arguments of a request. A method that takes no JSON sees
// none of a JSON body's.
func readArgs(r *http.Request, takesJSON bool) (args, *failure) {
	a := args{token: bearer(r), values: map[string]string{}}
	if f := a.addForm(r.URL.Query()); f != nil {
		return a, f
	}
	if r.Method == http.MethodGet {
		return a, nil
	}
	if r.Method != http.MethodPost {
		return a, refuse("invalid_arguments", "use POST")
	}
	raw, f := readBody(r)
	if f != nil {
		return a, f
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case len(raw) == 0:
		return a, nil
	case err == nil && kind == "application/json":
		values, f := decodeObject(raw)
		if f == nil && takesJSON {
			maps.Copy(a.values, values)
		}
		return a, f
	case err == nil && kind == "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(string(raw))
		if err != nil {
			return a, refuse("invalid_form_data")
		}
		return a, a.addForm(form)
	default:
		return a, refuse("invalid_post_type")
	}
}

func readBody(r *http.Request) ([]byte, *failure) {
	raw, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return nil, refuse("request_timeout")
	}
	if len(raw) > maxBody {
		return nil, refuse("invalid_form_data", "the body is larger than 1 MiB")
	}
	return raw, nil
}

// addForm takes form values over; the token is kept apart so that no log of the
// arguments shows it.
func (a *args) addForm(form url.Values) *failure {
	for _, name := range slices.Sorted(maps.Keys(form)) {
		values := form[name]
		if len(values) > 1 {
			return refuse("invalid_array_arg", "given twice: "+name)
		}
		if !utf8.ValidString(values[0]) {
			return refuse("invalid_charset", "not UTF-8: "+name)
		}
		if name == "token" {
			a.token, a.posted = values[0], true
			continue
		}
		a.values[name] = values[0]
	}
	return nil
}

// decodeObject reads a JSON object's members as texts.
func decodeObject(raw []byte) (map[string]string, *failure) {
	if !utf8.Valid(raw) {
		return nil, refuse("invalid_charset")
	}
	if !json.Valid(raw) {
		return nil, refuse("invalid_json")
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil || members == nil {
		return nil, refuse("json_not_object")
	}
	out := make(map[string]string, len(members))
	for name, value := range members {
		if bytes.Equal(value, []byte("null")) {
			continue
		}
		text := string(value)
		if value[0] == '"' {
			if err := json.Unmarshal(value, &text); err != nil {
				return nil, refuse("invalid_json")
			}
		}
		out[name] = text
	}
	return out, nil
}

func bearer(r *http.Request) string {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return ""
	}
	return token
}
