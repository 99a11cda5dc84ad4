package mapping

import (
	"net/http"
	"slices"

	"smileybot/bot/webhook/sender"
)

// The keys of a file of mappings, by the object that has them. The reader and the schema for editors, docs/senders/mappings.schema.json, share them.

func senderKeys() []string {
	return []string{"method", "proof", "pull", "delivery_id", "answer", "challenge", "only", "taken_back", "each", "fields"}
}

func deliveryIDKeys() []string { return []string{"header", "path"} }

func challengeKeys() []string { return []string{"query", "token", "body"} }

func eachKeys() []string { return []string{"jq"} }

func conditionPlaces() []string { return []string{"path", "body", "form", "jq"} }

func conditionKeys() []string { return append(conditionPlaces(), "is") }

func fieldPlaces() []string { return []string{"path", "body", "form", "jq", "constant"} }

// sourceKeys are those of a field.
func sourceKeys(field string) []string {
	keys := append(fieldPlaces(), "values", "required")
	if isTime(field) {
		keys = append(keys, "format", "zone")
	}
	if field == "comment" {
		keys = append(keys, "added")
	}
	if slices.Contains([]string{"comment", "ticket.subject", "customer.name", "agent.name"}, field) {
		keys = append(keys, "html")
	}
	return keys
}

func proofWords() []string { return []string{"bearer", "path", "standard", "basic"} }

func proofKeys() []string { return []string{"hmac", "basic", "header", "query", "body"} }

func basicKeys() []string { return []string{"user"} }

func headerKeys() []string { return []string{"name", "prefix"} }

func hmacKeys() []string {
	return []string{"header", "part", "prefix", "algorithm", "encoding", "signed", "url", "timestamp"}
}

func timestampKeys() []string { return []string{"header", "part", "format"} }

func algorithmWords() []string { return []string{"sha1", "sha256", "sha512"} }

func methodWords() []string { return []string{http.MethodPost, http.MethodPut, http.MethodGet} }

func feedKeys() []string { return []string{"url", "headers", "every", "next", "cursor"} }

func cursorKeys() []string { return []string{"query", "path"} }

func siteKeys(s sender.PullSite) []string {
	return slices.Concat([]string{"site", "every"}, s.Required, s.Optional)
}
