// Package message says how things look in Slack: values in, blocks and text out. It knows neither
// the store nor the network nor the time of day.
//
// Three rules hold for everything it makes, whatever the values:
//
//   - Slack parses nothing that people wrote. It is in rich_text and plain_text, where nothing is
//     parsed, or it is escaped (see [escape]). So a customer's "<!channel>" pings no one.
//   - Slack's limits hold; those that a value could exceed are in length.go. A comment and a note
//     are cut, with "…", only at Slack's limits; a value next to other words, such as a name, is a
//     [phrase] with a smaller limit.
//   - A missing value leaves its part out. No text of a block is empty.
//
// A [Message] has blocks, and a text for notifications and screen readers. When Slack refuses the
// blocks, the caller sends [Message.Plain].
//
// # Sentences
//
// A [Renderer] writes one language. Every sentence is in its catalogue, catalogue/active.en.toml or
// active.nl.toml, under a key; [Renderer.text] looks it up. What is the same in every language, such
// as "NPS 9/10", is not in the catalogues. To add a sentence:
//
//   - Put it into all catalogues under one key, as a whole: half a sentence glued to another cannot
//     be translated. A key begins with what the sentence is about (queue_…, form_…). go-i18n reserves
//     a few names: id, description, zero, one, two, few, many and other.
//   - A value is written {{.place}}. Values are never read as templates, and Slack does not parse
//     them: they become plain text or are escaped.
//   - A number that decides between singular and plural is called n, and the sentence has both
//     forms: {one = "{{.n}} day", other = "{{.n}} days"}. Other numbers that have decimals or can
//     exceed a thousand go through [Renderer.number] first.
//   - A sentence with a user, a link, a time or bold words in it is made by [Renderer.line], whose
//     values may be lines themselves: [Renderer.user], [channel], [linked], [Renderer.time], [bold].
//     Each language decides on their order.
//   - A value of the subject, such as an outcome, has a key of its own, outcome_guide_fixed: the
//     literal that begins the key ends with "_".
//
// Tests find a sentence outside the catalogues, a key that is missing or unused, and places that
// differ between languages. Golden files in testdata show each message to its reviewer: in full in
// English, and the texts alone for other languages.
package message
