package fakeslack

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Click is a button somebody presses, or an option or a user somebody picks, in
// a message or in a view.
type Click struct {
	User      string
	Channel   string // with MessageTS: the message; also an ephemeral one's
	MessageTS string
	Revision  int    // the message as it stood at its n-th revision, from 1; 0: as it stands
	ViewID    string // instead of a message: a modal or a home tab
	ActionID  string
	BlockID   string // needed only when several blocks have the action
	Value     string // of a button: instead of its own value
	Option    string // of a select or overflow menu: the value of the option picked
	Picked    string // of a users_select: the user picked
	TeamID    string // another workspace than the server's, to be refused
}

// ErrNoElement is returned for a click on something that is not shown (any more).
var ErrNoElement = errors.New("no element")

// ClickPayload returns the block_actions payload of the click, as Slack sends
// it. It fails when the message, the action or the option is not there.
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

// interaction returns what every interaction carries.
func (s *Server) interaction(kind, user, team string) map[string]any {
	team = s.team(team)
	return map[string]any{
		"type": kind, "token": "deprecated", "api_app_id": s.opts.AppID,
		"team":       map[string]any{"id": team, "domain": "fakeslack"},
		"user":       map[string]any{"id": user, "username": s.name(user), "name": s.name(user), "team_id": team},
		"enterprise": nil, "is_enterprise_install": false,
		"trigger_id": s.newTrigger(user),
	}
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
	maps.Copy(body, map[string]any{
		"container": container, "channel": map[string]any{"id": m.Channel, "name": name},
		"message": s.wire(shown, true), "state": map[string]any{"values": pickedState(shown.Blocks, c)},
		"response_url": s.newResponseURL(c.User, m.Channel, m),
	})
	return shown.Blocks, nil
}

// clickable finds the message; one that was deleted may still be on somebody's
// screen.
func (s *Server) clickable(c Click) *message {
	if ch, ok := s.channels[c.Channel]; ok {
		if m := ch.remembered(c.MessageTS); m != nil {
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
	_ = json.Unmarshal(e.members[name], &out) // absent or no text: empty
	return out
}

// elements lists the interactive elements of blocks that were validated.
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

// act returns the element's entry in actions.
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

// option returns the element's option of that value.
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
