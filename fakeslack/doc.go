// Package fakeslack is a stateful stand-in for Slack: the Web API methods this
// bot uses, response URLs, and the requests Slack sends to an app, signed over
// HTTP or in envelopes over Socket Mode.
//
// It keeps channels, messages with all their revisions, threads, ephemeral
// messages, modals and home tabs in memory, and refuses what Slack would
// refuse, in Slack's own words: block and text limits, unknown fields, expired
// triggers, channels the bot is not in. Where Slack's rule is not published it
// takes the strictest reading, so that what passes here passes there.
//
// It serves over a socket (it is an http.Handler) and in process (Transport, and
// Dial for WebSockets), where it may live inside a testing/synctest bubble: no
// goroutine outlives its connection.
// It knows nothing of the bot that talks to it.
package fakeslack
