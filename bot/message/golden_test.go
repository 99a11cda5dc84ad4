package message_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/message"
	"smileybot/fakeslack"
	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/feedback/score"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// at is the moment everything in these tests begins.
var at = time.Date(2026, 11, 20, 10, 31, 0, 0, time.UTC)

// speaking makes a speaker of a language, for people in Amsterdam.
func speaking(l message.Language) *message.Speaker {
	return message.NewSpeaker(message.Options{Zone: time.FixedZone("CET", 60*60), Language: l})
}

var english, dutch = speaking(message.English), speaking(message.Dutch)

// inEachLanguage runs a test with a speaker of each language.
func inEachLanguage(t *testing.T, test func(t *testing.T, s *message.Speaker)) {
	t.Helper()
	for _, s := range []*message.Speaker{english, dutch} {
		t.Run(string(s.Language()), func(t *testing.T) {
			t.Parallel()
			test(t, s)
		})
	}
}

// red is an unhappy customer of a ticket, with everything known.
func red() followup.Snapshot {
	return followup.Snapshot{
		Feedback: feedback.Feedback{
			ID:  "019a9f3e-7c2b-7d4e-8f00-0123456789ab",
			Key: feedback.Key{Sender: "feedback", Channel: feedback.ChannelTicket, Kind: feedback.KindSmiley, ID: "reply-88213"},
			Answer: feedback.Answer{
				Rating:   feedback.Red.Value(),
				Customer: feedback.Person{ID: "c-1042", Name: "Jan de Vries", Email: "jan@example.org"},
				Agent:    feedback.Person{ID: "a-7", Name: "Bart", Email: "bart@example.net"},
				Ticket:   feedback.Ticket{ID: "4711", Subject: "Website offline na update", URL: "https://tickets.example.org/4711?a=1&b=2"},
			},
			OccurredAt: at, ReceivedAt: at, Revision: 3,
		},
	}
}

// with changes a red feedback for a test.
func with(change func(*followup.Snapshot)) followup.Snapshot {
	v := red()
	change(&v)
	return v
}

// reviewed is a review with a title and a text, of so many stars.
func reviewed(state followup.State, stars int) followup.Snapshot {
	return with(func(v *followup.Snapshot) {
		v.Feedback.Channel, v.Feedback.Kind, v.Feedback.Rating = feedback.ChannelReview, feedback.KindReview, stars
		v.Feedback.Site, v.Feedback.Comment = "trustpilot", "It took two days before anyone answered."
		v.Feedback.Ticket = feedback.Ticket{ID: "o-1", Subject: "Slow support", URL: "https://reviews.example.org/r/1"}
		v.Feedback.Agent, v.FollowUp = feedback.Person{}, followup.FollowUp{}
		if state != followup.StateNone {
			v.FollowUp = followUp(state)
		}
	})
}

func followUp(state followup.State) followup.FollowUp {
	f := followup.FollowUp{
		ID: "019a9f3e-7c2b-7d4e-8f00-ba9876543210", State: state, OpenedAt: at, DueAt: at.Add(4 * time.Hour), Openings: 1,
		ChangedAt: at.Add(time.Hour), ChangedBy: feedback.ByCustomer,
	}
	switch state {
	case followup.StateClaimed:
		f.Claimer, f.ChangedBy = "U0BART", "U0BART"
	case followup.StateSnoozed:
		f.SnoozedUntil, f.Snoozes, f.DueAt = at.Add(24*time.Hour), 1, at.Add(24*time.Hour)
	case followup.StateDone:
		f.ChangedBy, f.Outcome, f.Note = "U0BART", followup.OutcomeGuideFixed, "Step 3 rewritten & tested <again>."
	default:
	}
	return f
}

// shown is a message or an answer as a golden file keeps it.
type shown struct {
	Text     string               `json:"text"`
	Blocks   []slack.Block        `json:"blocks"`
	Metadata *slack.SlackMetadata `json:"metadata,omitempty"`
}

func ofMessage(m message.Message) shown {
	return shown{Text: m.Text, Blocks: m.Blocks, Metadata: &m.Metadata}
}

func ofAnswer(a message.Answer) shown { return shown{Text: a.Text, Blocks: a.Blocks} }

