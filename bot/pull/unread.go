package pull

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"smileybot/bot/webhook/sender"
	"smileybot/store"
)

// WholeReview is the field for a review that cannot be read.
const WholeReview = "*"

// maxKept bounds what a sender's reviews are recognised by, which is 32 bytes each.
const maxKept = 10_000

// keep stores the reviews of a page that cannot be read for the operator, next to the refused webhooks.
// One that is read again as it was is neither stored nor counted again, until the bot starts again.
func (p *Puller) keep(ctx context.Context, s *pulled, unread []sender.Part, now time.Time) error {
	for _, part := range unread {
		body, err := json.Marshal(part.Value)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(body)
		if s.kept[sum] {
			continue
		}
		detail := []string{"A review was left out, the rest of the page was taken."}
		for _, problem := range part.Problems {
			detail = append(detail, problem.String())
		}
		err = p.store.RecordRejected(ctx, store.RejectedDelivery{
			Sender: s.name, Status: http.StatusUnprocessableEntity, Detail: strings.Join(detail, "; "), ReceivedAt: now, Body: body,
		})
		if err != nil {
			return err
		}
		if len(s.kept) >= maxKept {
			clear(s.kept)
		}
		s.kept[sum] = true
		p.Lost(s.name, WholeReview)
	}
	return nil
}
