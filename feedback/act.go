package feedback

// Act is what a person does with a feedback itself: whether it counts.
type Act string

// The acts.
const (
	ActConfirm Act = "confirm" // that a suspect click is a person's
	ActVoid    Act = "void"    // it does not count
	ActRestore Act = "restore" // it counts again
)

// Acts lists every act.
func Acts() []Act { return []Act{ActConfirm, ActVoid, ActRestore} }

// Acts lists what a person can do with the feedback as it stands.
func (f Feedback) Acts() []Act {
	switch {
	case f.Voided():
		return []Act{ActRestore}
	case f.Suspect:
		return []Act{ActConfirm, ActVoid}
	default:
		return []Act{ActVoid}
	}
}
