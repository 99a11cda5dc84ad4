package soak

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"smileybot/store/sqlite"
	"smileybot/store/storetest"
)

var cuts = flag.Int("cuts", 10, "at how many moments TestPowerCut cuts the power; 0 is after every write")

// An acknowledgement is an event that was acknowledged when so much was noted.
type acknowledgement struct {
	event

	feedbackID string
	noted      int64
}

// TestPowerCut notes what the real program writes and syncs while ratings come in, and then
// makes the disk as it is when the power fails at any moment of it: each time the database
// opens, is sound, and holds whatever was acknowledged until then.
func TestPowerCut(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("compiles the program and opens dozens of databases")
	}
	shim := preload(t)
	folder, noted := t.TempDir(), filepath.Join(t.TempDir(), "notes")
	w := newWorld(t, 1)
	w.path = filepath.Join(folder, "smileybot.db")
	w.env = append(w.env, "SMILEYBOT_DATABASE="+w.path, "LD_PRELOAD="+shim, "POWERCUT_NOTES="+noted, "POWERCUT_FOLDER="+folder)
	w.run()
	require.True(t, w.running.up(t), w.running.said())
	w.url.Store(&w.running.url)
	acknowledged := w.rateWhileNoted(t, noted)
	w.running.stop(t)

	all := notes(t, noted)
	require.Greater(t, len(all), 1000, "what is written goes through the functions of libc")
	random := rand.New(rand.NewPCG(1, 4))
	at := moments(all, random)
	// The program makes the file before SQLite writes to it, and not through libc.
	p, next, tried, again := platter{"smileybot.db": &surface{}}, 0, 0, filepath.Join(t.TempDir(), "again")
	for i, n := range all {
		p.do(n)
		if next == len(at) || at[next] != i {
			continue
		}
		next++
		for how := range ways {
			tried++
			holds(t, again, p.cut(how, random), acknowledged, n.end, fmt.Sprintf("after note %d of %d, way %d", i, len(all), how))
		}
	}
	t.Logf("%d ratings, %d writes and syncs, the power cut %d times", len(acknowledged), len(all), tried)
}

// preload compiles what notes the writes.
func preload(t *testing.T) string {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("writes are noted on Linux only")
	}
	shim := filepath.Join(t.TempDir(), "powercut.so")
	said, err := exec.CommandContext(t.Context(), "cc", "-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-o", shim, "testdata/powercut.c", "-ldl", "-lpthread").CombinedOutput()
	if err != nil {
		if os.Getenv("CI") != "" {
			require.NoError(t, err, "CI has a C compiler: %s", said)
		}
		t.Skipf("what notes the writes cannot be compiled here: %s", said)
	}
	return shim
}

// rateWhileNoted has customers rate, several at once.
func (w *world) rateWhileNoted(t *testing.T, noted string) []acknowledgement {
	t.Helper()
	var mu sync.Mutex
	var all []acknowledgement
	var senders sync.WaitGroup
	for s := range 4 {
		senders.Go(func() {
			for i := range 40 {
				e := w.one(fmt.Sprintf("%d-%d", s, i))
				_, answer := w.post(e)
				info, err := os.Stat(noted)
				mu.Lock()
				all = append(all, acknowledgement{e, answer.ID, info.Size()})
				mu.Unlock()
				if err != nil || answer.Result != "created" {
					t.Errorf("%s: %q, %v", e.id, answer.Result, err)
					return
				}
			}
		})
	}
	senders.Wait()
	return all
}

// moments are the notes after which the power is cut: all, or the first ones, in which the database is
// made, and a choice of those that sync and those between.
func moments(all []note, random *rand.Rand) []int {
	const making = 10
	chosen := make(map[int]bool)
	for i := range making {
		chosen[i] = true
	}
	for len(chosen) < len(all) && (*cuts == 0 || len(chosen) < making+*cuts) {
		i := random.IntN(len(all))
		if *cuts == 0 {
			i = len(chosen)
		} else if random.IntN(2) == 0 { // on to the next sync, or the write before it
			for i+1 < len(all) && all[i].what != synced {
				i++
			}
			i = max(0, i-random.IntN(2))
		}
		chosen[i] = true
	}
	return slices.Sorted(maps.Keys(chosen))
}

// holds opens what a disk holds, in an empty folder, and checks it.
func holds(t *testing.T, folder string, left map[string][]byte, acknowledged []acknowledgement, noted int64, when string) {
	t.Helper()
	require.NoError(t, os.RemoveAll(folder))
	require.NoError(t, os.MkdirAll(folder, 0o700))
	write(t, folder, left)
	path := filepath.Join(folder, "smileybot.db")
	kept, err := sqlite.Open(t.Context(), path, storetest.Options(t))
	require.NoError(t, err, when)
	defer kept.Close()
	l := &ledger{rated: make(map[string]*rated)}
	for _, a := range acknowledged {
		if a.noted <= noted {
			l.take(a.event, a.feedbackID)
		}
	}
	b := openBook(t, path)
	b.agrees(t, l)
	if t.Failed() {
		require.FailNow(t, "the power was cut "+when)
	}
	require.NoError(t, kept.Ready(t.Context(), time.Now()), when)
	require.NoError(t, b.Close())
}
