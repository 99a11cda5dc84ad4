package demo

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/message"
)

// browser opens a tab of a headless Chromium. Without one the test is skipped, except in CI.
func browser(t *testing.T) context.Context {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser is slow")
	}
	var path string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		if os.Getenv("CI") == "true" {
			require.Fail(t, "no browser: CI installs chromium")
		}
		t.Skip("no Chromium on this machine: install chromium to see the demo's page tested")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	tab, closeTab := chromedp.NewContext(allocator)
	t.Cleanup(closeTab)
	_, err := chromedp.Run(tab, chromedp.Location()) // starts the browser, which lives as long as this context
	require.NoError(t, err)
	const patience = 60 * time.Second
	tab, give := context.WithTimeout(tab, patience)
	t.Cleanup(give)
	return tab
}

// visit is a visitor at the demo's page.
type visit struct {
	t   *testing.T
	tab context.Context //nolint:containedctx // chromedp keeps the browser in it
}

// openPage starts a demo and opens its page.
func openPage(t *testing.T, language message.Language) *visit {
	t.Helper()
	v := &visit{t: t, tab: browser(t)}
	t.Setenv("TMPDIR", t.TempDir())
	ctx, stop := context.WithCancel(t.Context())
	out, ended := &announced{address: make(chan string, 1)}, make(chan error, 1)
	o := options(0, language)
	o.Log = warnings(t.Output())
	go func() { ended <- Run(ctx, o, out) }()
	t.Cleanup(func() {
		stop()
		require.NoError(t, <-ended)
	})
	select {
	case address := <-out.address:
		v.does(chromedp.EmulateViewport(1400, 900), chromedp.Navigate(address))
	case err := <-ended:
		ended <- nil
		require.Failf(t, "the demo ended", "%v", err)
	}
	return v
}

// announced is a writer that finds the address in what the demo prints.
type announced struct {
	mu      sync.Mutex
	text    bytes.Buffer
	address chan string
	found   bool
}

func (a *announced) Write(p []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.text.Write(p)
	if at := regexp.MustCompile(`^Open (http://\S+) `).FindStringSubmatch(a.text.String()); at != nil && !a.found {
		a.found = true
		a.address <- at[1]
	}
	return len(p), nil
}

// does runs actions of the browser, each of which has 20 s.
func (v *visit) does(steps ...chromedp.Action[chromedp.Void]) {
	v.t.Helper()
	const patience = 20 * time.Second
	for i, step := range steps {
		ctx, cancel := context.WithTimeout(v.tab, patience)
		err := chromedp.Do(ctx, step)
		cancel()
		require.NoError(v.t, err, "step %d", i)
	}
}

// waits waits until a JavaScript expression is true.
func (v *visit) waits(what, expression string) {
	v.t.Helper()
	_, err := chromedp.Run(v.tab, chromedp.Poll[bool](expression, chromedp.WithPollingTimeout(90*time.Second)))
	if err != nil && !errors.Is(err, context.Canceled) {
		shown, _ := chromedp.Run(v.tab, chromedp.Text("main"))
		require.NoError(v.t, err, "%s; the page shows:\n%s", what, shown)
	}
}

// mine is the visitor's own message, as an expression.
const mine = `[...document.querySelectorAll('#log .message')].filter((m) => /You, the visitor|Jij, de bezoeker/.test(m.innerText)).at(-1)`

// presses presses a button of the visitor's message.
func (v *visit) presses(action string) {
	v.t.Helper()
	v.waits("the button "+action, mine+`?.querySelector('[data-action="`+action+`"]') != null`)
	v.does(chromedp.Evaluate[chromedp.Void](mine + `.querySelector('[data-action="` + action + `"]').click()`))
}

func (v *visit) says(what string, words ...string) {
	v.t.Helper()
	for _, w := range words {
		v.waits(what+": "+w, mine+`?.innerText.includes(`+quoted(w)+`)`)
	}
}

func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `\'`) + "'" }

