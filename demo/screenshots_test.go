package demo

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"smileybot/bot/message"
)

// The sizes of the pictures: the whole demo, the channel alone, and a phone.
const (
	wide, narrow, phone = 1200, 760, 390
	high                = 844
)

// TestScreenshots takes the pictures of the documentation: make screenshots.
func TestScreenshots(t *testing.T) {
	folder := os.Getenv("SCREENSHOTS")
	if folder == "" {
		t.Skip("set SCREENSHOTS to a folder, as 'make screenshots' does")
	}
	for _, test := range []struct {
		language             message.Language
		folder               string
		score, groups, queue string // commands
	}{
		{message.English, folder, "/nps 30d", "/smileys last month by agent", "/followups"},
		{message.Dutch, filepath.Join(folder, "nl"), "/nps 30d", "/smileys vorige maand per medewerker", "/followups"},
	} {
		t.Run(string(test.language), func(t *testing.T) {
			require.NoError(t, os.MkdirAll(test.folder, 0o750))
			v := openPage(t, test.language)
			takes := func(name string, width int64, dark bool) {
				t.Helper()
				v.picture(filepath.Join(test.folder, name+".png"), width, dark)
			}
			v.does(chromedp.WaitVisible("#log .message"))
			v.waits("the opening is over", `document.querySelectorAll('#log .message').length >= 12`)
			v.does(chromedp.Click("#pause"), chromedp.Click(`[data-smiley="red"]`))
			v.says("the red smiley", "9001")
			takes("channel", wide, false)
			takes("channel-dark", narrow, true)
			takes("channel-phone", phone, false)

			v.does(chromedp.EmulateViewport(wide, high))
			v.presses("followup_claim")
			v.does(chromedp.SendKeys("#why", "Stap 3 van de handleiding klopt niet."), chromedp.Click("#explain-send"))
			v.says("the comment", "Stap 3")
			v.presses("followup_done")
			v.does(chromedp.WaitVisible("dialog[open] #modal-submit"))
			takes("done", narrow, false)
			v.does(chromedp.Click("#modal-close"))
			v.waits("the form is gone", `!document.querySelector('#modal').open`)

			for _, command := range []struct{ name, typed string }{{"score", test.score}, {"groups", test.groups}, {"queue", test.queue}} {
				v.does(chromedp.SendKeys("#composer-text", command.typed+"\r"))
				v.waits("the answer", `document.querySelector('.message.only') != null`)
				takes(command.name, narrow, false)
				takes(command.name+"-phone", phone, true)
				v.does(chromedp.EmulateViewport(wide, high), chromedp.Click(".dismiss"))
			}

			v.does(chromedp.Click("#open-home"))
			v.waits("the Home tab", `document.querySelector('#home .actions') != null`)
			takes("home", narrow, false)
			v.does(chromedp.EmulateViewport(wide, high), chromedp.Click("#channels [data-action=C0LEADS]"))
			takes("leads", narrow, false)
			takes("leads-dark", narrow, true)
			takes("leads-phone", phone, false)
		})
	}
}

// picture saves the end of what the page shows to a file, in light or dark colours, as on a screen with
// a mouse.
func (v *visit) picture(path string, width int64, dark bool) {
	v.t.Helper()
	const settled = `{ const sheet = new CSSStyleSheet(); document.adoptedStyleSheets = [sheet];
		sheet.replaceSync('* { animation: none !important } .message-menu { visibility: hidden } .message:hover { background: none }');
		document.querySelector('#log').scrollTop = 1e9 }`
	v.does(chromedp.EmulateViewport(width, high), colours(dark), chromedp.Evaluate[chromedp.Void](settled), chromedp.Sleep(300*time.Millisecond))
	taken, err := chromedp.Run(v.tab, chromedp.CaptureScreenshot())
	require.NoError(v.t, err)
	small, err := inFewColours(taken)
	require.NoError(v.t, err)
	require.NoError(v.t, os.WriteFile(path, small, 0o600))
}

// colours are those that the visitor's system asks for.
func colours(dark bool) chromedp.Action[chromedp.Void] {
	scheme := emulation.MediaFeature{Name: "prefers-color-scheme", Value: "light"}
	if dark {
		scheme.Value = "dark"
	}
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{&scheme}})
		return err
	})
}

// inFewColours makes a PNG a third of its size: with its 256 most frequent colours.
func inFewColours(raw []byte) ([]byte, error) {
	full, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	bounds, count := full.Bounds(), make(map[color.Color]int)
	for y := range bounds.Dy() {
		for x := range bounds.Dx() {
			count[full.At(x, y)]++
		}
	}
	frequent := slices.SortedFunc(maps.Keys(count), func(a, b color.Color) int { return count[b] - count[a] })
	palette := color.Palette(frequent[:min(len(frequent), 256)])
	nearest := make(map[color.Color]uint8)
	for c := range count {
		nearest[c] = uint8(palette.Index(c))
	}
	small := image.NewPaletted(bounds, palette)
	for y := range bounds.Dy() {
		for x := range bounds.Dx() {
			small.SetColorIndex(x, y, nearest[full.At(x, y)])
		}
	}
	var out bytes.Buffer
	err = (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, small)
	return out.Bytes(), err
}
