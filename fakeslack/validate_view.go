package fakeslack

const (
	maxViewSize        = 250 << 10 // bytes
	maxPrivateMetadata = 3000
)

// ValidateView returns everything Slack would refuse in a view of the type
// "modal" or "home"; nothing when it would take it.
func ValidateView(raw []byte, kind string) []Problem {
	if len(raw) > maxViewSize {
		return []Problem{{Code: "view_too_large", Message: "the view is larger than 250 KB"}}
	}
	value, err := decode(raw)
	if err != nil {
		return []Problem{{Code: "invalid_arguments", Message: err.Error(), Pointer: "/view"}}
	}
	c := newChecker("invalid_arguments", Surface(kind))
	fields := []field{
		need("type", c.oneOf(kind)),
		need("blocks", c.viewBlocks),
		allow("private_metadata", c.chars(0, maxPrivateMetadata)),
		allow("callback_id", c.chars(0, maxIDLength)),
		allow("external_id", c.chars(0, maxIDLength)),
	}
	if kind == "modal" {
		fields = append(fields,
			need("title", c.textObject(24, plainText)),
			allow("submit", c.textObject(24, plainText)),
			allow("close", c.textObject(24, plainText)),
			allow("clear_on_close", c.boolean),
			allow("notify_on_close", c.boolean),
			allow("submit_disabled", c.boolean),
		)
	}
	o := c.object("/view", value, fields...)
	if _, ok := o["submit"]; kind == "modal" && !ok && c.count["input"] > 0 {
		c.reject("/view", "submit is required when there is an input block")
	}
	return c.problems
}

func (c *checker) viewBlocks(at string, value any) {
	list, ok := value.([]any)
	if !ok {
		c.reject(at, "must be an array")
		return
	}
	if len(list) == 0 && c.surface == SurfaceModal {
		c.reject(at, "no fewer than 1 items allowed")
	}
	c.blocks(at, list)
}
