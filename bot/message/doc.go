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
// # Words
//
// A [Speaker] speaks one language. Every sentence it says stands in its catalogue,
// catalogue/active.en.toml or active.nl.toml, under a key; [Speaker.say] looks it
// up. What is the same in every language, such as "NPS 9/10", is no sentence.
// To add a sentence:
//
//   - Put it into all catalogues under one key, whole: half a sentence glued to
//     another cannot be translated. Keys are told apart by what they are about
//     (queue_…, form_…); go-i18n keeps a few names for itself: id, description,
//     zero, one, two, few, many and other.
//   - A value stands as {{.place}}. What fills a place is never read as a template,
//     and Slack parses none of it: it becomes plain text or is escaped.
//   - A number that decides between singular and plural is called n, and the
//     sentence has its forms: {one = "{{.n}} day", other = "{{.n}} days"}. Other
//     numbers that have decimals or can pass a thousand go through
//     [Speaker.number] first.
//   - A sentence with a person, a link, a moment or bold words in it is made by
//     [Speaker.line], whose values may be lines themselves: [Speaker.user],
//     [channel], [linked], [Speaker.time], [bold]. Each language puts them where it
//     has them.
//   - A value of the subject, such as an outcome, is a key of its own,
//     outcome_guide_fixed: the literal that begins it ends with "_".
//
// Tests tell of a sentence that is not in the catalogues, of a key that is missing
// or that nobody says, and of places that differ; golden files in testdata, one
// folder a language, show each message to its reviewer.
package message
