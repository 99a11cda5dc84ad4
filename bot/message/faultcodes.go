package message

import "strings"

// remedyKey returns the key of what an operator does about a fault. The codes are those that Slack
// documents for the methods that smileybot calls (docs.slack.dev/reference/methods), and smileybot's
// own.
func (f Fault) remedyKey() string {
	if f.Socket {
		if key := f.socketRemedyKey(); key != "" {
			return key
		}
	}
	switch f.Reason {
	case "missing_scope":
		switch {
		case f.Scope == "":
			return "remedy_scope"
		case strings.HasPrefix(f.Scope, "mpim:"):
			return "remedy_scope_group"
		default:
			return "remedy_scope_named"
		}
	case "panic":
		return "remedy_panic"
	}
	for _, key := range []string{f.tokenRemedyKey(), f.channelRemedyKey(), f.passingRemedyKey()} {
		if key != "" {
			return key
		}
	}
	if f.isOurs() {
		return "remedy_bug"
	}
	return "remedy_unknown"
}

// tokenRemedyKey is about the token, the app and the workspace, empty for any other fault.
func (f Fault) tokenRemedyKey() string {
	switch f.Reason {
	case "invalid_auth", "not_authed", "account_inactive", "token_revoked", "is_bot", "user_is_bot", "user_is_restricted":
		return "remedy_token"
	case "token_expired":
		return "remedy_token_rotated"
	case "not_allowed_token_type":
		return "remedy_token_kind"
	case "access_denied", "app_access_restricted", "forbidden_team", "team_access_not_granted":
		return "remedy_approval"
	case "accesslimited":
		return "remedy_network"
	case "ekm_access_denied":
		return "remedy_ekm"
	case "two_factor_setup_required":
		return "remedy_two_factor"
	case "org_login_required", "team_added_to_org":
		return "remedy_migration"
	case "org_wide_install", "enterprise_is_restricted", "team_not_found":
		return "remedy_org_wide"
	case "foreign_workspace":
		return "remedy_foreign"
	case "not_enabled", "not_implemented":
		return "remedy_home"
	default:
		return ""
	}
}

// channelRemedyKey is about one channel, empty for any other fault.
func (f Fault) channelRemedyKey() string {
	switch f.Reason {
	case "channel_not_found", "channel_is_limited_access":
		return "remedy_unseen"
	case "not_in_channel", "no_permission":
		return "remedy_invite"
	case "is_archived", "is_inactive":
		return "remedy_archived"
	case "restricted_action", "restricted_action_read_only_channel", "posting_to_channel_denied", "posting_to_general_channel_denied",
		"is_read_only":
		return "remedy_posting"
	case "restricted_action_thread_only_channel", "is_thread_only":
		return "remedy_threads_only"
	case "restricted_action_non_threadable_channel":
		return "remedy_no_threads"
	case "is_frozen":
		return "remedy_frozen"
	case "is_ext_shared":
		return "remedy_shared"
	case "restricted_action_thread_locked":
		return "remedy_thread_locked"
	case "messages_tab_disabled", "method_not_supported_for_channel_type":
		return "remedy_no_channel"
	case "cant_delete_message":
		return "remedy_delete"
	default:
		return ""
	}
}

// passingRemedyKey is about what passes by itself, or lies between smileybot and Slack; empty for any
// other fault.
func (f Fault) passingRemedyKey() string {
	if strings.HasPrefix(f.Reason, "http_5") {
		return "remedy_away"
	}
	switch f.Reason {
	case "unreachable", "no_answer":
		return "remedy_unreachable"
	case "certificate":
		return "remedy_certificate"
	case "not_slack", "http_404":
		return "remedy_not_slack"
	case "insecure_request":
		return "remedy_insecure"
	case "internal_error", "fatal_error", "request_timeout", "service_unavailable", "update_failed", "fetch_members_failed",
		"external_channel_migrating", "clock":
		return "remedy_away"
	case "ratelimited", "rate_limited", "message_limit_exceeded":
		return "remedy_limited"
	case "message_not_found", "cant_update_message", "edit_window_closed", "cannot_reply_to_message", "thread_not_found",
		"hash_conflict", "user_not_found", "users_not_found", "user_not_visible", "user_not_in_channel", "user_disabled":
		return "remedy_none"
	case "in_doubt":
		return "remedy_doubt"
	case "waiting":
		return "remedy_waiting"
	case "expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id":
		return "remedy_click_again"
	default:
		return ""
	}
}

// isOurs reports whether Slack refuses a request as malformed, or for what smileybot never sends.
func (f Fault) isOurs() bool {
	switch f.Reason {
	case "no_text", "view_too_large", "block_mismatch", "missing_args", "missing_profile_id", "missing_post_type", "missing_file_data",
		"metadata_too_large", "metadata_must_be_sent_from_app", "markdown_text_conflict", "attachment_payload_limit_exceeded",
		"msg_too_long", "msg_blocks_too_long", "too_many_attachments", "too_many_contact_cards", "too_many_users",
		"unknown_method", "method_deprecated", "deprecated_endpoint", "as_user_not_supported", "send_on_behalf_not_allowed",
		"cant_broadcast_message", "no_dual_broadcast_content_update", "streaming_state_conflict", "duplicate_external_id",
		"duplicate_channel_not_found", "duplicate_message_not_found", "list_record_comment_fetch_failed",
		"blocked_file_type", "max_file_sharing_exceeded", "unable_to_share_files":
		return true
	}
	for _, prefix := range []string{"invalid_", "draft_", "file_", "slack_connect_"} {
		if strings.HasPrefix(f.Reason, prefix) {
			return true
		}
	}
	return false
}

// socketRemedyKey is about Socket Mode, empty for a fault that is no different there.
func (f Fault) socketRemedyKey() string {
	switch f.Reason {
	case "too_many_websockets":
		return "remedy_socket_many"
	case "foreign_connections":
		return "remedy_socket_foreign"
	case "bad_handshake", "connection_dropped":
		return "remedy_socket_proxy"
	case "not_connected", "link_disabled":
		return "remedy_socket_off"
	case "missing_scope":
		return "remedy_socket_scope"
	}
	switch key := (Fault{Reason: f.Reason}).remedyKey(); key {
	case "remedy_token", "remedy_token_kind", "remedy_token_rotated":
		return "remedy_socket_token"
	case "remedy_bug", "remedy_unknown":
		return "remedy_socket_unknown"
	default:
		return ""
	}
}
