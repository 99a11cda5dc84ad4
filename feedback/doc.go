// Package feedback is the subject of smileybot: what a customer's feedback is, how later events
// change it, when it counts, and when a customer is at risk. Its packages hold the rest: followup
// the task that an unhappy answer opens, office the days and opening hours, score the figures.
//
// All four are pure. They do no I/O and read no clock: the moment is always an argument, so every
// rule can be tested as a table.
package feedback