// TestDemoInABrowser plays the story of a first visitor: an unhappy customer, a claim, the form, the
// late explanation, a score, and a Slack that fails.
func TestDemoInABrowser(t *testing.T) {
	v := openPage(t, message.English)
	v.does(chromedp.WaitVisible("#log .message"), chromedp.Click("#pause"))

	v.does(chromedp.Click(`[data-smiley="red"]`))
	v.says("the red smiley", "Red", "Ticket 9001", "Follow-up open")
	v.presses("followup_claim")
	v.says("the claim", "Claimed by @Bart")
	v.presses("followup_done")
	v.does(chromedp.WaitVisible("dialog[open] #modal-submit"), chromedp.Click("#modal-submit"))
	v.waits("the missing outcome is shown", `document.querySelector('.problem')?.innerText.includes('required')`)
	v.does(
		chromedp.SetValue("#input-outcome", "guide_fixed"), chromedp.SendKeys("#input-note", "Step 3 rewritten"), chromedp.Click("#modal-submit"),
	)
	v.waits("the form is gone", `!document.querySelector('#modal').open`)
	v.says("the outcome", "Done by @Bart", "Guide fixed", "Step 3 rewritten")
	v.does(chromedp.SendKeys("#why", "Stap 3 <b>klopt</b> niet."), chromedp.Click("#explain-send"))
	v.says("the late comment", "Stap 3 <b>klopt</b> niet.", "(edited)")

	v.does(chromedp.SendKeys("#composer-text", "/nps 30d\r"))
	v.waits("the score", `[...document.querySelectorAll('.message.only')].some((m) => /NPS [+−0]/.test(m.innerText))`)

	v.does(chromedp.Evaluate[chromedp.Void](`document.querySelector('.dismiss').click()`))
	v.does(chromedp.Evaluate[chromedp.Void](`globalThis.old = document.querySelector('#log .message'); [...document.querySelectorAll('#as .menu-item')][0].click()`))
	v.waits("everything is rendered again", `document.querySelector('#log .message') && document.querySelector('#log .message') !== globalThis.old`)
	v.waits("what was dismissed stays away", `!document.querySelector('.message.only')`)

	v.does(chromedp.Click("#open-home"))
	v.waits("the Home tab", `document.querySelector('#home').innerText.includes('The team this month')`)
	v.does(chromedp.Evaluate[chromedp.Void](`[...document.querySelectorAll('#home a')].find((a) => a.href.includes('/archives/')).click()`))
	v.waits("the link leads to the message", `!document.querySelector('#log').hidden`)

	v.does(chromedp.Click("#monday"))
	v.waits("Monday morning", `/Monday .* 09:00/.test(document.querySelector('#clock').innerText)`)
	v.waits("the digest", `document.querySelector('#channels [data-action=C0LEADS]').classList.contains('unread')`)
	v.accessible("the channel")

	v.does(chromedp.Click(`#modes [value="limited"]`), chromedp.Click("#another"), chromedp.Click(`[data-smiley="yellow"]`))
	v.waits("it is not shown as posted", `document.querySelector('#rated').innerText.includes('It is kept')`)
	v.waits("what is pending is counted", `Number(document.querySelector('#waiting').innerText) > 0`)
	v.does(chromedp.Click(`#modes [value=""]`))
	v.says("the message after Slack has recovered", "Yellow", "Ticket 9002", "Follow-up open")
	v.waits("it is posted once", `[...document.querySelectorAll('#log .message')].filter((m) => m.innerText.includes('Ticket 9002')).length === 1`)
	v.waits("nothing is pending", `document.querySelector('#waiting').innerText === '0'`)
}

// axe is where `npm ci --prefix tools/axe` puts axe-core. The gate does that.
const axe = "../tools/axe/node_modules/axe-core/axe.min.js"

