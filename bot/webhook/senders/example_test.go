package senders_test

import (
	"fmt"
	"net/http"
	"time"

	"smileybot/bot/webhook/sender"
	"smileybot/bot/webhook/senders"
)

// A mapping describes a sender that is not ready-made. A dry run shows what its body would become.
func ExampleMappings() {
	list, err := senders.Mappings([]byte(`
senders:
  shop:
    proof: bearer
    fields:
      id: $.order
      kind: {constant: csat}
      channel: {constant: email}
      score: $.stars
      customer.name: $.buyer.name
      occurred_at: $.at
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	shop, err := list[0].Enable(sender.Settings{Secrets: []string{"a-token-of-the-shop"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	body := `{"order": 4711, "stars": "4", "buyer": {"name": "Jan"}, "at": "2026-11-20T10:31:00Z"}`
	for _, event := range shop.DryRun(sender.Delivery{Header: http.Header{}, Body: []byte(body), ReceivedAt: time.Now()}).Events {
		for _, field := range sender.Show(event) {
			fmt.Println(field.Name+":", field.Value)
		}
	}
	// Output:
	// id: 4711
	// kind: csat
	// channel: email
	// score: 4
	// customer.name: Jan
	// occurred_at: 2026-11-20T10:31:00Z
}
