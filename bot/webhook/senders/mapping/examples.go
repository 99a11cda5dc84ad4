package mapping

import (
	"crypto/sha1" //nolint:gosec // what Zammad signs with; as an HMAC it is not broken
	"embed"

	"smileybot/bot/webhook/sender"
)

//go:embed samples
var files embed.FS

// Examples are senders with a ready-made mapping in docs/senders/mappings, with samples to post. Their
// bodies are those of our own templates, scripts and pages in docs/senders. They have no Translate,
// which is in the mapping.
func Examples() []sender.Sender {
	bearer, path := sender.Proof{Kind: sender.BearerToken}, sender.Proof{Kind: sender.PathSecret}
	all := []sender.Sender{
		{Name: "freescout", Proof: bearer, Example: sender.Example{
			File: "samples/freescout.form", IDs: []string{"conversation_id"}, Rating: "rating", Comment: "comment", UnixTimes: []string{"time"},
		}},
		{Name: "freshdesk", Proof: bearer, Example: sender.Example{
			File: "samples/freshdesk.json", IDs: []string{"ticket_id"}, Rating: "rating", Comment: "comment",
		}},
		{Name: "googleforms", Proof: bearer, DeliveryID: sender.DeliveryID{Field: "delivery"}, Example: sender.Example{
			File: "samples/googleforms.json", IDs: []string{"response"}, Rating: "answers.score", Comment: "answers.why", Times: []string{"at"},
		}},
		{Name: "osticket", Proof: path, Example: sender.Example{
			File: "samples/osticket.form", IDs: []string{"ticket"}, Rating: "smiley", Comment: "comment", Without: []string{"at"},
		}},
		{
			// https://github.com/zammad/zammad-admin-documentation, manage/webhook/payload.rst
			Name: "zammad", DeliveryID: sender.DeliveryID{Header: "X-Zammad-Delivery"},
			Proof: sender.Proof{Kind: sender.Signature, HMAC: sender.HMAC{
				Header: "X-Hub-Signature", Prefix: "sha1=", Hash: sha1.New, Encoding: sender.Hex,
			}},
			Example: sender.Example{
				File: "samples/zammad.json", IDs: []string{"ticket_id"}, Rating: "rating", Comment: "comment", Times: []string{"updated_at"},
			},
		},
	}
	for i, s := range all {
		all[i].Files = files
		all[i].Samples = sender.SamplesOf("docs/senders/"+s.Name+".md", sender.Template, s.Example.File)
	}
	return all
}
