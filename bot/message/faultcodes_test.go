package message_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"smileybot/bot/message"
)

// TestEveryDocumentedErrorHasARemedy: these are the errors that Slack documents for the methods that
// smileybot calls (docs.slack.dev/reference/methods, August 2026). None is left to be looked up.
func TestEveryDocumentedErrorHasARemedy(t *testing.T) {
	t.Parallel()
	r := message.NewRenderer(message.Options{})
	unknown := []string{r.Remedy(message.Fault{Reason: "an_error_of_tomorrow"}), r.Remedy(message.Fault{Reason: "an_error_of_tomorrow", Socket: true})}
	assert.NotEqual(t, unknown[0], unknown[1])
	for _, row := range []struct{ method, codes string }{
		{"every method", `
			access_denied accesslimited account_inactive deprecated_endpoint ekm_access_denied enterprise_is_restricted
			fatal_error invalid_arg_name invalid_array_arg invalid_charset invalid_form_data invalid_post_type is_bot
			method_deprecated missing_post_type missing_scope no_permission not_allowed_token_type not_authed
			org_login_required ratelimited request_timeout service_unavailable team_added_to_org token_expired token_revoked
			two_factor_setup_required unknown_method`},
		{"apps.connections.open", `
			forbidden_team insecure_request internal_error invalid_auth missing_args`},
		{"auth.test", `
			internal_error invalid_auth`},
		{"chat.postMessage", `
			app_access_restricted as_user_not_supported attachment_payload_limit_exceeded cannot_reply_to_message
			channel_not_found draft_already_deleted draft_already_sent draft_has_conflict draft_not_found
			duplicate_channel_not_found duplicate_message_not_found invalid_blocks invalid_blocks_format
			invalid_metadata_format invalid_metadata_schema is_archived markdown_text_conflict message_limit_exceeded
			messages_tab_disabled metadata_must_be_sent_from_app metadata_too_large missing_file_data msg_blocks_too_long
			no_text not_in_channel rate_limited restricted_action restricted_action_non_threadable_channel
			restricted_action_read_only_channel restricted_action_thread_locked restricted_action_thread_only_channel
			send_on_behalf_not_allowed slack_connect_canvas_sharing_blocked slack_connect_file_link_sharing_blocked
			slack_connect_lists_sharing_blocked team_not_found too_many_attachments too_many_contact_cards`},
		{"chat.update", `
			as_user_not_supported block_mismatch blocked_file_type cant_broadcast_message cant_update_message
			channel_not_found edit_window_closed external_channel_migrating file_deleted file_is_deleted file_not_found
			file_share_limit_reached invalid_attachments invalid_blocks invalid_blocks_format invalid_metadata_format
			invalid_metadata_schema is_inactive markdown_text_conflict max_file_sharing_exceeded message_limit_exceeded
			message_not_found metadata_must_be_sent_from_app metadata_too_large msg_too_long no_dual_broadcast_content_update
			no_text posting_to_channel_denied slack_connect_blocked_file_type slack_connect_canvas_sharing_blocked
			slack_connect_clip_sharing_blocked slack_connect_file_link_sharing_blocked
			slack_connect_file_upload_sharing_blocked streaming_state_conflict team_not_found too_many_attachments
			unable_to_share_files update_failed`},
		{"chat.delete", `
			cant_delete_message channel_not_found message_not_found`},
		{"chat.postEphemeral", `
			cannot_reply_to_message channel_not_found invalid_attachments invalid_blocks invalid_blocks_format is_archived
			markdown_text_conflict message_limit_exceeded messages_tab_disabled msg_too_long no_text not_in_channel
			restricted_action too_many_attachments user_not_in_channel`},
		{"conversations.history", `
			channel_is_limited_access channel_not_found invalid_cursor invalid_metadata_filter_keys invalid_ts_latest
			invalid_ts_oldest not_in_channel`},
		{"conversations.replies", `
			channel_not_found invalid_cursor invalid_metadata_filter_keys invalid_ts_latest invalid_ts_oldest
			list_record_comment_fetch_failed method_not_supported_for_channel_type thread_not_found`},
		{"conversations.info", `
			channel_is_limited_access channel_not_found`},
		{"conversations.members", `
			channel_not_found fetch_members_failed invalid_cursor invalid_limit method_not_supported_for_channel_type`},
		{"users.info", `
			too_many_users user_not_found user_not_visible`},
		{"users.lookupByEmail", `
			users_not_found`},
		{"views.open", `
			duplicate_external_id exchanged_trigger_id expired_trigger_id invalid_trigger_id view_too_large`},
		{"views.publish", `
			duplicate_external_id hash_conflict missing_profile_id not_enabled not_implemented view_too_large`},
		{"our own", `
			unreachable no_answer not_slack http_404 clock panic org_wide_install foreign_workspace`},
	} {
		for code := range strings.FieldsSeq(row.codes) {
			remedy := r.Remedy(message.Fault{Reason: code, Channel: "C0SUPPORT"})
			assert.NotContains(t, unknown, remedy, "%s: %s", row.method, code)
			assert.NotContains(t, remedy, "<no value>", "%s: %s", row.method, code)
		}
	}
	for code := range strings.FieldsSeq(`internal_error invalid_auth not_authed token_expired token_revoked account_inactive
		not_allowed_token_type forbidden_team insecure_request missing_scope ratelimited too_many_websockets http_404
		access_denied accesslimited org_login_required team_added_to_org request_timeout service_unavailable
		link_disabled foreign_connections connection_dropped not_connected bad_handshake unreachable no_answer not_slack`) {
		assert.NotContains(t, unknown, r.Remedy(message.Fault{Reason: code, Socket: true}), code)
	}
}

