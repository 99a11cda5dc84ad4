package message_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"smileybot/bot/message"
	"smileybot/fakeslack"
	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/feedback/score"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// at is the time at which everything in these tests begins.
var at = time.Date(2026, 11, 20, 10, 31, 0, 0, time.UTC)

// rendererOf makes a renderer of a language, for people in Amsterdam.
func rendererOf(l message.Language) *message.Renderer {
	return message.NewRenderer(message.Options{Zone: time.FixedZone("CET", 60*60), Language: l})
}

var english, dutch = rendererOf(message.English), rendererOf(message.Dutch)

// inEachLanguage runs a test with a renderer of each language.
func inEachLanguage(t *testing.T, test func(t *testing.T, r *message.Renderer)) {
	t.Helper()
	if *update { // the golden files of other languages depend on the English ones
		test(t, english)
	}
	for _, r := range []*message.Renderer{english, dutch} {
		t.Run(string(r.Language()), func(t *testing.T) {
			t.Parallel()
			test(t, r)
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

// with returns a red feedback with a change.
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
	s := shown{Text: m.Text, Blocks: m.Blocks}
	if m.Metadata.EventType != "" {
		s.Metadata = &m.Metadata
	}
	return s
}

// goldenMessage compares a message with its golden files, and checks that Slack would accept it.
func goldenMessage(t *testing.T, r *message.Renderer, name string, m message.Message) {
	t.Helper()
	golden(t, r, name, ofMessage(m))
	accepted(t, append([]slack.Block{}, m.Blocks...))
}

// golden compares a value with its golden files. testdata/NAME.json has the English value in
// full. testdata/LANGUAGE/NAME.txt has the texts of another language, one on each line, as the
// rest is the same. If the rest differs, as with another order of words, it has the value in full.
func golden(t *testing.T, r *message.Renderer, name string, value any) {
	t.Helper()
	var encoded bytes.Buffer
	encoder := json.NewEncoder(&encoded)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	require.NoError(t, encoder.Encode(value))
	path, got := filepath.Join("testdata", name+".json"), encoded.String()
	if r.Language() != message.English {
		inEnglish, err := os.ReadFile(path)
		require.NoError(t, err, "go test ./bot/message -update writes the golden files")
		path = filepath.Join("testdata", string(r.Language()), name+".txt")
		if shapeOf(got) == shapeOf(string(inEnglish)) {
			got = textsOf(got)
		}
	}
	want, err := os.ReadFile(path)
	if *update && string(want) != got {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
		return
	}
	require.NoError(t, err, "go test ./bot/message -update writes the golden files")
	assert.Equal(t, string(want), got, "%s differs: go test ./bot/message -update rewrites it", path)
}

// textInJSON matches a line of indented JSON that a language can change: a field of text, or a
// string in a list. The second group is the text.
var textInJSON = regexp.MustCompile(`(?m)^(\s*(?:"(?:text|fallback|accessibility_label|label|title|y_label|name)": )?)("(?:[^"\\]|\\.)*")(,?)$`)

// shapeOf returns indented JSON without its texts.
func shapeOf(encoded string) string { return textInJSON.ReplaceAllString(encoded, "$1$3") }

// textsOf lists the texts in indented JSON.
func textsOf(encoded string) string {
	var texts strings.Builder
	for _, found := range textInJSON.FindAllStringSubmatch(encoded, -1) {
		texts.WriteString(found[2] + "\n")
	}
	return texts.String()
}

func asJSON(t require.TestingT, value any) []byte {
	raw, err := json.Marshal(value)
	require.NoError(t, err)
	return raw
}

// accepted checks that Slack would accept blocks.
func accepted(t require.TestingT, blocks []slack.Block) {
	assert.Empty(t, fakeslack.ValidateBlocks(asJSON(t, blocks), fakeslack.SurfaceMessage))
}

func TestFeedbackGolden(t *testing.T) {
	t.Parallel()
	const comment = "Stap 3 van de handleiding klopt niet meer.\nEn stap 4 <ook> niet & *nooit*."
	tests := []struct {
		name string
		view followup.Snapshot
	}{
		{"red_open", with(func(v *followup.Snapshot) { v.FollowUp = followUp(followup.StateOpen) })},
		{"red_claimed", with(func(v *followup.Snapshot) { v.FollowUp = followUp(followup.StateClaimed) })},
		{"red_done", with(func(v *followup.Snapshot) { v.FollowUp = followUp(followup.StateDone) })},
		{"red_explained", with(func(v *followup.Snapshot) {
			v.Feedback.Comment, v.FollowUp = comment, followUp(followup.StateExplained)
		})},
		{"green_withdrawn", with(func(v *followup.Snapshot) {
			v.Feedback.Rating, v.FollowUp = feedback.Green.Value(), followUp(followup.StateWithdrawn)
		})},
		{"red_snoozed", with(func(v *followup.Snapshot) {
			v.FollowUp, v.Feedback.AtRisk, v.Risk = followUp(followup.StateSnoozed), true, feedback.Risk{InRow: 3, Several: true}
			v.FollowUp.Claimer = "U0BART"
		})},
		{"recovered", with(func(v *followup.Snapshot) { v.FollowUp, v.Recovery = followUp(followup.StateDone), feedback.Green })},
		{"not_recovered", with(func(v *followup.Snapshot) { v.FollowUp, v.Recovery = followUp(followup.StateDone), feedback.Yellow })},
		{"forgotten", with(func(v *followup.Snapshot) {
			v.Feedback.Customer, v.Feedback.ErasedAt, v.FollowUp = feedback.Person{}, at, followUp(followup.StateDone)
			v.FollowUp.Note = ""
		})},
		{"red_snoozed_unclaimed", with(func(v *followup.Snapshot) {
			v.FollowUp, v.Feedback.AtRisk = followUp(followup.StateSnoozed), true
		})},
		{"red_commented", with(func(v *followup.Snapshot) {
			v.Feedback.Comment, v.Feedback.AtRisk, v.Risk.Several = comment, true, true
		})},
		{"green_commented", with(func(v *followup.Snapshot) { v.Feedback.Rating, v.Feedback.Comment = feedback.Green.Value(), comment })},
		{"green", with(func(v *followup.Snapshot) { v.Feedback.Rating = feedback.Green.Value() })},
		{"yellow_urgent_suspect", with(func(v *followup.Snapshot) {
			v.Feedback.Rating, v.Feedback.Suspect, v.Feedback.Ticket.Urgent = feedback.Yellow.Value(), true, true
			v.FollowUp = followUp(followup.StateOpen)
		})},
		{"void", with(func(v *followup.Snapshot) {
			v.Feedback.Void = feedback.Void{Reason: "A test of <ours> & *nobody's* opinion", By: "U1", At: at}
			v.FollowUp = followUp(followup.StateWithdrawn)
		})},
		{"chat", with(func(v *followup.Snapshot) {
			v.Feedback.Channel, v.Feedback.Ticket = feedback.ChannelChat, feedback.Ticket{URL: "https://chat.example.org/1"}
			v.Feedback.Comment = comment
		})},
		{"nps", with(func(v *followup.Snapshot) {
			v.Feedback.Channel, v.Feedback.Kind, v.Feedback.Rating = feedback.ChannelPanel, feedback.KindNPS, 3
			v.Feedback.Ticket, v.Feedback.Agent, v.Feedback.Comment = feedback.Ticket{}, feedback.Person{}, comment
		})},
		{"csat", with(func(v *followup.Snapshot) { v.Feedback.Kind, v.Feedback.Rating = feedback.KindCSAT, 3 })},
		{"review", with(func(v *followup.Snapshot) {
			v.Feedback.Channel, v.Feedback.Kind, v.Feedback.Rating = feedback.ChannelReview, feedback.KindReview, 2
			v.Feedback.Site, v.Feedback.Ticket = "trustpilot", feedback.Ticket{URL: "https://reviews.example.org/r/1"}
			v.Feedback.Agent, v.FollowUp = feedback.Person{}, followUp(followup.StateOpen)
		})},
		{"review_claimed", reviewed(followup.StateClaimed, 3)},
		{"review_snoozed", reviewed(followup.StateSnoozed, 1)},
		{"review_done", reviewed(followup.StateDone, 3)},
		{"review_happy", with(func(v *followup.Snapshot) {
			*v = reviewed(followup.StateNone, 5)
			v.Feedback.Site = ""
		})},
		{"bare", followup.Snapshot{Feedback: feedback.Feedback{ID: "f1", Revision: 1, Answer: feedback.Answer{Rating: 1}}}},
		{"addresses_for_names", with(func(v *followup.Snapshot) {
			v.Feedback.Customer.Name, v.Feedback.Agent = "jan@example.org", feedback.Person{Name: "Bart <bart@example.net>"}
		})},
		{"right_to_left", with(func(v *followup.Snapshot) {
			v.Feedback.Customer.Name, v.Feedback.Ticket.Subject = "משה \u202eכהן", "\u202eenilffo etisbeW"
		})},
	}
	inEachLanguage(t, func(t *testing.T, r *message.Renderer) {
		t.Helper()
		for _, test := range tests {
			m := r.Feedback(test.view)
			golden(t, r, test.name, struct {
				Message shown `json:"message"`
				Plain   shown `json:"plain"`
			}{ofMessage(m), ofMessage(m.Plain())})
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
	inEachLanguage(t, func(t *testing.T, r *message.Renderer) {
		t.Helper()
		for _, test := range []struct {
			name    string
			message message.Message
		}{
			{"explained", r.Explained(e)},
			{"explained_plain", r.Explained(e).Plain()},
			{"explained_empty", r.Explained(message.Explanation{Claimer: "<!here>", Comment: "\u200b\n", Key: "k"})},
			{"explained_forgotten", r.Explained(message.Explanation{Claimer: "U0BART", Forgotten: true, Key: "k"})},
			{"test", r.Test("test:1")},
			{"closed", r.Closed(message.Closing{Key: "done:u1:7", By: "U0BART", Outcome: followup.OutcomeGuideFixed, Note: "Step 3 <rewritten>."})},
			{"closed_forgotten", r.Closed(message.Closing{Key: "done:u1:7", By: "U0BART", Outcome: followup.OutcomeGuideFixed})},
			{"moderated_void", r.Moderated(message.ModerationNotice{Key: "void:f1:1", Moderation: feedback.Moderation{Action: feedback.ModerationVoid, By: "U0BART", Reason: "A <test> & nothing else"}})},
			{"moderated_restore", r.Moderated(message.ModerationNotice{Key: "restored:f1:2", Moderation: feedback.Moderation{Action: feedback.ModerationRestore, By: "U0BART"}})},
			{"moderated_taken_back", r.Moderated(message.ModerationNotice{Key: "void:f1:3", Moderation: feedback.Moderation{Action: feedback.ModerationVoid, By: feedback.ByCustomer, Reason: feedback.ReasonTakenBack}})},
			{"moderated_given_again", r.Moderated(message.ModerationNotice{Key: "restored:f1:4", Moderation: feedback.Moderation{Action: feedback.ModerationRestore, By: feedback.ByCustomer}})},
			{"handed_over", r.HandedOver(message.Handover{Key: "assigned:u1:2", To: "U0LISE", By: "U0BART"})},
			{"due_open", r.Due(message.Reminder{Key: "due:u1:1", Snapshot: open.Snapshot, Permalink: open.Permalink})},
			{"due_review_open", r.Due(message.Reminder{Key: "due:u1:1", Snapshot: reviewed(followup.StateOpen, 2), Permalink: open.Permalink})},
			{"due_review_claimed", r.Due(message.Reminder{Key: "due:u1:1", Snapshot: reviewed(followup.StateClaimed, 2), Permalink: open.Permalink})},
			{"escalation_review", r.Escalation(message.Listing{Key: "escalation:2026-11-23", Entries: []message.Entry{{Snapshot: reviewed(followup.StateOpen, 1)}}, Now: at.Add(72 * time.Hour)})},
			{"due_claimed", r.Due(message.Reminder{Key: "due:u1:1", Snapshot: claimed.Snapshot, Permalink: claimed.Permalink})},
			{"escalation", r.Escalation(message.Listing{Key: "escalation:2026-11-23", Entries: []message.Entry{open, claimed, finished}, Now: at.Add(72 * time.Hour)})},
			{"missed", r.Missed(message.Listing{Key: "missed:1", Entries: slices.Repeat([]message.Entry{claimed}, 12), Now: at.Add(72 * time.Hour)})},
			{"risk", r.Risk(message.Listing{Key: "risk:f1", Entries: []message.Entry{open, detractor}, Now: at})},
			{"risk_nameless", r.Risk(message.Listing{Key: "risk:f1", Entries: []message.Entry{nameless}, Now: at})},
		} {
			goldenMessage(t, r, test.name, test.message)
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
	inEachLanguage(t, func(t *testing.T, r *message.Renderer) {
		t.Helper()
		for _, test := range []struct {
			name   string
			answer message.Message
		}{
			{"help", r.Help(well)},
			{"self_check_ill", r.SelfCheck(ill)},
			{"not_understood", r.NotUnderstood(&score.QueryError{Word: "gibberish <!channel>", Near: []string{"month", "maand"}}, "nps")},
			{"click_counted", r.Reply(message.Counted)},
			{"click_not_counted", r.Reply(message.NotCounted)},
			{"click_unchecked", r.Reply(message.Unchecked)},
			{"form_failed", r.Reply(message.FormFailed)},
			{"reason_missing", message.Together(r.Reply(message.ReasonMissing), r.Reply(message.UnknownSnooze))},
			{"stale_acts", message.Together(r.StaleModeration(red().Feedback), r.StaleModeration(feedback.Feedback{Void: feedback.Void{Reason: "r", By: "U0BART"}}))},
			{"already_theirs", r.AlreadyTheirs("U0BART")},
			{"cannot_take", r.CannotHandOver("U0GUEST", []string{"C0SUPPORT", "C0LEADS"})},
			{"form_note_back", message.Together(r.Reply(message.UnknownOutcome), r.NoteBack("called <b>twice</b> & no answer"))},
			{"not_understood_why", r.NotUnderstood(&score.QueryError{Word: "2030", Reason: score.ReasonFuture}, "nps")},
			{"not_understood_void", r.NotUnderstood(&score.QueryError{Word: "\u200b"}, "followups")},
			{"not_allowed", r.NotAllowed("C0SUPPORT", "C0LEADS")},
			{"not_allowed_void", r.NotAllowed()},
			{"not_allowed_guest", r.NotForGuests("C0SUPPORT", "C0LEADS")},
			{"not_allowed_stranger", r.NotForStrangers("C0SUPPORT", "C0LEADS")},
			{"unscoped", r.Unscoped("groups:read")},
			{"foreign", r.Reply(message.Foreign)},
			{"agents_unshared", r.AgentsUnshared("C0SUPPORT", "C0LEADS")},
			{"not_found", r.Reply(message.NotFound)},
			{"trouble", r.Reply(message.Failure)},
			{"perhaps_shared", r.Reply(message.PerhapsShared)},
		} {
			goldenMessage(t, r, test.name, test.answer)
		}
	})
}

func nothing(*followup.Snapshot) {}

func TestModalGolden(t *testing.T) {
	t.Parallel()
	commented := with(func(v *followup.Snapshot) {
		v.FollowUp, v.Feedback.Comment = followUp(followup.StateOpen), "It was <!channel> & step 3.\nReally."
	})
	mine := message.Home{
		Mine: message.QueuePage{Entries: []message.Entry{waiting(followup.StateClaimed, nothing)}, Total: 1},
		Open: message.QueuePage{Entries: []message.Entry{numbered(waiting(followup.StateOpen, nothing), 2)}, Total: 12}, Now: at,
	}
	inEachLanguage(t, func(t *testing.T, r *message.Renderer) {
		t.Helper()
		for _, test := range []struct {
			name  string
			modal slack.ModalViewRequest
		}{
			{"void_modal", r.VoidModal(red(), red().Feedback.ID)},
			{"done_modal", r.DoneModal(commented, red().Feedback.ID)},
			{"snooze_modal", r.SnoozeModal(red(), red().Feedback.ID)},
			{"assign_modal", r.AssignModal(red(), red().Feedback.ID)},
			{"mine_modal", r.MineModal(mine)},
			{"mine_modal_empty", r.MineModal(message.Home{Now: at})},
		} {
			golden(t, r, test.name, test.modal)
			assert.Empty(t, fakeslack.ValidateView(asJSON(t, test.modal), "modal"), test.name)
		}
	})
}

// TestAnyModalIsAcceptedBySlack: the forms about any feedback, and the list of any follow-ups.
func TestAnyModalIsAcceptedBySlack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r, v := anyRenderer().Draw(t, "renderer"), anyCase().Draw(t, "view")
		page := message.QueuePage{Entries: []message.Entry{{Snapshot: v, Permalink: anything(100).Draw(t, "link")}}, Total: 30}
		for _, modal := range []slack.ModalViewRequest{
			r.VoidModal(v, "f1"), r.DoneModal(v, "f1"), r.SnoozeModal(v, "f1"), r.AssignModal(v, "f1"),
			r.MineModal(message.Home{Mine: page, Now: at}),
		} {
			raw := asJSON(t, modal)
			assert.Empty(t, fakeslack.ValidateView(raw, "modal"))
			assert.LessOrEqual(t, len(raw), 250_000)
			assert.NotContains(t, string(raw), "secret@example.com")
		}
	})
}
