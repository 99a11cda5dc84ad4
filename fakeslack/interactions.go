package fakeslack

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Click is the press of a button, or the pick of an option or a user, in a message or a view.
type Click struct {
	User      string
	Channel   string // of the message, which may be ephemeral
	MessageTS string
	Revision  int    // the n-th revision of the message, from 1; 0 is the present one
	ViewID    string // of a modal or a home tab, instead of a message
	ActionID  string
	BlockID   string // needed only when several blocks have the action
	Value     string // of a button, instead of its own value
	Option    string // of a select or overflow menu, the value of the picked option
	Picked    string // of a users_select, the picked user
	TeamID    string // another workspace than the server's, which the app must refuse
}

// ErrNoElement is returned for a click on an element that is not shown, or no longer.
var ErrNoElement = errors.New("no element")

// ClickPayload returns the block_actions payload of the click in Slack's format. It fails when the
// message, the action or the option does not exist.
func (s *Server) ClickPayload(c Click) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body := s.interaction("block_actions", c.User, c.TeamID)
	var blocks json.RawMessage
	var err error
	if c.ViewID != "" {
		blocks, err = s.clickInView(body, c)
	} else {
		blocks, err = s.clickInMessage(body, c)
	}
	if err != nil {
		return nil, err
	}
	el, err := findElement(blocks, c.BlockID, c.ActionID)
	if err != nil {
		return nil, err
	}
	action, err := el.act(c)
	if err != nil {
		return nil, err
	}
	action["action_ts"] = formatTS(s.opts.Now().UnixMicro())
	body["actions"] = []any{action}
	return json.Marshal(body)
}

// interaction returns the fields that every interaction has.
func (s *Server) interaction(kind, user, team string) map[string]any {
	team = s.team(team)
	return map[string]any{
		"type": kind, "token": "deprecated", "api_app_id": s.opts.AppID,
		"team":       map[string]any{"id": team, "domain": "fakeslack"},
		"user":       map[string]any{"id": user, "username": s.name(user), "name": s.name(user), "team_id": team},
		"enterprise": s.enterprise(), "is_enterprise_install": s.opts.OrgWide,
		"trigger_id": s.newTrigger(user),
	}
}

// enterprise is the organisation as an interaction names it.
func (s *Server) enterprise() any {
	if s.opts.EnterpriseID == "" {
		return nil
	}
	return map[string]any{"id": s.opts.EnterpriseID, "name": "Fake Organisation"}
}

// home is the workspace of what a request is about: the server's, also for people in another workspace
// of the organisation.
func (s *Server) home(team string) string {
	if team == "" || slices.Contains(s.opts.Siblings, team) {
		return s.opts.TeamID
	}
	return team
}

func (s *Server) clickInMessage(body map[string]any, c Click) (json.RawMessage, error) {
	m := s.clickable(c)
	if m == nil {
		return nil, fmt.Errorf("no message %s in %s that %s can see", c.MessageTS, c.Channel, c.User)
	}
	shown, ok := m.at(c.Revision)
	if !ok {
		return nil, fmt.Errorf("message %s has no revision %d", c.MessageTS, c.Revision)
	}
	name := ""
	if ch, ok := s.channels[m.Channel]; ok {
		name = ch.Name
	}
	container := map[string]any{
		"type": "message", "message_ts": m.TS, "channel_id": m.Channel, "is_ephemeral": m.To != "",
	}
	if m.ThreadTS != "" {
		container["thread_ts"] = m.ThreadTS
	}
	wired := s.wire(shown, true)
	wired["team"] = s.home(c.TeamID)
	maps.Copy(body, map[string]any{
		"container": container, "channel": map[string]any{"id": m.Channel, "name": name},
		"message": wired, "state": map[string]any{"values": pickedState(shown.Blocks, c)},
		"response_url": s.newResponseURL(c.User, m.Channel, m),
	})
	return shown.Blocks, nil
}

// clickable returns the message of a click. A deleted message may still be on a screen.
func (s *Server) clickable(c Click) *message {
	if ch, ok := s.channels[c.Channel]; ok {
		if m := ch.lookup(c.MessageTS); m != nil {
			return m
		}
	}
	i := slices.IndexFunc(s.ephemeral, func(m *message) bool {
		return m.Channel == c.Channel && m.TS == c.MessageTS && m.To == c.User
	})
	if i < 0 {
		return nil
	}
	return s.ephemeral[i]
}

func (s *Server) clickInView(body map[string]any, c Click) (json.RawMessage, error) {
	v := s.view(c.ViewID, "")
	if v == nil || v.User != c.User {
		return nil, fmt.Errorf("%s has no view %s open", c.User, c.ViewID)
	}
	maps.Copy(body, map[string]any{
		"container": map[string]any{"type": "view", "view_id": v.ID},
		"view":      s.wireView(v, pickedState(v.Blocks, c)),
	})
	return v.Blocks, nil
}

