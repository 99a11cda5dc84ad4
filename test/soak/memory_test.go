package soak

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	maxResident = 150 // MiB, of the whole program
	cgroupLimit = 256 // MiB
)

// TestMemoryOfUnprovedRequests: 1,024 connections with the largest unproved requests of any kind take
// less than 150 MiB in all, and senders are served in the meantime.
func TestMemoryOfUnprovedRequests(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("compiles the program and holds thousands of connections")
	}
	w := newWorld(t, 1)
	w.env = append(w.env, "SMILEYBOT_WEBHOOK_SECRETS=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	w.run()
	require.True(t, w.running.up(t), w.running.said())
	w.url.Store(&w.running.url)
	address := strings.TrimPrefix(w.running.url, "http://")
	newCgroup(t).confine(w.running.command.Process.Pid)

	now := strconv.FormatInt(time.Now().Unix(), 10)
	webhook := "POST /webhooks/feedback HTTP/1.1\r\nHost: bot\r\nContent-Type: application/json\r\n"
	slack := "POST /slack/interactions HTTP/1.1\r\nHost: bot\r\nContent-Type: application/x-www-form-urlencoded\r\n"
	webhookSigned := webhook + "webhook-id: 1\r\nwebhook-timestamp: " + now + "\r\nwebhook-signature: v1,AAAA\r\n"
	slackSigned := slack + "X-Slack-Request-Timestamp: " + now + "\r\nX-Slack-Signature: v0=" + strings.Repeat("0", 64) + "\r\n"
	short := func(head string, length int) string { // by one byte
		return head + "Content-Length: " + strconv.Itoa(length) + "\r\n\r\n" + strings.Repeat("x", length-1)
	}
	chunked := func(head string, length int) string {
		return head + fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n", length) + strings.Repeat("x", length-1)
	}
	const webhookMost, slackMost = 256 << 10, 1 << 20
	for _, kind := range []struct {
		name  string
		sends func(n int) string
	}{
		{"silent connections", func(int) string { return "" }},
		{"webhooks and requests for slack", func(n int) string {
			return []string{
				short(webhookSigned, webhookMost), short(slackSigned, slackMost),
				chunked(webhookSigned, webhookMost), chunked(slackSigned, slackMost),
			}[n%4]
		}},
		{"unsigned ones", func(int) string { return short(webhook, webhookMost) }},
		{"the largest heads", func(int) string {
			return short(slackSigned+strings.Repeat("X-A: "+strings.Repeat("a", 115)+"\r\n", 90), slackMost)
		}},
		{"heads of many names", func(int) string { return short(slackSigned+headers(90), slackMost) }},
		{"heads without an end", func(int) string { return webhook + headers(3000) }},
		{"whole ones with a wrong signature", func(int) string { return short(slackSigned, slackMost) + "x" }},
	} {
		w.underLoad(kind.name, func() { crowd(t, address, kind.sends) })
		resident := memory(t, w.running.command.Process.Pid, "VmHWM")
		t.Logf("%s: at most %d MiB so far", kind.name, resident)
		assert.Less(t, resident, maxResident, kind.name)
	}
	w.running.stop(t)
}

// headers are short ones, each with a name of its own.
func headers(n int) string {
	var all strings.Builder
	for i := range n {
		fmt.Fprintf(&all, "%x:\r\n", i)
	}
	return all.String()
}

// crowd opens as many connections as the program holds, has each send something and then wait.
func crowd(tb testing.TB, address string, sends func(n int) string) {
	tb.Helper()
	const connections = 1024
	assert.Greater(tb, gather(tb, address, connections, sends), connections/2)
}

// gather opens connections, has each send something and then wait, and returns how many were open.
func gather(tb testing.TB, address string, connections int, sends func(n int) string) int {
	tb.Helper()
	const (
		at    = 64 // at a time
		waits = 1100 * time.Millisecond
	)
	var mu sync.Mutex
	var open []net.Conn
	var clients sync.WaitGroup
	for n := range at {
		clients.Go(func() {
			for i := n; i < connections; i += at {
				conn, err := new(net.Dialer).DialContext(tb.Context(), "tcp", address)
				if err != nil {
					continue // the program closed it
				}
				_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
				_, _ = io.WriteString(conn, sends(i)) // as far as it is read
				mu.Lock()
				open = append(open, conn)
				mu.Unlock()
			}
		})
	}
	clients.Wait()
	time.Sleep(waits)
	for _, conn := range open {
		_ = conn.Close()
	}
	return len(open)
}

// underLoad checks that ratings are stored soon while something goes on.
func (w *world) underLoad(name string, load func()) {
	w.t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		load()
	}()
	for n := 0; ; n++ {
		began := time.Now()
		w.deliver(w.one(fmt.Sprintf("%s-%d", strings.ReplaceAll(name, " ", "-"), n)))
		assert.Less(w.t, time.Since(began), 5*time.Second, name)
		select {
		case <-done:
			return
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// memory is a figure of a process in MiB, such as VmHWM, the most that was resident.
func memory(tb testing.TB, pid int, figure string) int {
	tb.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	require.NoError(tb, err)
	found := regexp.MustCompile(figure + `:\s+(\d+) kB`).FindSubmatch(text)
	require.NotNil(tb, found)
	kib, err := strconv.Atoi(string(found[1]))
	require.NoError(tb, err)
	return kib >> 10
}

// A cgroup holds processes to [cgroupLimit], and kills one that takes more. It is the path of the file
// to which their ids are written; empty where none can be made, which is only said.
type cgroup string

func newCgroup(t *testing.T) cgroup {
	t.Helper()
	name := fmt.Sprintf("smileybot-test-%d-%d", os.Getpid(), time.Now().UnixNano())
	for _, try := range []struct{ root, limit string }{
		{"/sys/fs/cgroup", "memory.max"},                   // version 2
		{"/sys/fs/cgroup/memory", "memory.limit_in_bytes"}, // version 1
	} {
		folder := filepath.Join(try.root, name)
		if os.Mkdir(folder, 0o755) != nil {
			continue
		}
		t.Cleanup(func() { _ = os.Remove(folder) }) // once the processes are gone
		if os.WriteFile(filepath.Join(folder, try.limit), []byte(strconv.Itoa(cgroupLimit<<20)), 0o600) == nil {
			return cgroup(filepath.Join(folder, "cgroup.procs"))
		}
	}
	t.Log("no cgroup can be made here, which needs root: the memory is measured without a limit")
	return ""
}

// confine moves a process into the cgroup.
func (g cgroup) confine(pid int) {
	if g != "" {
		_ = os.WriteFile(string(g), []byte(strconv.Itoa(pid)), 0o600) // unless it is gone
	}
}
