package soak

import (
	"encoding/binary"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/store/sqlite"
)

var disturbed = flag.Duration("disturbed", 15*time.Second, "how long TestDisturbed disturbs the program")

// TestDisturbed disturbs the real program, its machine and its Slack in every way of disturbances, all
// at once and at random moments, while ratings come in and it is killed and stopped. In the end
// everything that was acknowledged is in the database, and in Slack exactly once, in its last state;
// nothing is erased. All the time its memory and the write-ahead log are bounded, and nothing but
// what ends it makes it end.
func TestDisturbed(t *testing.T) {
	const patience = 2 * time.Minute // on a busy machine, for disturbances that have not happened yet
	t.Parallel()
	if testing.Short() {
		t.Skip("compiles the program and waits a minute for posts in doubt")
	}
	if runtime.GOOS != "linux" {
		t.Skip("the program's clock is set on Linux only")
	}
	s := newSeed()
	t.Logf("go test ./test/soak -run=TestDisturbed -disturbed=%s -seed=%d", *disturbed, s)
	w := newDisturbedWorld(t, s)
	w.run()
	require.True(t, w.running.up(t), w.running.said())
	began := time.Now()
	w.send(6, func() int { return 40 + int(min(time.Since(began), *disturbed).Seconds()) })
	w.disturb()
	w.disturbMore()
	t.Cleanup(func() { // after a failure
		w.end()
		w.faults.Wait()
	})
	for time.Since(began) < *disturbed || !w.allHappened() && time.Since(began) < *disturbed+patience {
		w.live()
	}
	w.setClock(0)
	w.finish()
	w.prove()
	w.proveUndisturbed()
}

// A disturbedWorld is a world in which more goes wrong.
type disturbedWorld struct {
	*world

	// alive is held for reading by what needs the program to run on, for writing while it is ended.
	alive   sync.RWMutex
	clock   *os.File // by how much the program's wall clock is ahead
	cgroup  cgroup
	backup  string         // a file for backups
	longest atomic.Int64   // bytes of the write-ahead log
	ends    map[string]int // how often a life ended in a way
	happens []*atomic.Int64
}

func newDisturbedWorld(t *testing.T, seed uint64) *disturbedWorld {
	t.Helper()
	w := &disturbedWorld{world: newWorld(t, seed), cgroup: newCgroup(t), ends: make(map[string]int)}
	w.program, w.long = programOfAnotherTime, *disturbed > time.Minute
	// While the program cannot know the time, because Slack has not answered since its start, a repeat
	// may be one of a delivery that it takes for older than a month.
	w.repeated = append(w.repeated, "unchanged", "stale")
	folder := t.TempDir()
	w.backup = filepath.Join(folder, "backup.db")
	w.clock = newClock(t)
	w.setClock(0)
	w.env = append(w.env, "SOAK_CLOCK="+w.clock.Name(), "SMILEYBOT_RETENTION=730d")
	return w
}

// programOfAnotherTime builds the program with a wall clock that the test sets.
var programOfAnotherTime = sync.OnceValues(func() (string, error) {
	root, err := filepath.Abs("../..")
	if err != nil {
		return "", err
	}
	folder, err := builds()
	if err != nil {
		return "", err
	}
	overlay := filepath.Join(folder, "overlay.json")
	text := fmt.Sprintf(`{"Replace": {%q: %q}}`, filepath.Join(root, "cmd/smileybot/clock_of_soak.go"), filepath.Join(root, "test/soak/testdata/clock/clock.go"))
	if err := os.WriteFile(overlay, []byte(text), 0o600); err != nil {
		return "", err
	}
	return build("smileybot-of-another-time", "-overlay="+overlay)
})

// newClock makes the file of a wall clock.
func newClock(t *testing.T) *os.File {
	t.Helper()
	clock, err := os.Create(filepath.Join(t.TempDir(), "clock"))
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, clock.Close()) })
	return clock
}

// setClock sets the wall clock of the program, running or not, ahead of the machine's.
func (w *disturbedWorld) setClock(ahead time.Duration) { setClock(w.t, w.clock, ahead) }