// unnamed finds what has no name for a screen reader, and what is wider than the screen.
const unnamed = `[...document.querySelectorAll('button, a, select, input, textarea, [role=menu], [tabindex="0"]')]
	.filter((n) => n.checkVisibility({ visibilityProperty: true }) && ![n.ariaLabel, n.textContent, n.title, n.labels?.[0]?.innerText].some((name) => name?.trim()))
	.map((n) => 'no name: ' + n.outerHTML.slice(0, 200))
	.concat(document.documentElement.scrollWidth > innerWidth ? ['wider than the screen'] : []).join('\n')`

// accessible checks what the page shows: that everything has a name and fits, and, where axe-core is
// installed, all that it finds.
func (v *visit) accessible(what string) {
	v.t.Helper()
	found, err := chromedp.Run(v.tab, chromedp.Evaluate[string](unnamed))
	require.NoError(v.t, err)
	assert.Empty(v.t, found, what)
	script, err := os.ReadFile(axe)
	if err != nil {
		v.t.Logf("%s: without axe-core, see %s", what, axe)
		return
	}
	v.does(chromedp.Evaluate[chromedp.Void](string(script)))
	found, err = chromedp.Run(v.tab, chromedp.Evaluate[string](`Promise.all(document.getAnimations().map((a) => a.finished.catch(() => {})))
		.then(() => axe.run(document, { resultTypes: ['violations'] }))
		.then((r) => r.violations.map((v) => v.id + ': ' + v.help + '\n' + v.nodes.map((n) => '  ' + n.html).join('\n')).join('\n'))`, chromedp.EvalAwaitPromise))
	require.NoError(v.t, err)
	assert.Empty(v.t, found, what)
}

// TestDemoByKeyboard checks that the focus stays where it was when the page renders again, and that a
// narrow screen shows every control, in Dutch.
func TestDemoByKeyboard(t *testing.T) {
	v := openPage(t, message.Dutch)
	v.does(chromedp.WaitVisible("#log .message"), chromedp.Click("#pause"), chromedp.Click(`[data-smiley="red"]`))
	v.waits("the red smiley", mine+`?.querySelector('[data-action="followup_claim"]') != null`)

	v.does(chromedp.Click("#open-home"))
	v.waits("a date in Dutch", `/^Bijgewerkt vandaag \d\d:\d\d$/m.test(document.querySelector('#home').innerText)`)
	v.enters(`[...document.querySelectorAll('#home [data-action="followup_claim"]')].at(-1)`) // the visitor's, who came last
	v.waits("the claim", `document.querySelector('#home').innerText.includes('Door jou opgepakt: 1')`)
	v.waits("the focus to stay with the follow-up", `document.activeElement.dataset.action === 'followup_done' && document.activeElement.closest('#home') != null`)
	v.enters(`document.activeElement`)
	v.waits("the focus in the form", `document.activeElement.id === 'input-outcome'`)
	v.does(chromedp.Evaluate[chromedp.Void](`{ const home = document.querySelector('#home'); home.innerHTML = home.innerHTML }`)) // as when it is rendered again meanwhile
	v.does(chromedp.KeyEvent(kb.Escape))
	v.waits("the form is gone, and the focus back", `!document.querySelector('#modal').open && document.activeElement.dataset.action === 'followup_done'`)

	v.does(chromedp.SendKeys("#why", "Stap 3 klopt niet."), chromedp.Click("#explain-send"))
	v.enters(`document.querySelector('#channels button')`)
	v.enters(mine + `?.querySelector('.replies')`)
	v.waits("the focus in the thread", `document.activeElement.id === 'close-thread'`)
	v.does(chromedp.KeyEvent(kb.Escape))
	v.waits("the focus back at the replies", `document.querySelector('#thread').hidden && document.activeElement.className === 'replies'`)

	// A menu does nothing before Enter, and Escape closes it.
	v.does(chromedp.Evaluate[chromedp.Void](`document.querySelector('#as .menu-button').focus()`),
		chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.ArrowDown))
	v.waits("the second choice", `document.activeElement.innerText.startsWith('Youssef') && document.activeElement.role === 'menuitemradio'`)
	v.does(chromedp.KeyEvent(kb.Escape))
	v.waits("the focus back, and no choice made", `document.activeElement === document.querySelector('#as .menu-button') && document.activeElement.innerText.startsWith('Bart')`)

	v.enters(`document.querySelector('#channels [data-action=C0LEADS]')`)
	walked := v.walks(40)
	for _, stop := range []string{"C0SUPPORT", "C0LEADS", "open-home", "as", "composer-text", "green", "why", "monday", "pause"} {
		assert.Contains(t, walked, stop, "the walk by Tab")
	}

	v.does(chromedp.EmulateViewport(360, 740))
	v.accessible("a narrow screen, in Dutch")
	v.waits("all of the bar on the screen", `document.querySelector('#toggle-desk').getBoundingClientRect().right <= 360`)
	v.enters(`document.querySelector('#toggle-desk')`)
	v.waits("the desk", `document.querySelector('#toggle-desk').ariaExpanded === 'true'`)
	v.does(chromedp.Focus("#why"), chromedp.KeyEvent(kb.Escape))
	v.waits("the desk is gone, and the focus back", `document.activeElement.id === 'toggle-desk' && document.activeElement.ariaExpanded === 'false'`)
}

