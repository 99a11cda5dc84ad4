package config

import (
	"math"
	"os"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"smileybot/feedback"
)

// Unknown lists the variables of the environment that look like a setting and are none, by the names
// of the ready-made senders and of those that are mapped. Nothing reads such a variable, so each has
// the nearest setting in its remedy. Empty ones do not count, nor do those by which Kubernetes names
// a service called smileybot or slack.
func Unknown(readyMade []Sender, mapped []string) Mistakes {
	known := settingNames(readyMade, mapped)
	var unknown Mistakes
	for _, entry := range slices.Sorted(slices.Values(os.Environ())) {
		name, value, _ := strings.Cut(entry, "=")
		if strings.TrimSpace(value) == "" || slices.Contains(known, name) || secretsSetting.MatchString(name) || isServiceLink(name, value) {
			continue
		}
		near, far := nearest(name, known)
		if looksLikeSetting(name) || far <= 2 {
			unknown = append(unknown, Mistake{Name: name, Problem: "not a setting of smileybot, so nothing reads it", Remedy: suggestion(near, far)})
		}
	}
	return unknown
}

// NearestSetting returns the setting that a name is most like.
func NearestSetting(name string, readyMade []Sender, mapped []string) string {
	near, _ := nearest(name, settingNames(readyMade, mapped))
	return near
}

func suggestion(near string, far int) string {
	const most = 3 // changes of a name, or words missing; what is further is hardly a slip
	if far > most {
		return "remove it, or see docs/configuration.md; the nearest setting is " + near
	}
	return "did you mean " + near + "?"
}

// settingNames lists the variables that are read, those of files included.
func settingNames(readyMade []Sender, mapped []string) []string {
	var names []string
	add := func(name string, secret bool) {
		names = append(names, name)
		if secret {
			names = append(names, name+"_FILE")
		}
	}
	for _, s := range Describe(readyMade) {
		if !strings.Contains(s.Name, "<") {
			add(s.Name, s.Secret)
		}
	}
	for _, s := range readyMade {
		add(SendersSetting(s.Name), true)
	}
	for _, name := range mapped {
		add(SendersSetting(name), true)
	}
	return names
}

var (
	prefixOfAny    = regexp.MustCompile(`(?i)^(SMILEYBOT|SLACK)_`)
	serviceName    = regexp.MustCompile(`_SERVICE_(HOST|PORT(_[A-Z0-9_]+)?)$|_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$`)
	serviceAddress = regexp.MustCompile(`^(tcp|udp|sctp)://`)
)

// looksLikeSetting reports whether a name begins as those of settings do, in any case.
func looksLikeSetting(name string) bool { return prefixOfAny.MatchString(name) }

// isServiceLink reports whether Kubernetes sets a variable in every container next to a service
// (https://kubernetes.io/docs/tutorials/services/connect-applications-service/#environment-variables).
func isServiceLink(name, value string) bool {
	return serviceName.MatchString(name) || strings.HasSuffix(name, "_PORT") && serviceAddress.MatchString(value)
}

// nearest is the setting that a name is most like, and how far it is from it.
func nearest(name string, known []string) (near string, far int) {
	name, far = strings.ToUpper(name), math.MaxInt
	prefix, _ := cutPrefix(name)
	for _, setting := range known {
		if prefix == "" && lengthsApart(name, setting) >= far {
			continue
		}
		if d := distance(name, setting); d < far {
			near, far = setting, d
		}
	}
	return near, far
}

// lengthsApart is the least that [feedback.Distance] can be, of which each slip adds or takes at most one
// character. It makes the look at a large environment cheap.
func lengthsApart(name, setting string) int {
	apart := min(utf8.RuneCountInString(name), feedback.DistanceCounts) - min(utf8.RuneCountInString(setting), feedback.DistanceCounts)
	return max(apart, -apart)
}

// distance is how many characters or words of two variables differ. A slip in the prefix counts as
// such, and another prefix as one change, because people rather know the words after it.
func distance(name, setting string) int {
	letters := feedback.Distance(name, setting)
	prefix, words := cutPrefix(name)
	settingPrefix, settingWords := cutPrefix(setting)
	if prefix == "" {
		return letters
	}
	rest := min(feedback.Distance(words, settingWords), wordsApart(words, settingWords), shortened(words, settingWords))
	if prefix != settingPrefix {
		rest++
	}
	return min(letters, rest)
}

// cutPrefix cuts SMILEYBOT_, SLACK_, or both off a name.
func cutPrefix(name string) (prefix, words string) {
	words = strings.TrimPrefix(strings.TrimPrefix(name, "SMILEYBOT_"), "SLACK_")
	return strings.TrimSuffix(name, words), words
}

// wordsApart is three for each word that only the longer of two names has. It is large when the
// shorter one has words of its own.
func wordsApart(a, b string) int {
	long, short := strings.Split(a, "_"), strings.Split(b, "_")
	if len(long) < len(short) {
		long, short = short, long
	}
	for _, word := range short {
		if !slices.ContainsFunc(long, func(other string) bool { return sameWord(word, other) }) {
			return math.MaxInt - 1
		}
	}
	return 3 * (len(long) - len(short))
}

// shortened is the distance of an abbreviation, as DB is of DATABASE: its letters in their order, from
// the first one on. It is large of anything else.
func shortened(name, setting string) int {
	const few = 3
	rest := setting
	for i := range len(name) {
		at := strings.IndexByte(rest, name[i])
		if at < 0 || i == 0 && at > 0 {
			return math.MaxInt - 1
		}
		rest = rest[at+1:]
	}
	return few
}

// sameWord compares words whether they are singular or plural.
func sameWord(a, b string) bool {
	return strings.TrimSuffix(a, "S") == strings.TrimSuffix(b, "S")
}
