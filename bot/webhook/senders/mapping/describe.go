package mapping

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"go.yaml.in/yaml/v3"

	"smileybot/bot/webhook/sender"
	"smileybot/feedback"
)

// sender reads one sender.
func (r *reader) sender(name string, n *yaml.Node) sender.Sender {
	e := r.entries(n, senderKeys()...)
	m := mapping{
		only: r.conditions(inOnly, e["only"]), takenBack: r.conditions(inTakenBack, e["taken_back"]),
		each: r.each(e["each"]), fields: make(map[string]source),
	}
	s := sender.Sender{Name: name, Forms: true, Lists: true, Methods: r.methods(e["method"])}
	switch {
	case e["pull"] != nil && (e["proof"] != nil || e["delivery_id"] != nil):
		r.wrong(e["pull"], "both asked and posted to", "keep pull, or proof and delivery_id")
	case e["pull"] != nil:
		if s.Pull = r.pull(e["pull"], m); s.Pull != nil && s.Pull.Site != "" {
			r.ofSite(n)
			return s
		}
	case e["proof"] == nil:
		r.wrong(n, "no proof", "write proof: bearer, proof: path, or proof: {hmac: …}; nothing is taken unproved")
	default:
		s.Proof = r.proof(e["proof"], s.Methods)
		if s.Proof.Kind == sender.StandardWebhooks {
			s.DeliveryID.Header = standardwebhooks.HeaderWebhookID // unless there is another one
		}
	}
	if id := e["delivery_id"]; id != nil {
		in := r.entries(id, deliveryIDKeys()...)
		s.DeliveryID.Header, s.DeliveryID.Path = r.text(in["header"]), r.path(in["path"])
		if (in["header"] == nil) == (in["path"] == nil) {
			r.wrong(id, "neither or both of header and path", "write one of them")
		}
	}
	s.Accepted, s.Challenge = r.answer(e["answer"]), r.challenge(e["challenge"])
	if e["fields"] == nil {
		r.wrong(n, "no fields", "write fields: and where id, kind, channel and smiley or score are")
	} else {
		r.fields(m.fields, e["fields"])
	}
	m.hidden = hiddenBy(s)
	s.Translate, s.Conditions = m.translate, m.conditions
	return s
}

// each reads where the ratings of a body are: a path, or a jq expression.
func (r *reader) each(n *yaml.Node) *ratings {
	if n == nil {
		return nil
	}
	if n.Kind != yaml.MappingNode {
		path := r.path(n)
		if path == nil {
			return &ratings{}
		}
		return &ratings{text: path.String(), find: func(r *reading, most int) ([]sender.Tree, error) { return r.body.Select(path, most) }}
	}
	e := r.entries(n, eachKeys()...)
	if e["jq"] == nil {
		r.wrong(n, "no expression", "write a path, as in each: $.events[*], or {jq: .events[]}")
		return &ratings{}
	}
	program := r.program(e["jq"])
	return &ratings{text: shortened(e["jq"].Value), find: func(r *reading, most int) ([]sender.Tree, error) {
		values, err := program.All(r.body.Value, r.variables, r.budget, most)
		items := make([]sender.Tree, len(values))
		for i, value := range values {
			items[i] = r.body.With(value)
		}
		return items, err
	}}
}

// methods reads the methods of the requests: POST by default.
func (r *reader) methods(n *yaml.Node) []string {
	if n == nil {
		return nil
	}
	var all []string
	for _, one := range nodes(n) {
		method := r.text(one)
		switch {
		case !slices.Contains(methodWords(), method):
			r.wrong(one, "no such method", "write one of "+strings.Join(methodWords(), ", ")+", or a list of them")
		case slices.Contains(all, method):
			r.wrong(one, "said twice", "keep one")
		}
		all = append(all, method)
	}
	if len(all) == 0 {
		r.wrong(n, "an empty list", "write POST, PUT or GET, or leave method out, which is POST")
	}
	return all
}

// answer reads the status that answers what was stored, 0 without one.
func (r *reader) answer(n *yaml.Node) int {
	if n == nil {
		return 0
	}
	status, err := strconv.Atoi(r.text(n))
	if err != nil || status < http.StatusOK || status >= http.StatusMultipleChoices {
		r.wrong(n, "no status of success", "write a number from 200 to 299, as in answer: 200")
	}
	return status
}

// challenge reads the handshake.
func (r *reader) challenge(n *yaml.Node) sender.Challenge {
	const remedy = "write {query: hub.challenge, token: hub.verify_token}, or {body: $.challenge}"
	var c sender.Challenge
	if n == nil {
		return c
	}
	e := r.entries(n, challengeKeys()...)
	c.Query, c.Token, c.Path = r.text(e["query"]), r.text(e["token"]), r.path(e["body"])
	switch {
	case (e["query"] == nil) == (e["body"] == nil):
		r.wrong(n, "neither or both of query and body", remedy)
	case e["query"] != nil && (c.Query == "" || c.Token == ""):
		r.wrong(n, "no parameter with the secret, so that anyone could register the address", remedy)
	case e["body"] != nil && e["token"] != nil:
		r.wrong(e["token"], "a challenge in the body is proved like a webhook", "leave token out")
	}
	return c
}

// fields reads where the fields are.
func (r *reader) fields(m map[string]source, n *yaml.Node) {
	for field, value := range r.entries(n, fieldNames()...) {
		m[field] = r.source(field, value)
	}
	r.required(m, n, "write where it is, as in id: $.ticket.id or kind: {constant: smiley}")
}

// required reports required fields that are missing.
func (r *reader) required(m map[string]source, n *yaml.Node, remedy string) {
	var missing []string
	for _, field := range []string{"id", "kind", "channel"} {
		if _, there := m[field]; !there {
			missing = append(missing, field)
		}
	}
	_, smiley := m["smiley"]
	_, score := m["score"]
	kind := m["kind"]
	isSmiley := kind.text == string(feedback.KindSmiley)
	switch {
	case !kind.constant && !smiley && !score:
		missing = append(missing, "smiley or score")
	case kind.constant && isSmiley && !smiley:
		missing = append(missing, "smiley")
	case kind.constant && !isSmiley && !score:
		missing = append(missing, "score")
	}
	if len(missing) > 0 {
		r.wrong(n, "missing: "+strings.Join(missing, ", "), remedy)
	}
}
