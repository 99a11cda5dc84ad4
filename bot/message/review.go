package message

import (
	"strings"
	"unicode"

	"smileybot/feedback"
	"smileybot/feedback/followup"
)

// reviewLine is a review's stars, with their number in words for those who hear it, and
// its site, which links to its page when that is known; without a site the word
// "Review" does.
func (s *Speaker) reviewLine(f feedback.Feedback, address string) line {
	_, most := feedback.KindReview.Scale()
	given := min(max(f.Rating, 0), most)
	in := values{
		"stars": strings.Repeat("★", given) + strings.Repeat("☆", most-given),
		"score": s.starsWord(f), "review": text(s.channelWord(feedback.ChannelReview)),
	}
	site := siteWord(f.Site)
	if site == "" {
		in["review"] = linked(address, s.channelWord(feedback.ChannelReview))
		return s.line("review", in)
	}
	in["site"] = linked(address, site)
	return s.line("review_on", in)
}

// starsWord is how many stars a review gives, in words: "2 of 5 stars".
func (s *Speaker) starsWord(f feedback.Feedback) string {
	_, most := feedback.KindReview.Scale()
	return s.say("review_stars", values{"given": f.Rating, "most": most})
}

// reviewSpoken is a review without its picture of stars, for the text of a message,
// which is read aloud: "2 of 5 stars on Trustpilot".
func (s *Speaker) reviewSpoken(f feedback.Feedback) string {
	if site := siteWord(f.Site); site != "" {
		return s.say("review_spoken_on", values{"score": s.starsWord(f), "site": site})
	}
	return s.starsWord(f)
}

// siteWord is a review site as its name is written. Senders write it in small letters; one
// word of them gets a capital: trustpilot is Trustpilot, webhosters.nl stays.
func siteWord(site string) string {
	site = phrase(site, feedback.MaxName)
	if site == "" || strings.ContainsFunc(site, func(r rune) bool { return !unicode.IsLower(r) }) {
		return site
	}
	letters := []rune(site)
	return string(unicode.ToUpper(letters[0])) + string(letters[1:])
}

// gist says what was rated without a word of the customer's, as a notice does: of a
// review, whose title is the customer's, the stars.
func (s *Speaker) gist(f feedback.Feedback) string {
	if f.Kind == feedback.KindReview {
		return s.ratingWord(f)
	}
	return s.thing(f)
}

// task is what a follow-up asks for, where that is not to ask the customer: a review
// is answered on its site. It is nothing for others, and when it is over.
func (s *Speaker) task(v followup.Snapshot) line {
	if v.Feedback.Kind != feedback.KindReview || !v.FollowUp.State.Pending() {
		return nil
	}
	return text(s.say("task_review"))
}
