package command

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/slack-go/slack"

	"smileybot/bot/message"
)

// reply is an answer as a response_url takes it. It replaces the message that was
// clicked only where a page is turned.
type reply struct {
	Type            string        `json:"response_type"`
	Text            string        `json:"text"`
	Blocks          []slack.Block `json:"blocks,omitempty"`
	ReplaceOriginal bool          `json:"replace_original"`
	UnfurlLinks     bool          `json:"unfurl_links"`
	UnfurlMedia     bool          `json:"unfurl_media"`
}

// Who sees a reply.
const (
	onlyThem     = "ephemeral"
	inTheChannel = "in_channel"
)

// refusedError says that Slack did not take a reply as it was.
type refusedError struct {
	status int
	code   string
}

func (e *refusedError) Error() string {
	return fmt.Sprintf("slack refused it: %d %q", e.status, e.code)
}

// blocks reports whether Slack refused what was said, rather than to have it said
// at that address: invalid_blocks, invalid_blocks_format, invalid_payload, or
// nothing but the status.
func (e *refusedError) blocks() bool {
	if e.code == "" {
		return e.status == http.StatusBadRequest
	}
	return strings.Contains(e.code, "block") || e.code == "invalid_payload"
}

// replace puts an answer in the place of the one that was clicked.
func (h *Handler) replace(ctx context.Context, address string, a message.Answer) {
	r := reply{Type: onlyThem, Text: a.Text, Blocks: a.Blocks, ReplaceOriginal: true}
	if err := h.send(ctx, address, r); err != nil {
		h.log.WarnContext(ctx, "slack did not take an answer", "error", err)
	}
}

// say answers through a response_url: to the person alone, or to the channel
// when shared. Blocks that Slack refuses are left out the second time, and if a chart
// was among them, there is none in the answers of the next day.
func (h *Handler) say(ctx context.Context, address string, a message.Answer, shared bool) {
	charted := a.Chartless != nil && h.charts.drawn(h.now())
	if a.Chartless != nil && !charted {
		a.Blocks = a.Chartless
	}
	r := reply{Type: onlyThem, Text: a.Text, Blocks: a.Blocks}
	if shared {
		r.Type = inTheChannel
	}
	err := h.send(ctx, address, r)
	var refused *refusedError
	if errors.As(err, &refused) && len(r.Blocks) > 0 {
		if charted && refused.blocks() {
			h.charts.refused(ctx, h.now(), h.log)
		}
		h.log.WarnContext(ctx, "slack refused an answer, it is sent as text", "error", err)
		r.Blocks = nil
		err = h.send(ctx, address, r)
	}
	if err != nil {
		h.log.WarnContext(ctx, "slack did not take an answer", "error", err)
	}
}

// send posts a reply once. Its error never names the address, which whoever
// knows it may answer through.
func (h *Handler) send(ctx context.Context, address string, r reply) (err error) {
	defer func() { h.slack.count("response_url", sent(err)) }()
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	body, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("response_url: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return errors.New("response_url: not an address")
	}
	request.Header.Set("Content-Type", "application/json; charset=utf-8")
	response, err := h.http.Do(request)
	if err != nil {
		return trouble("response_url", err)
	}
	defer response.Body.Close()
	return verdictOf(response)
}

// sent is how a reply went, as the metric counts it.
func sent(err error) string {
	if _, refused := errors.AsType[*refusedError](err); refused {
		return "refused"
	}
	return outcome(err)
}

// verdictOf tells whether Slack took a reply. It says "ok", or {"ok": false}
// with the reason, whatever the status.
func verdictOf(response *http.Response) error {
	const enough = 4096
	said, err := io.ReadAll(io.LimitReader(response.Body, enough))
	if err != nil {
		return trouble("response_url", err)
	}
	verdict := struct {
		OK    *bool  `json:"ok"`
		Error string `json:"error"`
	}{}
	isJSON := json.Unmarshal(said, &verdict) == nil
	refused := &refusedError{response.StatusCode, fmt.Sprintf("%.60s", verdict.Error)}
	switch {
	case response.StatusCode == http.StatusTooManyRequests, response.StatusCode >= http.StatusInternalServerError:
		return fmt.Errorf("response_url: slack answered %d", response.StatusCode)
	case response.StatusCode >= http.StatusBadRequest, isJSON && verdict.OK != nil && !*verdict.OK:
		return refused
	default:
		return nil
	}
}
