package mapping

import (
	"crypto/sha1" //nolint:gosec // what Zammad signs with; as an HMAC it is not broken
	"embed"
	"strings"

	"smileybot/bot/webhook/sender"
)

//go:embed samples
var files embed.FS

// Examples are senders with a ready-made mapping in docs/senders/mappings, with samples to post. Their
// bodies are those of our own templates, scripts and pages in docs/senders. They have no Decode, which
// is in the mapping.
func Examples() []sender.Sender {
	bearer, path := sender.Proof{Kind: sender.BearerToken}, sender.Proof{Kind: sender.PathSecret}
	return []sender.Sender{
		{
			Name: "freescout", Proof: bearer, Files: files,
			Example: sender.Example{
				Sample: template("freescout.form"), IDs: []string{"conversation_id"}, Rating: "rating", Comment: "comment", UnixTimes: []string{"time"},
			},
		},
		{
			Name: "freshdesk", Proof: bearer, Files: files,
			Example: sender.Example{Sample: template("freshdesk.json"), IDs: []string{"ticket_id"}, Rating: "rating", Comment: "comment"},
		},
		{
			Name: "googleforms", Proof: bearer, Files: files, DeliveryID: sender.DeliveryID{Field: "delivery"},
			Example: sender.Example{
				Sample: template("googleforms.json"), IDs: []string{"response"}, Rating: "answers.score", Comment: "answers.why", Times: []string{"at"},
			},
		},
		{
			Name: "osticket", Proof: path, Files: files,
			Example: sender.Example{
				Sample: template("osticket.form"), IDs: []string{"ticket"}, Rating: "smiley", Comment: "comment", Without: []string{"at"},
			},
		},
		{
			// https://github.com/zammad/zammad-admin-documentation, manage/webhook/payload.rst
			Name: "zammad", DeliveryID: sender.DeliveryID{Header: "X-Zammad-Delivery"}, Files: files,
			Proof: sender.Proof{Kind: sender.Signature, HMAC: sender.HMAC{
				Header: "X-Hub-Signature", Prefix: "sha1=", Hash: sha1.New, Encoding: sender.Hex,
			}},
			Example: sender.Example{
				Sample: template("zammad.json"), IDs: []string{"ticket_id"}, Rating: "rating", Comment: "comment", Times: []string{"updated_at"},
			},
		},
	}
}

// template is a sample in the shape that the sender's page has for pasting.
func template(file string) sender.Sample {
	name, _, _ := strings.Cut(file, ".")
	return sender.Sample{File: "samples/" + file, Grade: sender.Template, Source: "docs/senders/" + name + ".md"}
}
