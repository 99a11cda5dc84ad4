package bot

import (
	"bytes"
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestAPanicOverOneRequest is a bug that ends neither the process nor what
// others asked for, and its words, perhaps a customer's, are not logged.
func TestAPanicOverOneRequest(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	d := &dispatcher{log: slog.New(slog.NewTextHandler(&log, nil))}
	answered := make(chan struct{})
	require.True(t, d.Start(t.Context(), func(context.Context) { panic("hunter2") }))
	require.True(t, d.Start(t.Context(), func(context.Context) { close(answered) }))
	<-answered
	d.stop(time.Minute)
	assert.Contains(t, log.String(), "panic in request of slack")
	assert.NotContains(t, log.String(), "hunter2")
	assert.False(t, d.Start(t.Context(), func(context.Context) {}), "it has stopped")
}
