// Package command is what people do in Slack: slash commands, buttons, modals,
// the Home tab. Package slackapi proves a request, acknowledges it, and parses it:
//
//   - [Handler.Command] answers a slash command through its response_url;
//   - [Handler.Interaction] does what a button or a submitted modal asks for;
//   - [Handler.Event] does what something that happened asks for.
//
// [Handler.KeepHomes] runs next to them.
//
// # Who may what
//
// Scores are for everyone in the workspace. The queue, buttons and modals are
// for members of the support, the lead or the message's channel who are no
// guests; see door.go. Whom nobody can vouch for, because Slack cannot be asked,
// is told so and let in later.
//
// # Clicks
//
// A click is never an error. It is a compare-and-swap on the follow-up's state:
// what the state no longer allows refreshes the message and tells the clicker,
// and nobody else, what is the case. So does a click on an old copy (its
// block_id names the revision it showed) that would undo what somebody else has
// done since: a reopening, or the release of another's claim. Any other click on
// an old copy counts, the message is refreshed, and the clicker is told so.
//
// # Home
//
// A Home tab is shown anew when its person opens it, after the person has done
// something, and, at most once a minute, when what waits for them has changed:
// the store remembers who has opened one and a fingerprint of what it shows.
// Whoever may change what waits says so with [Handler.WaitingChanged]. What Slack
// did not take is tried again, later each time.
//
// Nothing that a person typed is logged, and all of it is said back only
// through package message, which escapes and cuts it.
package command
