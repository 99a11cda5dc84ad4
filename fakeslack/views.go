package fakeslack

import (
	"encoding/json"
	"maps"
	"slices"
	"time"
)

// View is a modal or a home tab.
type View struct {
	ID              string
	Type            string // "modal" or "home"
	User            string // the user who sees it
	CallbackID      string
	ExternalID      string
	Title           string
	PrivateMetadata string
	Hash            string            // changes with every update
	Blocks          json.RawMessage   // each with a block_id
	Raw             json.RawMessage   // the view as the app sent it
	Errors          map[string]string // by block_id, the app's errors of the last submission

	members  map[string]json.RawMessage // the view as sent, with block_ids
	previous string
	root     string
}

func (v *View) snapshot() View {
	out := *v
	out.Errors = maps.Clone(v.Errors)
	return out
}

// trigger allows the app to open one modal. It comes with a request to the app.
type trigger struct {
	user string
	at   time.Time
	used bool
}

const (
	triggerLife = 3 * time.Second
	maxModals   = 3
)

// newTrigger returns a new trigger_id for the user.
func (s *Server) newTrigger(user string) string {
	id := s.id("trigger.")
	s.triggers[id] = &trigger{user: user, at: s.opts.Now()}
	return id
}

// redeem uses a trigger and returns its user.
func (s *Server) redeem(id string) (user string, f *failure) {
	t, ok := s.triggers[id]
	switch {
	case !ok:
		return "", refuse("invalid_trigger_id")
	case t.used:
		return "", refuse("exchanged_trigger_id")
	case s.opts.Now().Sub(t.at) > triggerLife:
		return "", refuse("expired_trigger_id")
	}
	t.used = true
	return t.user, nil
}

// readView returns a valid view of the kind.
func (s *Server) readView(raw, kind string) (*View, *failure) {
	if raw == "" {
		return nil, refuse("invalid_arguments", "missing required field: view")
	}
	if problems := ValidateView([]byte(raw), kind); len(problems) > 0 {
		return nil, refuseAll(problems)
	}
	v := &View{Type: kind, Raw: json.RawMessage(raw)}
	var named struct {
		CallbackID      string `json:"callback_id"`
		ExternalID      string `json:"external_id"`
		PrivateMetadata string `json:"private_metadata"`
		Title           struct {
			Text string `json:"text"`
		} `json:"title"`
		Blocks json.RawMessage `json:"blocks"`
	}
	if json.Unmarshal(v.Raw, &named) != nil || json.Unmarshal(v.Raw, &v.members) != nil {
		return nil, refuse("invalid_arguments")
	}
	v.CallbackID, v.ExternalID = named.CallbackID, named.ExternalID
	v.PrivateMetadata, v.Title = named.PrivateMetadata, named.Title.Text
	v.Blocks = s.nameBlocks(named.Blocks)
	v.members["blocks"] = v.Blocks
	v.Hash = s.id(formatTS(s.opts.Now().UnixMicro()) + ".")
	return v, nil
}

// wireView returns the view in Slack's JSON format.
func (s *Server) wireView(v *View, values map[string]any) map[string]any {
	out := map[string]any{}
	for name, value := range v.members {
		out[name] = value
	}
	maps.Copy(out, map[string]any{
		"id": v.ID, "team_id": s.opts.TeamID, "app_id": s.opts.AppID, "bot_id": s.opts.BotID,
		"app_installed_team_id": s.opts.TeamID, "hash": v.Hash,
		"state": map[string]any{"values": values}, "root_view_id": v.root, "previous_view_id": v.previous,
		"callback_id": v.CallbackID, "external_id": v.ExternalID, "private_metadata": v.PrivateMetadata,
	})
	return out
}

func (s *Server) viewResult(v *View) result {
	return result{"view": s.wireView(v, map[string]any{})}
}

// openView opens a modal and closes the others of the user.
func (s *Server) openView(a args) (result, *failure) {
	return s.showModal(a, func(user string) ([]*View, *failure) { return nil, nil })
}