func golden(t *testing.T, s *message.Speaker, name string, value any) {
	t.Helper()
	var got bytes.Buffer
	encoder := json.NewEncoder(&got)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	require.NoError(t, encoder.Encode(value))
	path := filepath.Join("testdata", string(s.Language()), name+".json")
	if *update {
		require.NoError(t, os.WriteFile(path, got.Bytes(), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "go test ./bot/message -update writes the golden files")
	assert.Equal(t, string(want), got.String())
}

func asJSON(t require.TestingT, value any) []byte {
	raw, err := json.Marshal(value)
	require.NoError(t, err)
	return raw
}

// accepted checks that Slack would take blocks.
func accepted(t require.TestingT, blocks []slack.Block) {
	assert.Empty(t, fakeslack.ValidateBlocks(asJSON(t, blocks), fakeslack.SurfaceMessage))
}

func TestFeedbackGolden(t *testing.T) {
	t.Parallel()
	const comment = "Stap 3 van de handleiding klopt niet meer.\nEn stap 4 <ook> niet & *nooit*."
	tests := map[string]followup.Snapshot{
		"red_open":    with(func(v *followup.Snapshot) { v.FollowUp = followUp(followup.StateOpen) }),
		"red_claimed": with(func(v *followup.Snapshot) { v.FollowUp = followUp(followup.StateClaimed) }),
		"red_done":    with(func(v *followup.Snapshot) { v.FollowUp = followUp(followup.StateDone) }),
		"red_explained": with(func(v *followup.Snapshot) {
			v.Feedback.Comment, v.FollowUp = comment, followUp(followup.StateExplained)
		}),
		"green_withdrawn": with(func(v *followup.Snapshot) {
			v.Feedback.Rating, v.FollowUp = feedback.Green.Value(), followUp(followup.StateWithdrawn)
		}),
		"red_snoozed": with(func(v *followup.Snapshot) {
			v.FollowUp, v.Feedback.AtRisk = followUp(followup.StateSnoozed), true
			v.FollowUp.Claimer = "U0BART"
		}),
		"recovered":     with(func(v *followup.Snapshot) { v.FollowUp, v.Recovery = followUp(followup.StateDone), feedback.Green }),
		"not_recovered": with(func(v *followup.Snapshot) { v.FollowUp, v.Recovery = followUp(followup.StateDone), feedback.Yellow }),
		"forgotten": with(func(v *followup.Snapshot) {
			v.Feedback.Customer, v.Feedback.ForgottenAt, v.FollowUp = feedback.Person{}, at, followUp(followup.StateDone)
			v.FollowUp.Note = ""
		}),
		"green": with(func(v *followup.Snapshot) { v.Feedback.Rating = feedback.Green.Value() }),
		"yellow_urgent_suspect": with(func(v *followup.Snapshot) {
			v.Feedback.Rating, v.Feedback.Suspect, v.Feedback.Ticket.Urgent = feedback.Yellow.Value(), true, true
			v.FollowUp = followUp(followup.StateOpen)
		}),
		"void": with(func(v *followup.Snapshot) {
			v.Feedback.Void = feedback.Void{Reason: "A test of <ours> & *nobody's* opinion", By: "U1", At: at}
			v.FollowUp = followUp(followup.StateWithdrawn)
		}),
		"chat": with(func(v *followup.Snapshot) {
			v.Feedback.Channel, v.Feedback.Ticket = feedback.ChannelChat, feedback.Ticket{URL: "https://chat.example.org/1"}
			v.Feedback.Comment = comment
		}),
		"nps": with(func(v *followup.Snapshot) {
			v.Feedback.Channel, v.Feedback.Kind, v.Feedback.Rating = feedback.ChannelPanel, feedback.KindNPS, 3
			v.Feedback.Ticket, v.Feedback.Agent, v.Feedback.Comment = feedback.Ticket{}, feedback.Person{}, comment
		}),
		"csat": with(func(v *followup.Snapshot) { v.Feedback.Kind, v.Feedback.Rating = feedback.KindCSAT, 3 }),
		"review": with(func(v *followup.Snapshot) {
			v.Feedback.Channel, v.Feedback.Kind, v.Feedback.Rating = feedback.ChannelReview, feedback.KindReview, 2
			v.Feedback.Site, v.Feedback.Ticket = "trustpilot", feedback.Ticket{URL: "https://reviews.example.org/r/1"}
			v.Feedback.Agent, v.FollowUp = feedback.Person{}, followUp(followup.StateOpen)
		}),
		"review_claimed": reviewed(followup.StateClaimed, 3),
		"review_snoozed": reviewed(followup.StateSnoozed, 1),
		"review_done":    reviewed(followup.StateDone, 3),
		"review_happy": with(func(v *followup.Snapshot) {
			*v = reviewed(followup.StateNone, 5)
			v.Feedback.Site = ""
		}),
		"bare": {Feedback: feedback.Feedback{ID: "f1", Revision: 1, Answer: feedback.Answer{Rating: 1}}},
		"addresses_for_names": with(func(v *followup.Snapshot) {
			v.Feedback.Customer.Name, v.Feedback.Agent = "jan@example.org", feedback.Person{Name: "Bart <bart@example.net>"}
		}),
		"right_to_left": with(func(v *followup.Snapshot) {
			v.Feedback.Customer.Name, v.Feedback.Ticket.Subject = "משה \u202eכהן", "\u202eenilffo etisbeW"
		}),
	}
	inEachLanguage(t, func(t *testing.T, s *message.Speaker) {
		t.Helper()
		for name, view := range tests {
			m := s.Feedback(view)
			golden(t, s, name, struct {
				Message shown `json:"message"`
				Plain   shown `json:"plain"`
			}{ofMessage(m), ofMessage(s.Plain(view))})
			accepted(t, m.Blocks)
		}
	})
}

func TestNoticeGolden(t *testing.T) {
	t.Parallel()
	e := message.Explanation{Claimer: "U0BART", Comment: "It was <!channel> & step 3.\nReally.", Key: "explained:f1:2"}
	open, claimed, finished := waiting(followup.StateOpen, nothing), waiting(followup.StateClaimed, nothing), waiting(followup.StateDone, nothing)
	detractor := waiting(followup.StateNone, func(v *followup.Snapshot) {
		v.Feedback.Channel, v.Feedback.Kind, v.Feedback.Rating, v.Feedback.Ticket = feedback.ChannelPanel, feedback.KindNPS, 3, feedback.Ticket{}
		v.Feedback.OccurredAt = v.Feedback.OccurredAt.Add(time.Hour)
	})
	nameless := waiting(followup.StateOpen, func(v *followup.Snapshot) { v.Feedback.Customer = feedback.Person{} })
	inEachLanguage(t, func(t *testing.T, s *message.Speaker) {
		t.Helper()
		for name, m := range map[string]message.Message{
			"explained":           s.Explained(e),
			"explained_plain":     s.PlainExplained(e),
			"explained_empty":     s.Explained(message.Explanation{Claimer: "<!here>", Comment: "\u200b\n", Key: "k"}),
			"explained_forgotten": s.Explained(message.Explanation{Claimer: "U0BART", Forgotten: true, Key: "k"}),
			"test":                s.Test("test:1"),
			"closed":              s.Closed(message.Closing{Key: "done:u1:7", By: "U0BART", Outcome: followup.OutcomeGuideFixed, Note: "Step 3 <rewritten>."}),
			"closed_forgotten":    s.Closed(message.Closing{Key: "done:u1:7", By: "U0BART", Outcome: followup.OutcomeGuideFixed}),
			"ruled_void":          s.Ruled(message.Verdict{Key: "void:f1:1", Moderation: feedback.Moderation{Action: feedback.ModerationVoid, By: "U0BART", Reason: "A <test> & nothing else"}}),
			"ruled_restore":       s.Ruled(message.Verdict{Key: "restored:f1:2", Moderation: feedback.Moderation{Action: feedback.ModerationRestore, By: "U0BART"}}),
			"ruled_taken_back":    s.Ruled(message.Verdict{Key: "void:f1:3", Moderation: feedback.Moderation{Action: feedback.ModerationVoid, By: feedback.ByCustomer, Reason: feedback.ReasonTakenBack}}),
			"ruled_given_anew":    s.Ruled(message.Verdict{Key: "restored:f1:4", Moderation: feedback.Moderation{Action: feedback.ModerationRestore, By: feedback.ByCustomer}}),
			"handed_over":         s.HandedOver(message.Handover{Key: "assigned:u1:2", To: "U0LISE", By: "U0BART"}),
			"due_open":            s.Due(message.Reminder{Key: "due:u1:1", Snapshot: open.Snapshot, Permalink: open.Permalink}),
			"due_review_open":     s.Due(message.Reminder{Key: "due:u1:1", Snapshot: reviewed(followup.StateOpen, 2), Permalink: open.Permalink}),
			"due_review_claimed":  s.Due(message.Reminder{Key: "due:u1:1", Snapshot: reviewed(followup.StateClaimed, 2), Permalink: open.Permalink}),
			"escalation_review":   s.Escalation(message.Listing{Key: "escalation:2026-11-23", Listed: []message.Waiting{{Snapshot: reviewed(followup.StateOpen, 1)}}, Now: at.Add(72 * time.Hour)}),
			"due_claimed":         s.Due(message.Reminder{Key: "due:u1:1", Snapshot: claimed.Snapshot, Permalink: claimed.Permalink}),
			"escalation":          s.Escalation(message.Listing{Key: "escalation:2026-11-23", Listed: []message.Waiting{open, claimed, finished}, Now: at.Add(72 * time.Hour)}),
			"missed":              s.Missed(message.Listing{Key: "missed:1", Listed: slices.Repeat([]message.Waiting{claimed}, 12), Now: at.Add(72 * time.Hour)}),
			"risk":                s.Risk(message.Listing{Key: "risk:f1", Listed: []message.Waiting{open, detractor}, Now: at}),
			"risk_nameless":       s.Risk(message.Listing{Key: "risk:f1", Listed: []message.Waiting{nameless}, Now: at}),
		} {
			golden(t, s, name, ofMessage(m))
			accepted(t, append([]slack.Block{}, m.Blocks...))
		}
	})
}

func TestAnswerGolden(t *testing.T) {
	t.Parallel()
	well := message.Health{Version: "v1.2.3"}
	ill := message.Health{
		Version: "v1.2.3", Slack: &message.Fault{Reason: "not_in_channel", Channel: "C0SUPPORT"}, StoreFailed: true,
		Pending: 12, Oldest: 95 * time.Minute,
	}
	inEachLanguage(t, func(t *testing.T, s *message.Speaker) {
		t.Helper()
		for name, answer := range map[string]message.Answer{
			"help":                s.Help(well),
			"self_check_ill":      s.SelfCheck(ill),
			"not_understood":      s.NotUnderstood("gibberish <!channel>", "", "nps"),
			"click_counted":       s.Counted(),
			"click_not_counted":   s.NotCounted(),
			"click_unchecked":     s.Unchecked(),
			"form_failed":         s.FormFailed(),
			"reason_missing":      message.Together(s.ReasonMissing(), s.UnknownSnooze()),
			"late_acts":           message.Together(s.LateAct(red().Feedback), s.LateAct(feedback.Feedback{Void: feedback.Void{Reason: "r", By: "U0BART"}})),
			"already_theirs":      s.AlreadyTheirs("U0BART"),
			"cannot_take":         s.CannotTake("U0GUEST", []string{"C0SUPPORT", "C0LEADS"}),
			"form_note_back":      message.Together(s.UnknownOutcome(), s.NoteBack("called <b>twice</b> & no answer")),
			"not_understood_why":  s.NotUnderstood("2030", score.ReasonFuture, "nps"),
			"not_understood_void": s.NotUnderstood("\u200b", "", "followups"),
			"not_allowed":         s.NotAllowed("C0SUPPORT", "C0LEADS"),
			"not_allowed_void":    s.NotAllowed(),
			"agents_unshared":     s.AgentsUnshared("C0SUPPORT", "C0LEADS"),
			"not_found":           s.NotFound(),
			"trouble":             s.Trouble(),
		} {
			golden(t, s, name, ofAnswer(answer))
			accepted(t, answer.Blocks)
		}
	})
}

func nothing(*followup.Snapshot) {}

func TestVoidModal(t *testing.T) {
	t.Parallel()
	inEachLanguage(t, func(t *testing.T, s *message.Speaker) {
		t.Helper()
		modal := s.VoidModal(red(), red().Feedback.ID)
		golden(t, s, "void_modal", modal)
		assert.Empty(t, fakeslack.ValidateView(asJSON(t, modal), "modal"))
	})
}

func TestDoneModal(t *testing.T) {
	t.Parallel()
	inEachLanguage(t, func(t *testing.T, s *message.Speaker) {
		t.Helper()
		modal := s.DoneModal(red(), red().Feedback.ID)
		golden(t, s, "done_modal", modal)
		assert.Empty(t, fakeslack.ValidateView(asJSON(t, modal), "modal"))
	})
}
