package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// A paper is the body of a sample, in which single values can be changed. A value keeps
// its type: a number stays one as long as it can.
type paper struct {
	root map[string]any
	form bool
}

func readPaper(text []byte, form bool) (*paper, error) {
	p := &paper{form: form, root: make(map[string]any)}
	if form {
		values, err := url.ParseQuery(strings.TrimSpace(string(text)))
		if err != nil {
			return nil, fmt.Errorf("a sample of form fields: %w", err)
		}
		for name := range values {
			p.root[name] = values.Get(name)
		}
		return p, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&p.root); err != nil {
		return nil, fmt.Errorf("a sample: %w", err)
	}
	return p, nil
}

// set changes the value at a path such as events.0.eventData.id; one that is not there
// stays away.
func (p *paper) set(path, text string) {
	p.change(path, func(old any) any {
		if _, number := old.(json.Number); number {
			if _, err := strconv.ParseFloat(text, 64); err == nil {
				return json.Number(text)
			}
		}
		return text
	})
}

// setTime changes a moment, in seconds since 1970 where it is a number.
func (p *paper) setTime(path string, at time.Time) {
	p.change(path, func(old any) any {
		if _, number := old.(json.Number); number {
			return json.Number(strconv.FormatInt(at.Unix(), 10))
		}
		return at.UTC().Format(time.RFC3339)
	})
}

// rename changes the name of a field.
func (p *paper) rename(path, from, to string) {
	p.change(path, func(old any) any {
		if object, ok := old.(map[string]any); ok && from != to && to != "" {
			object[to] = object[from]
			delete(object, from)
		}
		return old
	})
}

func (p *paper) change(path string, to func(old any) any) {
	var at any = p.root
	names := strings.Split(path, ".")
	for i, name := range names {
		last := i == len(names)-1
		switch v := at.(type) {
		case map[string]any:
			old, there := v[name]
			if !there {
				return
			}
			if last {
				v[name] = to(old)
			}
			at = v[name]
		case []any:
			n, err := strconv.Atoi(name)
			if err != nil || n < 0 || n >= len(v) {
				return
			}
			if last {
				v[n] = to(v[n])
			}
			at = v[n]
		default:
			return
		}
	}
}

// bytes is the body as it is sent.
func (p *paper) bytes() ([]byte, error) {
	if !p.form {
		return json.Marshal(p.root)
	}
	values := make(url.Values)
	for name, value := range p.root {
		values.Set(name, fmt.Sprint(value))
	}
	return []byte(values.Encode()), nil
}
