package sender

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/theory/jsonpath"
	"github.com/theory/jsonpath/spec"
)

// maxPathSteps bounds the work of all JSON paths over one body, a tenth of a second. A step is a
// value that is looked at. A body of 256 KiB has at most 131,072 values, so a path without .. never
// comes near it; with three .. the values of a deep body are looked at once for each object around them.
const maxPathSteps = 1 << 19

// errPathSteps is returned when the paths over a body took more than [maxPathSteps].
var errPathSteps = errors.New("takes too many steps over this body: write the path with fewer .. and without a filter in a filter")

// Select returns the values that a JSON path selects, at most so many. Those of an object come in the
// order of their names. They have no Path. All paths over one body share its steps; when those are
// used up, the error continues the name of the field.
func (t Tree) Select(path *jsonpath.Path, most int) ([]Tree, error) {
	t = t.With(t.Value)
	var found []Tree
	w := walk{root: t.Value, steps: t.steps, found: func(value any) bool {
		found = append(found, t.With(value))
		return len(found) < most
	}}
	w.segments(path.Query().Segments(), t.Value)
	if w.exhausted() {
		return nil, errPathSteps
	}
	return found, nil
}

// First is the first value that a JSON path selects and that is not null, if any.
func (t Tree) First(path *jsonpath.Path) (Tree, error) {
	first := t.With(nil)
	w := walk{root: t.Value, steps: first.steps, found: func(value any) bool {
		first.Value = value
		return value == nil
	}}
	w.segments(path.Query().Segments(), t.Value)
	if w.exhausted() {
		return Tree{}, errPathSteps
	}
	return first, nil
}

// With is another value of the same body, without a Path. It shares the steps of its paths.
func (t Tree) With(value any) Tree {
	if t.steps == nil {
		t.steps = new(maxPathSteps)
	}
	return Tree{Value: value, steps: t.steps}
}

// A walk evaluates one path, depth first, as RFC 9535 orders the values. It keeps none but those on
// its way, where the library keeps the values of every segment.
type walk struct {
	root  any
	steps *int                 // that are left
	found func(value any) bool // takes a value; false ends the walk
}

func (w *walk) exhausted() bool { return *w.steps < 0 }

// take takes steps. It returns false when they are used up.
func (w *walk) take(steps int) bool {
	*w.steps -= min(steps, maxPathSteps+1)
	return !w.exhausted()
}

// segments evaluates the rest of a path at a value. It returns false when the walk ends.
func (w *walk) segments(rest []*spec.Segment, value any) bool {
	if !w.take(1) {
		return false
	}
	if len(rest) == 0 {
		return w.found(value)
	}
	for _, selector := range rest[0].Selectors() {
		if !w.selected(selector, rest[1:], value) {
			return false
		}
	}
	if !rest[0].IsDescendant() {
		return true
	}
	for _, child := range children(value) {
		if !w.segments(rest, child) {
			return false
		}
	}
	return true
}

// selected evaluates the rest of a path at what a selector selects.
func (w *walk) selected(selector spec.Selector, rest []*spec.Segment, value any) bool {
	var chosen []any
	keep := func(any) bool { return true }
	switch s := selector.(type) {
	case spec.Name: // the usual one, without a list
		object, _ := value.(map[string]any)
		child, there := object[string(s)]
		return !there || w.segments(rest, child)
	case spec.WildcardSelector:
		chosen = children(value)
	case *spec.FilterSelector:
		chosen = children(value)
		cost := costOf(s, w.root)
		keep = func(child any) bool { return w.take(cost(child, *w.steps)) && s.Eval(child, w.root) }
	default: // an index or a slice
		chosen = selector.Select(value, w.root)
	}
	for _, child := range chosen {
		if keep(child) && !w.segments(rest, child) {
			return false
		}
	}
	return !w.exhausted()
}

// children are the values in a list, or in an object in the order of their names.
func children(value any) []any {
	switch v := value.(type) {
	case []any:
		return v
	case map[string]any:
		all := make([]any, 0, len(v))
		if len(v) == 1 {
			return slices.AppendSeq(all, maps.Values(v))
		}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			all = append(all, v[name])
		}
		return all
	default:
		return nil
	}
}

// costOf bounds the steps of a filter, which the library evaluates, at one value. Plain filters, such
// as ?@.a.b == 'x', look at the value at most once. What else a filter may hold multiplies that: each
// $ by the whole body, each .. and each filter inside by the depth, each comma in brackets by two.
func costOf(filter *spec.FilterSelector, root any) func(value any, most int) int {
	text := withoutStrings(filter.String())
	plain := !strings.ContainsAny(text[1:], "*:?,(") && !strings.Contains(text, "..")
	return func(value any, most int) int {
		cost := size(value, most)
		if plain {
			return cost
		}
		times := func(n, factor int) {
			for range n {
				if cost = cost * max(factor, 2); cost > most {
					cost = most + 1
				}
			}
		}
		times(strings.Count(text, "$"), size(root, most))
		times(strings.Count(text, "..")+strings.Count(text[1:], "?"), maxDepth)
		times(strings.Count(text, ","), 2)
		return cost
	}
}

// withoutStrings is the text of a filter without its quoted strings.
func withoutStrings(filter string) string {
	var rest strings.Builder
	quoted := false
	for at := 0; at < len(filter); at++ {
		switch {
		case quoted && filter[at] == '\\':
			at++
		case filter[at] == '"':
			quoted = !quoted
		case !quoted:
			rest.WriteByte(filter[at])
		}
	}
	return rest.String()
}

// size is how many steps it takes to look at all of a value, long strings included, or more than most.
func size(value any, most int) int {
	const step = 64 // bytes of a string
	steps := 1
	if text, ok := value.(string); ok {
		steps += len(text) / step
	}
	var inside []any
	switch v := value.(type) {
	case []any:
		inside = v
	case map[string]any:
		inside = slices.Collect(maps.Values(v))
	}
	for _, child := range inside {
		if steps > most {
			break
		}
		steps += size(child, most-steps)
	}
	return steps
}
