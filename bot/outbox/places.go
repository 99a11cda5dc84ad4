package outbox

import (
	"smileybot/bot/slackapi"
)

// left reports whether the settings name a channel no more.
func (d *Deliverer) left(channel string) bool {
	if channel == d.Channel || channel == d.Lead {
		return false
	}
	for _, routed := range d.Routes {
		if routed == channel {
			return false
		}
	}
	return true
}

// lost reports whether a channel that was left cannot be used, as a result says. A message in it counts
// as one that can no longer be edited: what changes is posted where it would be routed today.
func (d *Deliverer) lost(channel string, r slackapi.Result) bool {
	return slackapi.Unusable(r.Reason) && d.left(channel)
}
