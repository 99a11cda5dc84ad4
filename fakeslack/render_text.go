package fakeslack

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// language is what Slack itself says in a language.
type language struct {
	edited, only, ago string
	days              [3]string // yesterday, today, tomorrow
	dates             func(time.Time) (normal, short, long string)
}

// words are those of the people's language.
func (w *writer) words() language {
	if w.server.opts.Language == "nl" {
		return language{
			"(bewerkt)", "(alleen zichtbaar voor %s)", "%s geleden", [3]string{"gisteren", "vandaag", "morgen"}, dutchDates,
		}
	}
	return language{
		"(edited)", "(only visible to %s)", "%s ago",
		[3]string{"yesterday", "today", "tomorrow"},
		func(at time.Time) (normal, short, long string) {
			return at.Format("January 2, 2006"), at.Format("Jan 2, 2006"), at.Format("Monday, January 2, 2006")
		},
	}
}

func dutchDates(at time.Time) (normal, short, long string) {
	day := [...]string{"zondag", "maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag"}[at.Weekday()]
	month := [...]string{
		"januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december",
	}[at.Month()-1]
	brief := [...]string{"jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"}[at.Month()-1]
	normal = fmt.Sprintf("%d %s %d", at.Day(), month, at.Year())
	return normal, fmt.Sprintf("%d %s %d", at.Day(), brief, at.Year()), day + " " + normal
}

// mrkdwn returns Slack's markup as plain text: it resolves what is in angle brackets, replaces
// emoji names and undoes escapes.
func (w *writer) mrkdwn(text string) string {
	var out strings.Builder
	for {
		before, rest, opened := strings.Cut(text, "<")
		out.WriteString(unescape(emojis(before)))
		if !opened {
			return out.String()
		}
		inside, after, closed := strings.Cut(rest, ">")
		if !closed {
			out.WriteString("<" + unescape(emojis(rest)))
			return out.String()
		}
		out.WriteString(w.bracket(inside))
		text = after
	}
}

// bracket resolves <@user>, <#channel|name>, <!here>, <!date^…>, <url|text>.
func (w *writer) bracket(inside string) string {
	target, label, _ := strings.Cut(inside, "|")
	label = unescape(label)
	switch {
	case strings.HasPrefix(target, "@"):
		return "@" + w.server.name(target[1:])
	case strings.HasPrefix(target, "#"):
		return w.channelName(target[1:], label)
	case strings.HasPrefix(target, "!date^"):
		return w.dateMarkup(target, label)
	case strings.HasPrefix(target, "!subteam^"):
		return "@" + target[len("!subteam^"):]
	case strings.HasPrefix(target, "!"):
		return "@" + target[1:]
	default:
		return link(label, unescape(target))
	}
}

// dateMarkup returns the text of !date^seconds^format^link, or the fallback when it is invalid.
func (w *writer) dateMarkup(target, fallback string) string {
	parts := strings.Split(target, "^")
	if len(parts) < 3 {
		return fallback
	}
	seconds, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil {
		return fallback
	}
	return w.date(time.Unix(seconds, 0), unescape(parts[2]))
}

// date formats a time with Slack's date tokens, in the time zone of the clock.
func (w *writer) date(at time.Time, format string) string {
	at = at.In(w.now.Location())
	normal, short, long := w.words().dates(at)
	return strings.NewReplacer(
		"{date_num}", at.Format(time.DateOnly), "{date_slash}", at.Format("2006/01/02"),
		"{date}", normal, "{date_short}", short, "{date_long}", long,
		"{date_pretty}", w.relativeDay(at, normal),
		"{date_short_pretty}", w.relativeDay(at, short),
		"{date_long_pretty}", w.relativeDay(at, long), "{date_long_full}", long, "{day_divider_pretty}", w.relativeDay(at, long),
		"{time}", at.Format("15:04"), "{time_secs}", at.Format("15:04:05"),
		"{ago}", fmt.Sprintf(w.words().ago, w.now.Sub(at).Round(time.Minute)),
	).Replace(format)
}

// relativeDay returns today, yesterday or tomorrow instead of a date, as Slack does.
func (w *writer) relativeDay(at time.Time, date string) string {
	for i, name := range w.words().days {
		if w.now.AddDate(0, 0, i-1).Format(time.DateOnly) == at.Format(time.DateOnly) {
			return name
		}
	}
	return date
}

func unescape(s string) string {
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(s)
}

// emojis replaces the names of the emoji in Emoji and leaves other names alone.
func emojis(s string) string {
	var pairs []string
	for name, emoji := range Emoji() {
		pairs = append(pairs, ":"+name+":", emoji)
	}
	return strings.NewReplacer(pairs...).Replace(s)
}

