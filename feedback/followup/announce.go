package followup

// Announcement is something about a follow-up that the ticket system is told.
type Announcement string

// The announcements, as the outgoing webhook names them.
const (
	AnnounceOpened    Announcement = "followup.opened"    // or opened again
	AnnounceClaimed   Announcement = "followup.claimed"   // or handed to somebody else
	AnnounceDone      Announcement = "followup.done"      // with an outcome
	AnnounceExplained Announcement = "followup.explained" // it closed itself
)

// Announcements lists every announcement.
func Announcements() []Announcement {
	return []Announcement{AnnounceOpened, AnnounceClaimed, AnnounceDone, AnnounceExplained}
}

// Announce is what the ticket system is told of a follow-up that has changed, empty when
// it need not know: that it was released, snoozed or withdrawn, or came back from a
// snooze.
func (f FollowUp) Announce(before FollowUp) Announcement {
	if f.State == before.State && f.Claimer == before.Claimer {
		return ""
	}
	switch f.State {
	case StateOpen:
		if !before.State.Pending() {
			return AnnounceOpened
		}
	case StateClaimed:
		if f.Claimer != before.Claimer || !before.State.Pending() {
			return AnnounceClaimed
		}
	case StateDone:
		return AnnounceDone
	case StateExplained:
		return AnnounceExplained
	case StateNone, StateSnoozed, StateWithdrawn:
	}
	return ""
}