// walks presses Tab from the top and returns where it stopped: an id, an action or a smiley. Each stop
// must be visible.
func (v *visit) walks(steps int) string {
	v.t.Helper()
	v.does(chromedp.Evaluate[chromedp.Void](`document.querySelector('.skip').focus(); globalThis.walked = []; document.addEventListener('focusin', (e) => {
		const n = e.target, d = n.dataset;
		walked.push((n.checkVisibility({ visibilityProperty: true }) ? '' : 'hidden:') + (n.id || d.action || d.smiley || n.name || n.className || n.tagName)) })`))
	for range steps {
		v.does(chromedp.KeyEvent(kb.Tab))
	}
	walked, err := chromedp.Run(v.tab, chromedp.Evaluate[string](`walked.join(' ')`))
	require.NoError(v.t, err)
	assert.NotContains(v.t, walked, "hidden:")
	return walked
}

// enters puts the focus on something and presses Enter.
func (v *visit) enters(what string) {
	v.t.Helper()
	v.waits(what, `(`+what+`) != null`)
	v.does(chromedp.Evaluate[chromedp.Void](what+`.focus()`), chromedp.KeyEvent(kb.Enter))
}

// TestScreenshots takes the pictures of the README: make screenshots.
func TestScreenshots(t *testing.T) {
	folder := os.Getenv("SCREENSHOTS")
	if folder == "" {
		t.Skip("set SCREENSHOTS to a folder, as 'make screenshots' does")
	}
	v := openPage(t, message.English)
	v.does(chromedp.WaitVisible("#log .message"))
	v.waits("the opening is over", `document.querySelectorAll('#log .message').length >= 9`)
	v.does(chromedp.Click("#pause"), chromedp.Click(`[data-smiley="red"]`))
	v.says("the red smiley", "Follow-up open")
	v.picture(folder, "channel")
	v.does(chromedp.SendKeys("#composer-text", "/nps 30d\r"))
	v.waits("the score", `document.querySelector('.message.only') != null`)
	v.picture(folder, "score")
	v.does(chromedp.Click("#channels [data-action=C0LEADS]"))
	v.picture(folder, "leads")
}

// picture saves what the page shows.
func (v *visit) picture(folder, name string) {
	v.t.Helper()
	v.does(chromedp.Evaluate[chromedp.Void](`document.querySelector('#log').scrollTop = 1e9`), chromedp.Sleep(2*time.Second)) // animations end
	image, err := chromedp.Run(v.tab, chromedp.CaptureScreenshot())
	require.NoError(v.t, err)
	require.NoError(v.t, os.MkdirAll(folder, 0o750))
	require.NoError(v.t, os.WriteFile(filepath.Join(folder, name+".png"), image, 0o600))
}
