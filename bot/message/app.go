package message

// App is what the app says of itself in Slack's directory of apps, in short and
// at length.
func (s *Speaker) App() (short, long string) { return s.say("app_short"), s.say("app_long") }

// Command is what Slack shows of a slash command to those who type it: what it
// tells, and what may follow it. command has no slash; one that the catalogues do
// not know says its key.
func (s *Speaker) Command(command string) (description, usage string) {
	return s.say("command_" + command), s.say("usage_" + command)
}
