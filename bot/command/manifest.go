package command

import (
	"bytes"
	_ "embed" // for the manifest
	"encoding/json"
	"text/template"

	"smileybot/bot/message"
)

// manifest is the manifest of the Slack app (https://docs.slack.dev/reference/app-manifest).
//
//go:embed manifest.json.tmpl
var manifest string

// slashCommand describes a slash command in the names of the manifest's schema.
type slashCommand struct {
	Command     string `json:"command"`
	URL         string `json:"url,omitempty"`
	Description string `json:"description"`
	UsageHint   string `json:"usage_hint"`
	// Escape is on: Slack turns @bob into the id of the user, which no method looks up by handle.
	Escape bool `json:"should_escape"`
}

// Manifest returns the manifest of the Slack app as JSON, described in the renderer's language. All
// addresses are below base, which is empty for Socket Mode and has no slash at its end.
func Manifest(base string, renderer *message.Renderer) ([]byte, error) {
	filled, err := template.New("manifest").Funcs(template.FuncMap{"json": asJSON}).Parse(manifest)
	if err != nil {
		return nil, err
	}
	short, long := renderer.App()
	var compact, out bytes.Buffer
	err = filled.Execute(&compact, map[string]any{
		"Short": short, "Long": long, "Base": base,
		"Shortcuts": shortcuts(renderer), "Commands": slashCommands(base, renderer), "Scopes": append(Scopes(), ScopeEmail),
	})
	if err != nil {
		return nil, err
	}
	err = json.Indent(&out, compact.Bytes(), "", "  ")
	return out.Bytes(), err
}

// asJSON returns a value as JSON that is not escaped for HTML.
func asJSON(value any) (string, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return out.String(), err
}

// slashLabels returns the slash commands that the bot answers, in the order of the manifest. A command
// that is not in this list is unknown.
func slashLabels() []label {
	return []label{
		labelNPS, labelCSAT, labelSmileys, labelCES, labelNLS, labelReviews, labelService, labelFollowUps, labelCustomer, labelSmileybot,
	}
}

// slashCommands describes every command that the bot answers.
func slashCommands(base string, renderer *message.Renderer) []slashCommand {
	var all []slashCommand
	for _, l := range slashLabels() {
		c := slashCommand{Command: "/" + string(l), Escape: true}
		c.Description, c.UsageHint = renderer.Command(string(l))
		if base != "" {
			c.URL = base + "/slack/commands"
		}
		all = append(all, c)
	}
	return all
}

// shortcut describes a shortcut in the names of the manifest's schema.
type shortcut struct {
	Name        string `json:"name"`
	Type        string `json:"type"` // message or global
	Callback    string `json:"callback_id"`
	Description string `json:"description"`
}

// shortcuts describes every shortcut that the bot answers.
func shortcuts(renderer *message.Renderer) []shortcut {
	all := []shortcut{
		{Type: "message", Callback: message.ShortcutOpen},
		{Type: "message", Callback: message.ShortcutClaim},
		{Type: "global", Callback: message.CallbackMine},
	}
	for i := range all {
		all[i].Name, all[i].Description = renderer.Shortcut(all[i].Callback)
	}
	return all
}

// ScopeEmail lets the bot find the Slack user of an agent of the ticket system. Without it Home tabs
// lack people's own ratings.
const ScopeEmail = "users:read.email"

// Scopes returns those that the bot token needs: to post and to answer commands, to read channels
// for posts in doubt and for their members, and to recognize guests.
func Scopes() []string {
	return []string{
		"chat:write", "commands",
		"channels:history", "groups:history",
		"channels:read", "groups:read",
		"users:read",
	}
}
