// Package message says how things look in Slack: values in, blocks and text
// out. It knows neither the store nor the network nor the time of day.
//
// Three rules hold for all it makes, whatever the values:
//
//   - Nothing anyone wrote is parsed by Slack. It stands in rich_text and
//     plain_text, where nothing is parsed, or is escaped where something is
//     (see [escape]). So a customer's "<!channel>" is nine characters and more.
//   - All of Slack's limits hold; limits.go has them all. Text is cut, with "…",
//     only past them.
//   - A value that is missing leaves its part out. No text is ever empty.
//
// All words are in words.go.
package message
