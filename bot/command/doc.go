// Package command is what people do in Slack: slash commands, buttons, modals, the Home tab. Package
// slackapi proves a request, acknowledges it, and parses it:
//
//   - [Handler.Command] answers a slash command through its response_url;
//   - [Handler.Interaction] does what a button or a submitted modal asks for;
//   - [Handler.Event] does what an event asks for;
//   - [Handler.KeepHomes] runs next to them.
//
// # Who may what
//
// Scores are for everyone in the workspace. The queue, buttons and modals are for members of the
// support, the lead or the message's channel who are no guests; see authz.go. While Slack cannot say
// who a user is, the user is asked to try again.
//
// # Clicks
//
// A click is never an error. It is a compare-and-swap on the state of the follow-up or the feedback:
// when the state no longer allows the action, the message is refreshed and the clicker, only the
// clicker, reads why. So does a click on an old copy (its block_id names the revision it showed) that
// would undo what another person has done since: a reopening, or the release of a claim. Any other
// click on an old copy counts; the message is refreshed and the clicker is notified.
//
// # Home
//
// A Home tab is updated when its user opens it, after the user has done something, and, at most once a
// minute, when what waits has changed: the store has the users who have opened one and a fingerprint
// of what it shows. [Handler.WaitingChanged] signals such a change. A failed update is retried, later
// each time.
//
// Nothing that a person typed is logged. It is repeated only through package message, which escapes and
// cuts it.
package command
