package fakeslack

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// Send delivers a request to the app as Slack does, and does what the answer
// says: after a submission the modal closes, changes or shows errors (see
// Answered). The client reaches the app. Answers to commands are not shown:
// they come through the response_url.
func (s *Server) Send(client *http.Client, req *http.Request) (status int, body []byte, err error) {
	submitted := submittedView(req)
	res, err := client.Do(req) //nolint:gosec // the test or the demo chose the address
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	if body, err = io.ReadAll(io.LimitReader(res.Body, maxBody)); err != nil {
		return res.StatusCode, nil, fmt.Errorf("read the app's answer: %w", err)
	}
	if submitted != "" && res.StatusCode == http.StatusOK {
		err = s.Answered(submitted, body)
	}
	return res.StatusCode, body, err
}

// submittedView returns the id of the modal that a request submits; empty when
// it is another request.
func submittedView(req *http.Request) string {
	if req.GetBody == nil {
		return ""
	}
	body, err := req.GetBody()
	if err != nil {
		return ""
	}
	raw, err := io.ReadAll(body)
	if err != nil {
		return ""
	}
	form, err := url.ParseQuery(string(raw))
	if err != nil {
		return ""
	}
	var payload struct {
		Type string `json:"type"`
		View struct {
			ID string `json:"id"`
		} `json:"view"`
	}
	if json.Unmarshal([]byte(form.Get("payload")), &payload) != nil || payload.Type != "view_submission" {
		return ""
	}
	return payload.View.ID
}