func setClock(t *testing.T, clock *os.File, ahead time.Duration) {
	t.Helper()
	_, err := clock.WriteAt(binary.NativeEndian.AppendUint64(nil, uint64(ahead)), 0)
	assert.NoError(t, err)
}

// disturbMore begins all disturbances, until the lives are over.
func (w *disturbedWorld) disturbMore() {
	for _, d := range disturbances() {
		random := rand.New(rand.NewPCG(w.random.Uint64(), 4))
		happened := new(atomic.Int64)
		w.happens = append(w.happens, happened)
		w.faults.Go(func() {
			for w.over.Err() == nil {
				w.rest(time.Duration(random.Float64() * 2 * float64(d.every)))
				if d.happens(w, random) {
					happened.Add(1)
				}
			}
		})
	}
	w.faults.Go(func() {
		for w.over.Err() == nil {
			if info, err := os.Stat(w.path + "-wal"); err == nil {
				w.longest.Store(max(w.longest.Load(), info.Size()))
			}
			time.Sleep(10 * time.Millisecond)
		}
	})
}

// allHappened reports whether each disturbance happened at least once.
func (w *disturbedWorld) allHappened() bool {
	return !slices.ContainsFunc(w.happens, func(n *atomic.Int64) bool { return n.Load() == 0 })
}

// rest waits, unless the lives are over.
func (w *disturbedWorld) rest(d time.Duration) {
	select {
	case <-time.After(d):
	case <-w.over.Done():
	}
}

// live lets the program run for a moment, ends it in one of many ways, and starts the next. That one
// may have been started before, as in a rolling restart.
func (w *disturbedWorld) live() {
	w.t.Helper()
	w.cgroup.confine(w.running.command.Process.Pid)
	time.Sleep(time.Duration(w.random.Float64() * w.random.Float64() * float64(8*time.Second)))
	w.alive.Lock()
	defer w.alive.Unlock()
	former := w.running
	select {
	case <-former.gone:
		require.FailNow(w.t, "it ended by itself", former.said())
	default:
	}
	assert.Less(w.t, memory(w.t, former.command.Process.Pid, "VmHWM"), maxResident, "MiB")
	next := (*serving)(nil)
	if w.random.IntN(5) == 0 {
		next = w.start()
		time.Sleep(time.Duration(w.random.IntN(1000)) * time.Millisecond)
	}
	end := []syscall.Signal{syscall.SIGKILL, syscall.SIGKILL, syscall.SIGKILL, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGINT}[w.random.IntN(6)]
	w.ends[end.String()]++
	if end == syscall.SIGKILL {
		former.kill()
	} else {
		former.stopBy(w.t, end)
	}
	w.hearing.Wait() // or the senders would be given the address of one that is gone
	w.url.CompareAndSwap(&former.url, nil)
	if next == nil {
		next = w.start()
	}
	w.running = next
}

// whileItServes does something with a program that takes webhooks, and runs until it is done.
func (w *disturbedWorld) whileItServes(do func(s *serving)) bool {
	w.alive.RLock()
	defer w.alive.RUnlock()
	select {
	case <-w.running.listening:
		do(w.running)
		return true
	default:
		return false
	}
}

// proveUndisturbed checks that nothing was done by a wrong clock, and that every disturbance happened.
func (w *disturbedWorld) proveUndisturbed() {
	w.t.Helper()
	b := openBook(w.t, w.path)
	assert.Equal(w.t, [][]string{{"0"}}, b.rows(w.t, `select count(*) from forgotten`))
	assert.Equal(w.t, [][]string{{"0"}}, b.rows(w.t, `select count(*) from feedback where customer_name = ''`), "feedback without its customer")
	for _, row := range b.rows(w.t, `select name, done_ms > (unixepoch() + 60) * 1000 from routine`) {
		assert.Equal(w.t, "0", row[1], "%s is done until a moment that has not come", row[0])
	}
	assert.Less(w.t, w.longest.Load(), int64(sqlite.MaxLog), "bytes of the write-ahead log")
	w.t.Logf("ends: %v; the log of the database had at most %d MiB", w.ends, w.longest.Load()>>20)
	for i, d := range disturbances() {
		w.t.Logf("%s: %d times", d.name, w.happens[i].Load())
		assert.Positive(w.t, w.happens[i].Load(), d.name)
	}
}
