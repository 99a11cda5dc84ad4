package fakeslack

import (
	"strconv"
	"strings"
	"time"
)

// mrkdwn writes Slack's markup as text: what stands in angle brackets is
// resolved, emoji names become emoji, and the escapes are undone.
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

// dateMarkup writes !date^seconds^format^link, or the fallback when it is none.
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

// date writes a moment by Slack's date tokens, in the clock's time zone.
func (w *writer) date(at time.Time, format string) string {
	at = at.In(w.now.Location())
	long := at.Format("Monday, January 2, 2006")
	return strings.NewReplacer(
		"{date_num}", at.Format(time.DateOnly), "{date_slash}", at.Format("2006/01/02"),
		"{date}", at.Format("January 2, 2006"), "{date_short}", at.Format("Jan 2, 2006"), "{date_long}", long,
		"{date_pretty}", w.near(at, at.Format("January 2, 2006")),
		"{date_short_pretty}", w.near(at, at.Format("Jan 2, 2006")),
		"{date_long_pretty}", w.near(at, long), "{date_long_full}", long, "{day_divider_pretty}", w.near(at, long),
		"{time}", at.Format("15:04"), "{time_secs}", at.Format("15:04:05"),
		"{ago}", w.now.Sub(at).Round(time.Minute).String()+" ago",
	).Replace(format)
}

// near says today, yesterday or tomorrow instead of a date, as Slack does.
func (w *writer) near(at time.Time, date string) string {
	for name, days := range map[string]int{"today": 0, "yesterday": -1, "tomorrow": 1} {
		if w.now.AddDate(0, 0, days).Format(time.DateOnly) == at.Format(time.DateOnly) {
			return name
		}
	}
	return date
}

func unescape(s string) string {
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(s)
}

// emojis turns the names of the emoji a support bot uses into emoji; other names
// stay as they are.
func emojis(s string) string {
	var pairs []string
	for name, emoji := range Emoji() {
		pairs = append(pairs, ":"+name+":", emoji)
	}
	return strings.NewReplacer(pairs...).Replace(s)
}

// Emoji lists the emoji that are shown as such, by Slack's name.
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

// Plain returns mrkdwn as text, the way a notification shows it.
func (s *Server) Plain(mrkdwn string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.writer().mrkdwn(mrkdwn)
}
