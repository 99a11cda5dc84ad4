// Package message says how things look in Slack: values in, blocks and text
// out. It knows neither the store nor the network nor the time of day.
//
// Three rules hold for all it makes, whatever the values:
//
//   - Nothing anyone wrote is parsed by Slack. It stands in rich_text and
//     plain_text, where nothing is parsed, or is escaped where something is
//     (see [escape]). So a customer's "<!channel>" is nine characters and more.
//   - Slack's limits hold; those that a value could pass are in limits.go. In
//     blocks a comment and a note are cut, with "…", only past them; what stands
//     beside other words, such as a name, is a [phrase] with a limit of ours.
//   - A value that is missing leaves its part out. No text of a block is empty.
//
// The words are English. Those for the values of package feedback are in
// words.go, scorewords.go and periodwords.go (the parts of a split are called as
// in [feedback.Split]), those of buttons and form in words.go; a sentence that is
// said in one place stands there. The examples of [NotUnderstood] and what is
// wrong with smileybot itself, see [Health], come from outside.
package message
