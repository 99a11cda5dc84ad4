package fakeslack

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Submission is a modal somebody fills in and sends.
type Submission struct {
	ViewID string
	Values map[string]string // by block_id: the text typed, the value of the option or the user picked
	TeamID string            // another workspace than the server's, to be refused
}

// SubmitPayload returns the view_submission payload, as Slack sends it. It fails
// where Slack's client would not let the user send: no such modal, a required
// input left empty, an option that is not offered, a text of the wrong length.
func (s *Server) SubmitPayload(f Submission) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.view(f.ViewID, "")
	if v == nil || v.Type != "modal" {
		return nil, fmt.Errorf("no modal %q is open", f.ViewID)
	}
	values, err := typedState(v.Blocks, f.Values)
	if err != nil {
		return nil, err
	}
	body := s.interaction("view_submission", v.User, f.TeamID)
	body["view"] = s.wireView(v, values)
	body["response_urls"] = []any{}
	return json.Marshal(body)
}

// typedState returns state.values of a modal filled in with the given values.
func typedState(blocks json.RawMessage, typed map[string]string) (map[string]any, error) {
	optional := optionalInputs(blocks)
	state := map[string]any{}
	known := map[string]bool{}
	for _, e := range elements(blocks) {
		isOptional, isInput := optional[e.blockID]
		if !isInput {
			continue
		}
		known[e.blockID] = true
		value := typed[e.blockID]
		if value == "" && !isOptional {
			return nil, fmt.Errorf("input %q is required", e.blockID)
		}
		entry, err := e.filled(value)
		if err != nil {
			return nil, err
		}
		state[e.blockID] = map[string]any{e.str("action_id"): entry}
	}
	for id := range typed {
		if !known[id] {
			return nil, fmt.Errorf("the modal has no input %q", id)
		}
	}
	return state, nil
}

// optionalInputs lists the input blocks and whether each may stay empty.
func optionalInputs(blocks json.RawMessage) map[string]bool {
	var parsed []struct {
		Type     string `json:"type"`
		BlockID  string `json:"block_id"`
		Optional bool   `json:"optional"`
	}
	_ = json.Unmarshal(blocks, &parsed) // no blocks: no inputs
	out := map[string]bool{}
	for _, b := range parsed {
		if b.Type == "input" {
			out[b.BlockID] = b.Optional
		}
	}
	return out
}

// filled returns the element's state with the value in it.
func (e element) filled(value string) (map[string]any, error) {
	out := map[string]any{"type": e.str("type")}
	switch e.str("type") {
	case "static_select", "radio_buttons", "overflow":
		out["selected_option"] = nil
		if value == "" {
			return out, nil
		}
		option, err := e.option(value)
		out["selected_option"] = option
		return out, err
	case "users_select":
		out["selected_user"] = orNull(value)
		return out, nil
	default:
		out["value"] = orNull(value)
		return out, e.fits(value)
	}
}

// fits checks a typed text against the input's own limits.
func (e element) fits(value string) error {
	var limits struct{ Min, Max int }
	_ = json.Unmarshal(e.members["min_length"], &limits.Min) // absent: no limit
	_ = json.Unmarshal(e.members["max_length"], &limits.Max)
	n := units(value)
	if value != "" && n < limits.Min || limits.Max > 0 && n > limits.Max || n > 3000 {
		return fmt.Errorf("input %q takes %d to %d characters", e.blockID, limits.Min, limits.Max)
	}
	return nil
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// pickedState returns state.values of what a click shows: the selects of the
// message or view, the one clicked with what was picked.
func pickedState(blocks json.RawMessage, c Click) map[string]any {
	state := map[string]any{}
	for _, e := range elements(blocks) {
		kind := e.str("type")
		if kind == "button" || kind == "overflow" {
			continue
		}
		value := ""
		if e.str("action_id") == c.ActionID && (c.BlockID == "" || c.BlockID == e.blockID) {
			value = c.Option + c.Picked
		}
		entry, err := e.filled(value)
		if err != nil {
			continue // the click itself fails on it
		}
		block, ok := state[e.blockID].(map[string]any)
		if !ok {
			block = map[string]any{}
			state[e.blockID] = block
		}
		block[e.str("action_id")] = entry
	}
	return state
}

// Answered does what the app's answer to a submission says: an empty one closes
// the modal; response_action is clear, errors, update or push.
func (s *Server) Answered(viewID string, body []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.answered(viewID, body)
}

func (s *Server) answered(viewID string, body []byte) error {
	v := s.view(viewID, "")
	if v == nil || v.Type != "modal" {
		return fmt.Errorf("no modal %q is open", viewID)
	}
	if len(body) == 0 {
		s.closeViews(v.User, len(s.stacks[v.User])-1)
		return nil
	}
	var a struct {
		Action string            `json:"response_action"`
		Errors map[string]string `json:"errors"`
		View   json.RawMessage   `json:"view"`
	}
	if err := json.Unmarshal(body, &a); err != nil {
		return fmt.Errorf("the answer is no JSON: %w", err)
	}
	switch a.Action {
	case "clear":
		s.closeViews(v.User, 0)
		return nil
	case "errors":
		return s.showErrors(v, a.Errors)
	case "update", "push":
		return s.answerView(v, a.Action, a.View)
	default:
		return fmt.Errorf("unknown response_action %q", a.Action)
	}
}

// showErrors puts the app's words beside the inputs they are about.
func (s *Server) showErrors(v *View, said map[string]string) error {
	if len(said) == 0 {
		return errors.New("errors are empty")
	}
	inputs := optionalInputs(v.Blocks)
	for block := range said {
		if _, ok := inputs[block]; !ok {
			return fmt.Errorf("errors name %q, which is no input", block)
		}
	}
	v.Errors = said
	s.record(Change{Kind: ModalShown, View: v.snapshot()})
	return nil
}

func (s *Server) answerView(v *View, action string, raw json.RawMessage) error {
	next, f := s.readView(string(raw), "modal")
	if f != nil {
		return fmt.Errorf("%s: %v", f.code, f.messages)
	}
	stack := s.stacks[v.User]
	if action == "push" && len(stack) >= maxModals {
		return errors.New("push_limit_reached")
	}
	if action == "push" {
		s.put(next, v.User, stack)
		return nil
	}
	s.replace(v, next)
	return nil
}