// element is an interactive element within its block.
type element struct {
	blockID string
	members map[string]json.RawMessage
}

func (e element) str(name string) string {
	var out string
	_ = json.Unmarshal(e.members[name], &out) // absent or not a string: empty
	return out
}

// elements returns the interactive elements of valid blocks.
func elements(blocks json.RawMessage) []element {
	var parsed []struct {
		BlockID   string                       `json:"block_id"`
		Elements  []map[string]json.RawMessage `json:"elements"`
		Accessory map[string]json.RawMessage   `json:"accessory"`
		Element   map[string]json.RawMessage   `json:"element"`
	}
	_ = json.Unmarshal(blocks, &parsed) // no blocks: no elements
	var out []element
	for _, b := range parsed {
		for _, members := range append(b.Elements, b.Accessory, b.Element) {
			if e := (element{blockID: b.BlockID, members: members}); e.str("action_id") != "" {
				out = append(out, e)
			}
		}
	}
	return out
}

func findElement(blocks json.RawMessage, blockID, actionID string) (element, error) {
	for _, e := range elements(blocks) {
		if e.str("action_id") == actionID && (blockID == "" || blockID == e.blockID) {
			return e, nil
		}
	}
	return element{}, fmt.Errorf("%w with action_id %q", ErrNoElement, actionID)
}

// act returns the entry of the element in actions.
func (e element) act(c Click) (map[string]any, error) {
	out := map[string]any{"type": e.str("type"), "action_id": e.str("action_id"), "block_id": e.blockID}
	switch e.str("type") {
	case "button":
		out["text"] = e.members["text"]
		if value := cmp.Or(c.Value, e.str("value")); value != "" {
			out["value"] = value
		}
		return out, nil
	case "users_select":
		if c.Picked == "" {
			return nil, errors.New("a users_select needs Picked")
		}
		out["selected_user"] = c.Picked
		return out, nil
	default:
		option, err := e.option(c.Option)
		if err != nil {
			return nil, err
		}
		out["selected_option"] = option
		return out, nil
	}
}

// option returns the option of the element that has the value.
func (e element) option(value string) (json.RawMessage, error) {
	var own struct {
		Options []json.RawMessage `json:"options"`
		Groups  []struct {
			Options []json.RawMessage `json:"options"`
		} `json:"option_groups"`
	}
	_ = json.Unmarshal(e.members["options"], &own.Options)
	_ = json.Unmarshal(e.members["option_groups"], &own.Groups)
	all := own.Options
	for _, g := range own.Groups {
		all = append(all, g.Options...)
	}
	for _, raw := range all {
		if (element{members: members(raw)}).str("value") == value {
			return raw, nil
		}
	}
	return nil, fmt.Errorf("%s %q has no option %q", e.str("type"), e.str("action_id"), value)
}

func members(raw json.RawMessage) map[string]json.RawMessage {
	var out map[string]json.RawMessage
	_ = json.Unmarshal(raw, &out)
	return out
}

// Submission is the submission of a modal.
type Submission struct {
	ViewID string
	Values map[string]string // by block_id: the typed text, the value of the picked option, or the picked user
	TeamID string            // another workspace than the server's, which the app must refuse
}

// SubmitPayload returns the view_submission payload in Slack's format. It fails where Slack's
// client does not let the user submit: the modal is not open, a required input is empty, an option
// does not exist, or a text has the wrong length.
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
	view := s.wireView(v, values)
	view["app_installed_team_id"] = s.home(f.TeamID)
	body["view"] = view
	body["response_urls"] = []any{}
	return json.Marshal(body)
}

// typedState returns state.values of a modal with the given input.
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

// optionalInputs returns the ids of the input blocks, and whether each may be empty.
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

// filled returns the state of the element with the value.
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

// fits checks a text against the limits of the input.
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

// pickedState returns state.values of a clicked message or view: its menus, with the pick of the
// click.
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

// Answered applies the app's response to a submission: an empty one closes the modal;
// response_action is clear, errors, update or push.
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
		return fmt.Errorf("the response is not JSON: %w", err)
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

// showErrors shows the app's errors next to their inputs.
func (s *Server) showErrors(v *View, problems map[string]string) error {
	if len(problems) == 0 {
		return errors.New("errors are empty")
	}
	inputs := optionalInputs(v.Blocks)
	for block := range problems {
		if _, ok := inputs[block]; !ok {
			return fmt.Errorf("errors name %q, which is no input", block)
		}
	}
	v.Errors = problems
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
		s.openOn(next, v.User, stack)
		return nil
	}
	s.replace(v, next)
	return nil
}
