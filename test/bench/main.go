// Bench measures what smileybot is built to be fast at, from outside: the real program as a
// process of its own, asked over HTTP.
//
//	go run ./test/bench [-program PATH] [-only sqlite|postgres] [-ratings N] [-flat D]
//
// Two other servers give the figures a measure. The ceiling verifies and decodes a webhook and
// stores nothing: no server that stores can be faster. The naive one stores the same rating with
// one transaction a request. Both are simpler than smileybot, which keeps history, a follow-up
// and tallies in addition to a rating. On PostgreSQL the naive one writes the rows that smileybot writes.
//
// The load comes from this process, over keep-alive connections, every request signed; it shares
// the processors with the server. No figure fails: machines differ.
package main

import (
	"context"
	"encoding/csv"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

var (
	seconds = flag.Float64("seconds", 3, "how long each round of load lasts")
	rounds  = flag.Int("rounds", 3, "how many rounds; the median counts")
	ratings = flag.Int("ratings", 100_000, "how many ratings the full database has whose start is measured")
	only    = flag.String("only", "", "what alone is measured: sqlite or postgres; both if empty")
	program = flag.String("program", "", "a built smileybot to measure, such as a former one; empty for one that is built as it is released")
	flat    = flag.Duration("flat", 0, "how long the memory under load is watched; 0 for not at all")
)

func main() {
	if server := os.Getenv(playing); server != "" {
		must(play(server))
	}
	flag.Parse()
	b := newBench()
	defer b.close()
	fmt.Printf("%d processors, %s, Go %s\n\n", runtime.NumCPU(), processor(), runtime.Version())
	if *only != "sqlite" {
		b.measureServer()
	}
	if *only == "postgres" {
		return
	}
	b.measureIngest()
	b.measureOneProcessor()
	b.measureMemory()
	b.measureStart()
	b.measurePosting()
	info, err := os.Stat(b.program)
	must(err)
	row("stripped binary", fmt.Sprintf("%.1f MB", float64(info.Size())/1e6), "≤ 25 MB")
}

// must ends the program at an error; close still runs.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// row prints a row of the table: what was measured, the figure, and the wanted one.
func row(what, reached, wanted string) { fmt.Printf("%-58s %-34s %s\n", what, reached, wanted) }

func round() time.Duration { return time.Duration(*seconds * float64(time.Second)) }

// measureIngest loads the servers in turns, so that all meet the same machine.
func (b *bench) measureIngest() {
	for _, c := range []struct {
		connections int
		wanted      string
	}{{1, "≥ 0.30"}, {64, "≥ 0.50"}, {256, "≥ 0.60"}} {
		loads := []*load{
			newLoad(b.compared("ceiling", "").url, c.connections), newLoad(b.smileybot().url, c.connections),
			newLoad(b.compared("naive", b.file("naive.db")).url, c.connections),
		}
		met := b.inTurns(loads)
		b.stop()
		top, ours, simple := met[0], met[1], met[2]
		row(fmt.Sprintf("ratings a second, %d connections", c.connections), fmt.Sprintf("%.0f; ceiling %.0f, naive %.0f", ours.rate, top.rate, simple.rate), "")
		row("  ÷ ceiling", fmt.Sprintf("%.2f", ours.rate/top.rate), c.wanted)
		if c.connections == 64 {
			row("  ÷ naive", fmt.Sprintf("%.1f", ours.rate/simple.rate), "≥ 6")
			row("  p99", fmt.Sprintf("%.1f ms; ceiling %.1f ms: %.2f", ms(ours.p99), ms(top.p99), ms(ours.p99)/ms(top.p99)), "≤ 1.3 × the ceiling's")
		}
		row("  median", fmt.Sprintf("%.2f ms; ceiling %.2f ms", ms(ours.p50), ms(top.p50)), "")
	}
}

// inTurns loads servers in turns, so that all meet the same machine, and returns the median of each.
func (b *bench) inTurns(loads []*load) []answers {
	met := make([][]answers, len(loads))
	for _, l := range loads {
		l.during(time.Second / 2)
	}
	for range *rounds {
		for i, l := range loads {
			met[i] = append(met[i], l.during(round()))
		}
	}
	medians := make([]answers, len(loads))
	for i := range met {
		medians[i] = middle(met[i])
	}
	return medians
}

// measureOneProcessor gives the server one processor and many connections.
func (b *bench) measureOneProcessor() {
	l := newLoad(b.smileybot("GOMAXPROCS=1").url, 256)
	l.during(time.Second / 2)
	var met []answers
	for range *rounds {
		met = append(met, l.during(round()))
	}
	b.stop()
	m := middle(met)
	row("GOMAXPROCS=1, 256 connections: p99", fmt.Sprintf("%.1f ms, %.0f a second", ms(m.p99), m.rate), "≤ 60 ms, no collapse")
}

func (b *bench) measureMemory() {
	memory := func(p *process, when, wanted string) {
		own, mapped := p.memory()
		row("memory "+when, fmt.Sprintf("%.1f MiB own, %.1f with the program", own, mapped), wanted)
	}
	p := b.smileybot()
	time.Sleep(time.Second)
	memory(p, "idle", "≤ 20 MiB")
	for _, c := range []struct {
		connections int
		wanted      string
	}{{64, "≤ 50 MiB"}, {256, "≤ 70 MiB"}} {
		p := b.smileybot()
		newLoad(p.url, c.connections).during(2 * round())
		memory(p, fmt.Sprintf("after load of %d connections", c.connections), c.wanted)
	}
	if *flat > 0 {
		p := b.smileybot()
		l := newLoad(p.url, 64)
		began := time.Now()
		for range 6 {
			l.during(*flat / 6)
			memory(p, fmt.Sprintf("under load of 64 connections, after %s", time.Since(began).Round(time.Second)), "flat")
		}
	}
	b.stop()
}

// measureStart starts the program until it has stored a rating, with an empty database and a
// full one.
func (b *bench) measureStart() {
	slack := slackStub(0, nil)
	full := b.file("full.db")
	b.fill(full, slack)
	for _, c := range []struct{ database, what, wanted string }{
		{"", "an empty database", "≤ 25 ms"},
		{full, strconv.Itoa(*ratings) + " ratings", "≤ 50 ms with 10,000,000"},
	} {
		var took []time.Duration
		for range 5 {
			path := c.database
			if path == "" {
				path = b.file("empty.db")
				b.serve(path, slack) // which creates it
				b.stop()
			}
			began := time.Now()
			l := newLoad(b.serve(path, slack).url, 1)
			must(l.post())
			took = append(took, time.Since(began))
			b.stop()
		}
		slices.Sort(took)
		row("start to the first 2xx, "+c.what, fmt.Sprintf("%.0f ms (of 5: %.0f to %.0f)", ms(took[2]), ms(took[0]), ms(took[4])), c.wanted)
	}
}

// fill imports ratings of three years.
func (b *bench) fill(database, slack string) {
	b.serve(database, slack) // which creates it
	b.stop()
	file, err := os.Create(b.file("history.csv"))
	must(err)
	rows := csv.NewWriter(file)
	must(rows.Write([]string{"id", "kind", "channel", "smiley", "customer.id", "occurred_at"}))
	for i := range *ratings {
		at := time.Now().Add(-time.Duration(float64(3*365*24*time.Hour) * float64(*ratings-i) / float64(*ratings)))
		must(rows.Write([]string{
			"past-" + strconv.Itoa(i), "smiley", "ticket", []string{"green", "green", "yellow", "red"}[i%4], "c-" + strconv.Itoa(i%100_000), at.UTC().Format(time.RFC3339),
		}))
	}
	rows.Flush()
	must(rows.Error())
	must(file.Close())
	command := exec.CommandContext(context.Background(), b.program, "import", file.Name())
	command.Env = environment(database, slack)
	if output, err := command.CombinedOutput(); err != nil {
		panic(fmt.Sprintf("import: %v: %s", err, output))
	}
}

// measurePosting sends one rating after the other, each to one of seven channels, so that none
// waits for Slack's pace, and measures until Slack has answered its post.
func (b *bench) measurePosting() {
	posted := make(chan time.Time, 1)
	channels := []string{"ticket", "chat", "panel", "email", "phone", "social", "review"}
	var routes []string
	for _, c := range channels {
		routes = append(routes, c+"=C0"+strings.ToUpper(c))
	}
	p := b.serve(b.file("posting.db"), slackStub(50*time.Millisecond, posted), "SMILEYBOT_ROUTES="+strings.Join(routes, ","))
	l := newLoad(p.url, 1)
	var took []time.Duration
	last := make(map[string]time.Time)
	for n := range 140 {
		channel := channels[n%len(channels)]
		time.Sleep(time.Until(last[channel].Add(1100 * time.Millisecond)))
		id := l.run + "-" + strconv.Itoa(n)
		must(l.send(id, fmt.Sprintf(`{"id":%q,"channel":%q,"smiley":"green","comment":"Top!"}`, id, channel)))
		stored := time.Now()
		last[channel] = <-posted
		took = append(took, last[channel].Sub(stored))
	}
	b.stop()
	slices.Sort(took)
	row("stored to posted, Slack answering in 50 ms: median", fmt.Sprintf("%.1f ms", ms(quantile(took, 50))), "≤ 70 ms")
	row("  p99 of 140", fmt.Sprintf("%.1f ms", ms(quantile(took, 99))), "≤ 150 ms")
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// processor is the name of the processor.
func processor() string {
	info, _ := os.ReadFile("/proc/cpuinfo")
	_, rest, _ := strings.Cut(string(info), "model name")
	name, _, _ := strings.Cut(strings.TrimLeft(rest, "\t :"), "\n")
	return name
}

// A bench has the built program, a folder and the processes that run.
type bench struct {
	folder, program string
	files           int
	running         []*process
}

// newBench builds the program as it is released, unless one is given.
func newBench() *bench {
	folder, err := os.MkdirTemp("", "smileybot-bench")
	must(err)
	if *program != "" {
		return &bench{folder: folder, program: *program}
	}
	b := &bench{folder: folder, program: filepath.Join(folder, "smileybot")}
	build := exec.CommandContext(context.Background(), "go", "build", "-trimpath", "-ldflags=-s -w", "-o", b.program, "smileybot/cmd/smileybot")
	if output, err := build.CombinedOutput(); err != nil {
		b.close()
		panic(fmt.Sprintf("building smileybot: %v: %s", err, output))
	}
	return b
}

// file names a new file.
func (b *bench) file(name string) string {
	b.files++
	return filepath.Join(b.folder, strconv.Itoa(b.files)+"-"+name)
}

func (b *bench) close() {
	b.stop()
	_ = os.RemoveAll(b.folder)
}
