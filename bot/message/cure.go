package message

// Fault is why something does not get to Slack.
type Fault struct {
	// Reason is Slack's error code, or one of smileybot's own: unreachable,
	// no_answer, panic; not_connected, bad_handshake and http_404 of Socket Mode.
	Reason string
	// Channel is the Slack channel it concerns, if it does.
	Channel string
	// Socket says that it is about opening a Socket Mode connection.
	Socket bool
}

// Cure says what an operator does about a fault, in plain text.
func (s *Speaker) Cure(f Fault) string {
	return s.say(f.cureKey(), values{"channel": phrase(f.Channel, maxWord)})
}

// fault tells of a fault and its cure to people in Slack.
func (s *Speaker) fault(f Fault) line {
	var where line
	if where = channel(f.Channel); len(where) == 0 {
		where.text(phrase(f.Channel, maxWord))
	}
	return s.line("fault", values{
		"reason": phrase(f.Reason, maxWord), "cure": s.line(f.cureKey(), values{"channel": where}),
	})
}

func (f Fault) cureKey() string {
	if f.Socket {
		return socketCureKey(f.Reason)
	}
	return cureKey(f.Reason)
}

func cureKey(reason string) string {
	switch reason {
	case "channel_not_found":
		return "cure_unseen"
	case "not_in_channel":
		return "cure_invite"
	case "is_archived", "is_inactive":
		return "cure_archived"
	case "invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "not_allowed_token_type":
		return "cure_token"
	case "missing_scope":
		return "cure_scope"
	case "unreachable", "no_answer", "internal_error", "fatal_error", "request_timeout", "service_unavailable":
		return "cure_away"
	case "ratelimited", "rate_limited", "message_limit_exceeded":
		return "cure_limited"
	case "panic":
		return "cure_panic"
	default:
		return "cure_unknown"
	}
}

func socketCureKey(reason string) string {
	switch reason {
	case "too_many_websockets":
		return "cure_socket_many"
	case "http_404":
		return "cure_socket_address"
	case "bad_handshake":
		return "cure_socket_proxy"
	case "not_connected":
		return "cure_socket_off"
	}
	switch key := cureKey(reason); key {
	case "cure_token":
		return "cure_socket_token"
	case "cure_scope":
		return "cure_socket_scope"
	case "cure_away", "cure_limited":
		return key
	default:
		return "cure_socket_unknown"
	}
}

// OutgoingCure says what an operator does when the ticket system does not take what it
// is told.
func (s *Speaker) OutgoingCure() string { return s.say("cure_outgoing") }

// StoreReason says that the database does not take writes.
func (s *Speaker) StoreReason() string { return s.say("fault_store") }

// StoreCure says what an operator does then.
func (s *Speaker) StoreCure() string { return s.say("cure_store") }

// storeFault tells of it to people in Slack.
func (s *Speaker) storeFault() line {
	return s.line("fault", values{"reason": s.StoreReason(), "cure": s.StoreCure()})
}
