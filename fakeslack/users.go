package fakeslack

import (
	"slices"
	"strings"
)

// userInfo describes a user; the e-mail address only with its own scope.
func (s *Server) userInfo(a args) (result, *failure) {
	u, ok := s.users[a.str("user")]
	if !ok {
		return nil, refuse("user_not_found")
	}
	return s.user(u), nil
}

// userByEmail describes the user with an e-mail address, whatever its case. Who
// has left is not found.
func (s *Server) userByEmail(a args) (result, *failure) {
	email := a.str("email")
	if email == "" {
		return nil, refuse("invalid_arguments", "missing required field: email")
	}
	for _, u := range s.users {
		if strings.EqualFold(u.Email, email) && !u.Deleted {
			return s.user(u), nil
		}
	}
	return nil, refuse("users_not_found")
}

func (s *Server) user(u *User) result {
	profile := result{"real_name": u.RealName, "display_name": u.Name, "team": s.opts.TeamID}
	if u.Email != "" && slices.Contains(s.scopes, "users:read.email") {
		profile["email"] = u.Email
	}
	return result{"user": result{
		"id": u.ID, "team_id": s.opts.TeamID, "name": u.Name, "real_name": u.RealName,
		"deleted": u.Deleted, "is_bot": u.Bot, "is_restricted": u.Restricted || u.UltraRestricted,
		"is_ultra_restricted": u.UltraRestricted, "is_app_user": false, "profile": profile,
	}}
}
