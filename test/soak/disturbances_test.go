package soak

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/stretchr/testify/assert"
)

// A disturbance is something that happens again and again, at random moments.
type disturbance struct {
	name    string
	every   time.Duration                          // on average, plus what it takes
	happens func(*disturbedWorld, *rand.Rand) bool // false if it could not be done
}

func disturbances() []disturbance {
	return []disturbance{
		{"the clock is set", 600 * time.Millisecond, (*disturbedWorld).clockIsSet},
		{"the log is not read", time.Second, (*disturbedWorld).logIsNotRead},
		{"export has a slow reader", 500 * time.Millisecond, (*disturbedWorld).slowExport},
		{"backup is slow", time.Second, (*disturbedWorld).slowBackup},
		{"score is slow", time.Second, (*disturbedWorld).slowScore},
		{"large bodies come in", max(*disturbed/20, 2*time.Second), (*disturbedWorld).largeBodies},
		{"bodies do not end", 2 * time.Second, (*disturbedWorld).endlessBodies},
		{"the program is paused", 3 * time.Second, (*disturbedWorld).programIsPaused},
		{"restore is tried", 2 * time.Second, (*disturbedWorld).restoreIsTried},
		{"readyz is asked", 10 * time.Millisecond, (*disturbedWorld).readyIsAsked},
	}
}

// clockIsSet sets the wall clock of the program, half of the times to the right time.
func (w *disturbedWorld) clockIsSet(random *rand.Rand) bool {
	const day = 24 * time.Hour
	steps := []time.Duration{0, 0, 0, 0, 0, 20 * time.Second, 11 * time.Minute, 2 * time.Hour, 3 * day, 3 * 365 * day}
	step := steps[random.IntN(len(steps))]
	if random.IntN(2) == 0 {
		step = -step
	}
	w.setClock(step)
	return true
}

// logIsNotRead stops reading the log, or closes it, for a moment or the rest of a life.
func (w *disturbedWorld) logIsNotRead(random *rand.Rand) bool {
	var s *serving
	if !w.whileItServes(func(running *serving) { s = running }) {
		return false
	}
	over := w.over.Done()
	switch random.IntN(4) {
	case 0:
		_ = s.log.Close()
		return true
	case 1, 2:
		moment, cancel := context.WithTimeout(w.over, time.Duration(random.IntN(3000))*time.Millisecond)
		defer cancel()
		over = moment.Done()
	}
	s.reading.Lock()
	defer s.reading.Unlock()
	select {
	case <-over:
	case <-s.gone: // it must have stopped although no one read
	}
	return true
}

// beside starts another command, which is paused for a moment and perhaps killed. It returns what it
// printed, and ok when it ended well.
func (w *disturbedWorld) beside(random *rand.Rand, args ...string) (printed string, ok bool) {
	path, err := w.program()
	if !assert.NoError(w.t, err) {
		return "", false
	}
	command := exec.CommandContext(context.Background(), path, args...)
	command.Env = w.env
	var out, said bytes.Buffer
	command.Stderr = &said
	stdout, err := command.StdoutPipe()
	if !assert.NoError(w.t, err) || !assert.NoError(w.t, command.Start()) {
		return "", false
	}
	kill := random.IntN(3) == 0
	time.Sleep(time.Duration(random.Float64() * random.Float64() * float64(500*time.Millisecond)))
	_ = command.Process.Signal(syscall.SIGSTOP)
	time.Sleep(time.Duration(random.IntN(1500)) * time.Millisecond)
	if kill {
		_ = command.Process.Kill()
	}
	_ = command.Process.Signal(syscall.SIGCONT)
	_, _ = io.CopyN(&out, stdout, 1<<12)
	time.Sleep(time.Duration(random.IntN(1500)) * time.Millisecond)
	_, _ = io.Copy(&out, stdout)
	err = command.Wait()
	if !kill && err != nil && !strings.Contains(said.String(), "while much was written: try again later") {
		assert.Fail(w.t, strings.Join(args, " "), "%v: %s", err, &said)
	}
	return out.String(), err == nil
}

