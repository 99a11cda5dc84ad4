package soak

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestFullDisk fills the disk under the real program: senders get 503 with a Retry-After, nothing
// that was acknowledged is lost, and with room again the program goes on by itself.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("compiles the program and fills a disk")
	}
	folder := smallDisk(t, 6)
	w := newWorld(t, 1)
	w.path = filepath.Join(folder, "smileybot.db")
	w.env = append(w.env, "SMILEYBOT_DATABASE="+w.path)
	w.run()
	require.True(t, w.running.up(t), w.running.said())
	w.url.Store(&w.running.url)
	ballast := filepath.Join(folder, "ballast")
	for round := range 3 {
		w.rate(t, round, 40)
		fillUp(t, ballast)
		refused := w.rateUntilFull(t, round)
		assert.Equal(t, http.StatusServiceUnavailable, w.ready(t))
		require.NoError(t, os.Remove(ballast))
		for _, e := range refused { // the senders try again
			w.deliver(e)
		}
		assert.Equal(t, http.StatusOK, w.ready(t))
	}
	w.running.stop(t)

	// A start on a full disk ends with the reason, or goes on where it was.
	fillUp(t, ballast)
	s := start(t, w.program, w.env)
	if s.up(t) {
		s.stop(t)
	} else {
		assert.Regexp(t, `disk|full|room|space`, s.said())
	}
	require.NoError(t, os.Remove(ballast))
	book := openBook(t, w.path)
	book.agrees(t, &w.ledger)
	w.run()
	require.True(t, w.running.up(t), w.running.said())
	w.running.stop(t)
}

// rate sends ratings that are stored.
func (w *world) rate(tb testing.TB, round, n int) {
	tb.Helper()
	for i := range n {
		w.deliver(w.one(fmt.Sprintf("%d-%d", round, i)))
	}
}

func (w *world) one(id string) event {
	comment := "Stap 3 klopt niet meer."
	return event{delivery: "d-" + id, id: "r-" + id, channel: channels[len(id)%len(channels)], at: time.Now().UTC().Add(-time.Hour), smiley: "red", comment: &comment}
}

// rateUntilFull sends ratings until many were refused, and returns these.
func (w *world) rateUntilFull(tb testing.TB, round int) (refused []event) {
	tb.Helper()
	for i := 0; len(refused) < 20; i++ {
		require.Less(tb, i, 20_000, "the disk does not run full")
		e := w.one(fmt.Sprintf("full-%d-%d", round, i))
		r, err := http.NewRequestWithContext(tb.Context(), http.MethodPost, *w.url.Load()+"/webhooks/feedback", strings.NewReader(e.body()))
		require.NoError(tb, err)
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("webhook-id", e.delivery)
		response, err := http.DefaultClient.Do(r)
		require.NoError(tb, err)
		text, err := io.ReadAll(response.Body)
		require.NoError(tb, errors.Join(err, response.Body.Close()))
		if response.StatusCode == http.StatusAccepted {
			var a answered
			require.NoError(tb, json.Unmarshal(text, &a))
			w.ledger.take(e, a.ID)
			continue
		}
		assert.Equal(tb, http.StatusServiceUnavailable, response.StatusCode, "%s", text)
		wait, err := strconv.Atoi(response.Header.Get("Retry-After"))
		assert.NoError(tb, err)
		assert.Positive(tb, wait)
		refused = append(refused, e)
	}
	return refused
}

func (w *world) ready(tb testing.TB) int {
	tb.Helper()
	r, err := http.NewRequestWithContext(tb.Context(), http.MethodGet, w.running.admin+"/readyz", http.NoBody)
	require.NoError(tb, err)
	response, err := http.DefaultClient.Do(r)
	require.NoError(tb, err)
	require.NoError(tb, response.Body.Close())
	return response.StatusCode
}

// smallDisk mounts a file system of so many MiB, which is gone after the test.
func smallDisk(t *testing.T, mib int) string {
	t.Helper()
	folder := t.TempDir()
	said, err := exec.CommandContext(t.Context(), "mount", "-t", "tmpfs", "-o", fmt.Sprintf("size=%dm", mib), "tmpfs", folder).CombinedOutput()
	if err != nil {
		if os.Getenv("CI") != "" {
			require.NoError(t, err, "CI may mount: %s", said)
		}
		t.Skipf("a small disk cannot be mounted here, which needs root: %s", said)
	}
	t.Cleanup(func() { require.NoError(t, syscall.Unmount(folder, 0)) })
	return folder
}

// fillUp writes a file until there is no more room.
func fillUp(tb testing.TB, path string) {
	tb.Helper()
	file, err := os.Create(path)
	require.NoError(tb, err)
	defer file.Close()
	for _, block := range []int{1 << 16, 1 << 12, 1 << 9} {
		for err = nil; err == nil; {
			_, err = file.Write(make([]byte, block))
		}
	}
	require.ErrorIs(tb, err, syscall.ENOSPC)
}