// pushView opens a modal on top of the others of the user.
func (s *Server) pushView(a args) (result, *failure) {
	return s.showModal(a, func(user string) ([]*View, *failure) {
		if len(s.stacks[user]) >= maxModals {
			return nil, refuse("push_limit_reached")
		}
		return s.stacks[user], nil
	})
}

// showModal opens a modal on top of others. It validates before it redeems, so that a refused view
// leaves the trigger valid.
func (s *Server) showModal(a args, below func(user string) ([]*View, *failure)) (result, *failure) {
	v, f := s.readView(a.str("view"), "modal")
	if f != nil {
		return nil, f
	}
	user, f := s.redeem(a.str("trigger_id"))
	if f != nil {
		return nil, f
	}
	under, f := below(user)
	if f != nil {
		return nil, f
	}
	s.openOn(v, user, under)
	return s.viewResult(v), nil
}

func (s *Server) openOn(v *View, user string, under []*View) {
	v.ID, v.User = s.id("V"), user
	v.root = v.ID
	if len(under) > 0 {
		v.root, v.previous = under[0].ID, under[len(under)-1].ID
	}
	s.stacks[user] = append(slices.Clone(under), v)
	s.record(Change{Kind: ModalShown, View: v.snapshot()})
}

// updateView changes an open modal.
func (s *Server) updateView(a args) (result, *failure) {
	old := s.view(a.str("view_id"), a.str("external_id"))
	if old == nil || old.Type != "modal" {
		return nil, refuse("not_found")
	}
	if h := a.str("hash"); h != "" && h != old.Hash {
		return nil, refuse("hash_conflict")
	}
	v, f := s.readView(a.str("view"), "modal")
	if f != nil {
		return nil, f
	}
	s.replace(old, v)
	return s.viewResult(old), nil
}

// replace replaces the content of an open view, which keeps its id.
func (s *Server) replace(old, v *View) {
	v.ID, v.User, v.root, v.previous = old.ID, old.User, old.root, old.previous
	*old = *v
	s.record(Change{Kind: ModalShown, View: old.snapshot()})
}

// publishView publishes the home tab of a user.
func (s *Server) publishView(a args) (result, *failure) {
	user := a.str("user_id")
	if _, ok := s.users[user]; !ok {
		return nil, refuse("invalid_arguments", "invalid `user_id`")
	}
	old := s.homes[user]
	if h := a.str("hash"); h != "" && (old == nil || h != old.Hash) {
		return nil, refuse("hash_conflict")
	}
	v, f := s.readView(a.str("view"), "home")
	if f != nil {
		return nil, f
	}
	v.User, v.ID = user, s.id("V")
	if old != nil {
		v.ID = old.ID
	}
	v.root = v.ID
	s.homes[user] = v
	s.record(Change{Kind: HomeShown, View: v.snapshot()})
	return s.viewResult(v), nil
}

// view returns an open modal or a home tab by its id, or by its external id when the id is empty.
func (s *Server) view(id, externalID string) *View {
	matches := func(v *View) bool {
		return id != "" && v.ID == id || id == "" && externalID != "" && v.ExternalID == externalID
	}
	for _, stack := range s.stacks {
		if i := slices.IndexFunc(stack, matches); i >= 0 {
			return stack[i]
		}
	}
	for _, v := range s.homes {
		if matches(v) {
			return v
		}
	}
	return nil
}

// CloseViews closes all modals of the user.
func (s *Server) CloseViews(user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closeViews(user, 0)
}

// closeViews closes the modals of the user except the lowest keep ones.
func (s *Server) closeViews(user string, keep int) {
	for len(s.stacks[user]) > keep {
		top := len(s.stacks[user]) - 1
		v := s.stacks[user][top]
		s.stacks[user] = s.stacks[user][:top]
		s.record(Change{Kind: ModalClosed, View: v.snapshot()})
	}
}