func (w *disturbedWorld) slowExport(random *rand.Rand) bool {
	before := make(map[string]bool)
	for _, e := range w.ledger.all() {
		before[e.id] = true
	}
	printed, ok := w.beside(random, "export")
	for id := range before {
		if ok && !assert.Contains(w.t, printed, id, "what was acknowledged before") {
			break
		}
	}
	return ok
}

func (w *disturbedWorld) slowBackup(random *rand.Rand) bool {
	before := w.ledger.all()
	if _, ok := w.beside(random, "backup", w.backup); !ok {
		return false
	}
	b := openBook(w.t, w.backup)
	defer b.Close()
	kept := make(map[string]bool)
	for _, row := range b.rows(w.t, `select delivery_id from delivery`) {
		kept[row[0]] = true
	}
	for _, e := range before {
		if !assert.True(w.t, kept[e.delivery], "delivery %s was acknowledged before the backup", e.delivery) {
			break
		}
	}
	return true
}

func (w *disturbedWorld) slowScore(random *rand.Rand) bool {
	_, ok := w.beside(random, "score", "csat", "year")
	return ok
}

// largeBodies come in from a sender that repeats one rating, in 40 MiB of webhooks. They make the
// write-ahead log grow.
func (w *disturbedWorld) largeBodies(random *rand.Rand) bool {
	const senders, webhooks, filler = 4, 50, 200 << 10
	burst := random.Uint64()
	at := time.Now().UTC().Add(-time.Hour)
	for s := range senders {
		w.sending.Go(func() {
			for i := 0; i < webhooks && w.over.Err() == nil; i++ {
				w.deliver(event{
					delivery: fmt.Sprintf("large-%d-%d-%d", burst, s, i), id: "r-large", channel: "ticket", at: at, smiley: "green", filler: filler,
				})
			}
		})
	}
	return true
}

// endlessBodies are those of hundreds of connections, which send nearly all of it.
func (w *disturbedWorld) endlessBodies(random *rand.Rand) bool {
	var address string
	if !w.whileItServes(func(s *serving) { address = strings.TrimPrefix(s.url, "http://") }) {
		return false
	}
	const most = 256 << 10
	head := "POST /webhooks/feedback HTTP/1.1\r\nHost: bot\r\nContent-Type: application/json\r\nAuthorization: Bearer " + token
	return gather(w.t, address, 100+random.IntN(400), func(int) string {
		return fmt.Sprintf("%s\r\nContent-Length: %d\r\n\r\n%s", head, most, strings.Repeat("x", most-1))
	}) > 0
}

// programIsPaused stops it as a virtual machine is stopped.
func (w *disturbedWorld) programIsPaused(random *rand.Rand) bool {
	return w.whileItServes(func(s *serving) {
		_ = s.command.Process.Signal(syscall.SIGSTOP)
		time.Sleep(time.Duration(random.IntN(2000)) * time.Millisecond)
		_ = s.command.Process.Signal(syscall.SIGCONT)
	})
}

// restoreIsTried is refused, since the program serves the database.
func (w *disturbedWorld) restoreIsTried(*rand.Rand) bool {
	return w.whileItServes(func(*serving) {
		path, err := w.program()
		assert.NoError(w.t, err)
		command := exec.CommandContext(context.Background(), path, "restore", w.backup)
		command.Env = w.env
		said, err := command.CombinedOutput()
		assert.Error(w.t, err)
		assert.Contains(w.t, string(said), "another smileybot serves this database")
	})
}

// readyIsAsked asks how it is.
func (w *disturbedWorld) readyIsAsked(*rand.Rand) bool {
	return w.whileItServes(func(s *serving) {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.admin+"/readyz", http.NoBody)
		assert.NoError(w.t, err)
		response, err := http.DefaultClient.Do(r)
		if !assert.NoError(w.t, err) {
			return
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		assert.NoError(w.t, err)
		assert.Contains(w.t, []int{http.StatusOK, http.StatusServiceUnavailable}, response.StatusCode, "%s", body)
		assert.NotContains(w.t, string(body), "damaged")
	})
}
