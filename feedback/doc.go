// Package feedback is the subject of smileybot, pure: what a customer's answer
// is, how later events change it, which follow-up it causes, when that is due,
// and what the scores say. It does no I/O and reads no clock: the moment is
// always an argument, so every rule can be tested as a table.
package feedback