// TestRemediesSayWhatToDo by the kind of fault, with the words that an operator looks for.
func TestRemediesSayWhatToDo(t *testing.T) {
	t.Parallel()
	r := message.NewRenderer(message.Options{})
	for _, row := range []struct{ codes, scope, want string }{
		{"restricted_action restricted_action_read_only_channel posting_to_channel_denied", "", "let the app post in channel C0SUPPORT: channel details, Settings, Posting permissions"},
		{"restricted_action_thread_only_channel", "", "takes replies only"},
		{"restricted_action_non_threadable_channel", "", "takes no replies"},
		{"no_permission not_in_channel", "", "/invite @smileybot in channel C0SUPPORT"},
		{"org_login_required team_added_to_org", "", "moving the workspace to an Enterprise organisation"},
		{"ekm_access_denied", "", "Enterprise Key Management"},
		{"accesslimited", "", "Restrict API Token Usage"},
		{"access_denied app_access_restricted", "", "approve the app"},
		{"two_factor_setup_required", "", "two-factor"},
		{"token_expired", "", "token rotation is on"},
		{"token_revoked invalid_auth account_inactive", "", "install the app in Slack again"},
		{"not_enabled", "", "turn on the Home tab"},
		{"missing_scope", "", "'smileybot manifest'"},
		{"missing_scope", "groups:read", "the token lacks the scope groups:read"},
		{"missing_scope", "mpim:read", "is a group direct message"},
		{"unreachable no_answer", "", "is the way to the internet open, and SLACK_API_URL right?"},
		{"not_slack http_404", "", "what answers is not Slack"},
		{"internal_error fatal_error service_unavailable", "", "nothing to do"},
		{"invalid_blocks invalid_arguments unknown_method invalid_cursor", "", "update smileybot"},
		{"enterprise_is_restricted org_wide_install", "", "install the app in one workspace"},
	} {
		for code := range strings.FieldsSeq(row.codes) {
			assert.Contains(t, r.Remedy(message.Fault{Reason: code, Channel: "C0SUPPORT", Scope: row.scope}), row.want, code)
		}
	}
	foreign := r.Remedy(message.Fault{Reason: "foreign_connections", Socket: true, Count: 8})
	assert.Contains(t, foreign, fmt.Sprintf("it has %d connections", 8))
}
