package fakeslack

import "encoding/json"

// readMetadata reads a message's metadata. An empty object means none, and so
// removes what there was. The values of event_payload are scalars or arrays of
// scalars.
func readMetadata(raw string) (*Metadata, *failure) {
	if raw == "" || raw == "{}" {
		return nil, nil
	}
	value, err := decode([]byte(raw))
	if err != nil {
		return nil, refuse("invalid_metadata_format")
	}
	c := newChecker("invalid_metadata_format", SurfaceMessage)
	c.object("/metadata", value, need("event_type", c.chars(1, maxIDLength)), need("event_payload", c.payload))
	if len(c.problems) > 0 {
		f := refuse("invalid_metadata_format")
		for _, p := range c.problems {
			f.messages = append(f.messages, p.String())
		}
		return nil, f
	}
	var out Metadata
	if json.Unmarshal([]byte(raw), &out) != nil {
		return nil, refuse("invalid_metadata_format")
	}
	return &out, nil
}

func (c *checker) payload(at string, value any) {
	members, ok := value.(map[string]any)
	if !ok {
		c.reject(at, "must be an object")
		return
	}
	for name, v := range members {
		list, isList := v.([]any)
		if !isList {
			list = []any{v}
		}
		for _, item := range list {
			if !scalar(item) {
				c.reject(at+"/"+name, "must be a scalar or an array of scalars")
			}
		}
	}
}

func scalar(value any) bool {
	switch value.(type) {
	case string, bool, json.Number:
		return true
	}
	return false
}
