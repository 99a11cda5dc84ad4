package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"smileybot/bot"
)

func TestHealthExitsByTheAnswer(t *testing.T) {
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "/healthz", r.URL.Path)
		w.WriteHeader(status)
		_, _ = w.Write([]byte("ok\n"))
	}))
	address := strings.TrimPrefix(server.URL, "http://")
	setenv(t, map[string]string{"SMILEYBOT_ADMIN_LISTEN": address, "SMILEYBOT_LANGUAGE": "not read"})
	assert.Equal(t, called{exitOK, "ok\n", ""}, call(t, "health"))

	_, port, _ := strings.Cut(address, ":")
	for _, everywhere := range []string{":" + port, "0.0.0.0:" + port} {
		t.Setenv("SMILEYBOT_ADMIN_LISTEN", everywhere)
		assert.Equal(t, exitOK, call(t, "health").status, everywhere)
	}

	status = http.StatusServiceUnavailable
	answer := call(t, "health")
	assert.Equal(t, exitFailed, answer.status)
	assert.Contains(t, answer.stderr, "answers 503")

	server.Close()
	answer = call(t, "health")
	assert.Equal(t, exitFailed, answer.status)
	assert.Contains(t, answer.stderr, "the bot does not answer")

	t.Setenv("SMILEYBOT_ADMIN_LISTEN", "9090")
	assert.Equal(t, called{exitFailed, "", "smileybot: SMILEYBOT_ADMIN_LISTEN must be host:port or unix:PATH: address 9090: missing port in address\n"}, call(t, "health"))
	t.Setenv("SMILEYBOT_ADMIN_LISTEN", "")
	assert.Equal(t, "127.0.0.1:9090", bot.AdminListen())
}