// Emoji returns the emoji that a support bot uses, by their names in Slack.
func Emoji() map[string]string {
	return map[string]string{
		"large_green_circle": "🟢", "large_yellow_circle": "🟡", "red_circle": "🔴", "large_red_circle": "🔴",
		"large_orange_circle": "🟠", "large_blue_circle": "🔵", "white_circle": "⚪", "black_circle": "⚫", "smiley": "😃",
		"slightly_smiling_face": "🙂", "neutral_face": "😐", "slightly_frowning_face": "🙁", "white_frowning_face": "☹️",
		"disappointed": "😞", "angry": "😠", "white_check_mark": "✅", "heavy_check_mark": "✔️", "x": "❌", "warning": "⚠️",
		"rotating_light": "🚨", "bell": "🔔", "hourglass_flowing_sand": "⏳", "alarm_clock": "⏰", "eyes": "👀",
		"raised_hand": "✋", "raising_hand": "🙋", "speech_balloon": "💬", "bar_chart": "📊", "chart_with_upwards_trend": "📈",
		"chart_with_downwards_trend": "📉", "star": "⭐", "tada": "🎉", "wave": "👋", "point_right": "👉",
		"information_source": "ℹ️", "no_entry_sign": "🚫", "wastebasket": "🗑️", "arrows_counterclockwise": "🔄", "zzz": "💤",
	}
}

// Plain returns mrkdwn as text, as a notification shows it.
func (s *Server) Plain(mrkdwn string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.writer().mrkdwn(mrkdwn)
}

// richText writes a rich_text block, whose texts have no markup.
func (w *writer) richText(b node) {
	number := 0
	for _, part := range b.Elements {
		line := w.pieces(part.Elements)
		switch part.Type {
		case "rich_text_quote":
			w.line(indent(line, "│ ", "│ "))
		case "rich_text_preformatted":
			w.line(indent(line, "    ", "    "))
		case "rich_text_list":
			w.list(part, &number)
			continue
		default:
			w.line(strings.TrimSuffix(line, "\n"))
		}
		number = 0
	}
}

func (w *writer) list(part node, number *int) {
	margin := strings.Repeat("  ", part.Indent)
	for _, item := range part.Elements {
		mark := "• "
		if plain(part.Style) == "ordered" {
			*number++
			mark = strconv.Itoa(*number) + ". "
		}
		w.line(indent(w.pieces(item.Elements), margin+mark, margin+"  "))
	}
}

// pieces returns the text of the pieces of a line.
func (w *writer) pieces(list []node) string {
	var out strings.Builder
	for _, n := range list {
		out.WriteString(w.piece(n))
	}
	return out.String()
}

func (w *writer) piece(n node) string {
	switch n.Type {
	case "text":
		return n.string()
	case "link":
		return link(n.string(), n.URL)
	case "emoji":
		return emojis(":" + n.Name + ":")
	case "user":
		return "@" + w.server.name(n.UserID)
	case "usergroup":
		return "@" + n.UsergroupID
	case "channel":
		return w.channelName(n.ChannelID, "")
	case "broadcast":
		return "@" + n.Range
	case "date":
		return w.date(time.Unix(n.Timestamp, 0), n.Format)
	default:
		return "[" + n.Type + "]"
	}
}

func link(text, url string) string {
	if text == "" || text == url {
		return url
	}
	return text + " (" + url + ")"
}

func (w *writer) channelName(id, name string) string {
	if c, ok := w.server.channels[id]; ok {
		name = c.Name
	}
	if name == "" {
		name = id
	}
	return "#" + name
}

// table writes rows with aligned cells.
func (w *writer) table(b node) {
	if b.Caption != "" {
		w.line(b.Caption)
	}
	var rows [][]string
	width := map[int]int{}
	for _, r := range b.Rows {
		var row []string
		for i, cell := range r {
			text := w.cell(cell)
			width[i] = max(width[i], len([]rune(text)))
			row = append(row, text)
		}
		rows = append(rows, row)
	}
	for _, row := range rows {
		var line strings.Builder
		for i, text := range row {
			line.WriteString(text + strings.Repeat(" ", width[i]-len([]rune(text))+2))
		}
		w.line(line.String())
	}
}

func (w *writer) cell(n node) string {
	switch {
	case n.Type == "rich_text":
		inner := w.server.writer()
		inner.richText(n)
		return strings.Join(inner.lines, " ")
	case n.string() != "":
		return n.string()
	default:
		return string(n.Value)
	}
}

// chart is the chart of a data_visualization block.
type chart struct {
	Segments []point `json:"segments"`
	Series   []struct {
		Name string  `json:"name"`
		Data []point `json:"data"`
	} `json:"series"`
}

type point struct {
	Label string      `json:"label"`
	Value json.Number `json:"value"`
}

// chart writes the numbers of a chart, one line for each series.
func (w *writer) chart(b node) {
	w.line("📊 " + plain(b.Title))
	if b.Chart == nil {
		return
	}
	if len(b.Chart.Segments) > 0 {
		w.line(points(b.Chart.Segments))
	}
	for _, s := range b.Chart.Series {
		w.line(s.Name + ": " + points(s.Data))
	}
}

func points(list []point) string {
	var out []string
	for _, p := range list {
		out = append(out, p.Label+" "+p.Value.String())
	}
	return strings.Join(out, ", ")
}
