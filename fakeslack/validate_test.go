package fakeslack_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/fakeslack"
)

// x returns a text of n characters.
func x(n int) string { return strings.Repeat("x", n) }

// many returns n copies of s, separated by commas, with %d replaced by the index of the copy.
func many(n int, s string) string {
	out := make([]string, n)
	for i := range out {
		out[i] = strings.ReplaceAll(s, "%d", strconv.Itoa(i))
	}
	return strings.Join(out, ",")
}

func plain(s string) string { return `{"type":"plain_text","text":"` + s + `"}` }
func mrk(s string) string   { return `{"type":"mrkdwn","text":"` + s + `"}` }
func opt(s string) string   { return `{"text":` + plain(s) + `,"value":"` + s + `"}` }

func actions(el string) string { return `[{"type":"actions","elements":[` + el + `]}]` }

func btn(more string) string {
	return actions(`{"type":"button","text":` + plain("Go") + more + `}`)
}

func menu(more string) string { return actions(`{"type":"static_select","action_id":"a"` + more + `}`) }

func input(el string) string {
	return `[{"type":"input","label":` + plain("L") + `,"element":` + el + `}]`
}

func rich(pieces string) string {
	return `[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[` + pieces + `]}]}]`
}

func table(rows string) string { return `[{"type":"table","rows":[` + rows + `]}]` }
func cell(s string) string     { return `{"type":"raw_text","text":"` + s + `"}` }

func dataTable(rest string) string { return `[{"type":"data_table","caption":"c",` + rest + `}]` }

func chartOf(chart string) string {
	return `[{"type":"data_visualization","title":"t","chart":` + chart + `}]`
}

func line(series, categories string) string {
	return chartOf(`{"type":"line","series":[` + series + `],"axis_config":{"categories":[` + categories + `]}}`)
}

const (
	confirmation = `"title":{"type":"plain_text","text":"t"},"text":{"type":"mrkdwn","text":"t"},"deny":{"type":"plain_text","text":"n"}`
	aSeries      = `{"name":"s","data":[{"label":"a","value":-1}]}`
)

func TestValidBlocksHaveNoProblem(t *testing.T) {
	for _, c := range []struct {
		name   string
		blocks string
		on     fakeslack.Surface
	}{
		{"none", `[]`, fakeslack.SurfaceMessage},
		{"section", `[{"type":"section","block_id":"b","text":` + mrk(x(3000)) + `,"accessory":{"type":"button","text":` + plain("Go") + `}}]`, fakeslack.SurfaceMessage},
		{"fields", `[{"type":"section","fields":[` + many(5, mrk(x(2000))) + `]}]`, fakeslack.SurfaceMessage},
		{"header", `[{"type":"header","level":2,"text":{"type":"plain_text","emoji":false,"text":"` + x(150) + `"}}]`, fakeslack.SurfaceMessage},
		{"context", `[{"type":"context","elements":[` + many(9, mrk("a")) + `,{"type":"image","image_url":"https://example.org/a.png","alt_text":"a"}]}]`, fakeslack.SurfaceMessage},
		{"button", btn(`,"action_id":"a","value":"` + x(2000) + `","url":"https://example.org","style":"danger","confirm":{` + confirmation + `,"confirm":` + plain("y") + `}`), fakeslack.SurfaceMessage},
		{"overflow", actions(`{"type":"overflow","action_id":"a","options":[` + many(5, opt("%d")) + `]}`), fakeslack.SurfaceMessage},
		{"static_select", menu(`,"placeholder":` + plain("Pick") + `,"options":[` + opt("a") + `],"initial_option":` + opt("a")), fakeslack.SurfaceMessage},
		{"option groups", menu(`,"option_groups":[{"label":` + plain("g") + `,"options":[` + opt("a") + `]}],"initial_option":` + opt("a")), fakeslack.SurfaceMessage},
		{"users_select", actions(`{"type":"users_select","action_id":"a","initial_user":"U1"}`), fakeslack.SurfaceHome},
		{"conversations", actions(`{"type":"multi_conversations_select","action_id":"a","max_selected_items":2,"filter":{}}`), fakeslack.SurfaceHome},
		{"external", actions(`{"type":"external_select","action_id":"a","min_query_length":2}`), fakeslack.SurfaceHome},
		{"checkboxes", actions(`{"type":"checkboxes","action_id":"a","options":[{"text":` + mrk("*a*") + `,"value":"a"}]}`), fakeslack.SurfaceHome},
		{"pickers", actions(`{"type":"datepicker","initial_date":"2026-11-20"},{"type":"timepicker","initial_time":"09:00"},{"type":"datetimepicker","initial_date_time":1795170660}`), fakeslack.SurfaceHome},
		{"rich_text", rich(`{"type":"text","text":"<a & b>","style":{"bold":true}},{"type":"link","url":"https://example.org"},{"type":"emoji","name":"wave"},{"type":"user","user_id":"U1"},{"type":"channel","channel_id":"C1"},{"type":"date","timestamp":1795170660,"format":"{date_short_pretty} {time}","fallback":"f"},{"type":"broadcast","range":"here"},{"type":"usergroup","usergroup_id":"S1"},{"type":"color","value":"#fff"},{"type":"team","team_id":"T1"}`), fakeslack.SurfaceMessage},
		{"rich_text parts", `[{"type":"rich_text","elements":[{"type":"rich_text_quote","elements":[{"type":"text","text":"q"}]},{"type":"rich_text_preformatted","border":0,"elements":[{"type":"text","text":"p"}]},{"type":"rich_text_list","style":"bullet","indent":0,"offset":0,"border":0,"elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"i"}]}]}]}]`, fakeslack.SurfaceMessage},
		{"image", `[{"type":"image","slack_file":{"id":"F012345678"},"alt_text":"a","title":` + plain("t") + `}]`, fakeslack.SurfaceMessage},
		{"markdown", `[{"type":"markdown","text":"` + x(12000) + `"}]`, fakeslack.SurfaceMessage},
		{"table", `[{"type":"table","column_settings":[{"align":"right"},null],"rows":[[` + cell("a") + `,{"type":"raw_number","value":1},{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"b"}]}]}]]}]`, fakeslack.SurfaceMessage},
		{"data_table", dataTable(`"page_size":100,"row_header_column_index":1,"rows":[[` + many(2, cell("h")) + `],[` + cell("a") + `,{"type":"raw_number","value":1.5,"text":"1½"}]]`), fakeslack.SurfaceHome},
		{"pie", chartOf(`{"type":"pie","segments":[` + many(6, `{"label":"%d","value":0.1}`) + `]}`), fakeslack.SurfaceMessage},
		{"line", line(aSeries, `"a"`), fakeslack.SurfaceMessage},
		{"input", input(`{"type":"plain_text_input","action_id":"a","multiline":true,"min_length":0,"max_length":3000,"placeholder":` + plain("p") + `,"dispatch_action_config":{"trigger_actions_on":["on_enter_pressed"]}}`), fakeslack.SurfaceModal},
		{"other inputs", `[` + many(1, `{"type":"input","label":`+plain("L")+`,"hint":`+plain("h")+`,"optional":true,"element":{"type":"email_text_input"}}`) + `,{"type":"input","label":` + plain("L") + `,"element":{"type":"number_input","is_decimal_allowed":false,"min_value":"1"}}]`, fakeslack.SurfaceModal},
		{"one with focus", input(`{"type":"plain_text_input","focus_on_load":true,"min_length":1,"max_length":1,"initial_value":"a"}`), fakeslack.SurfaceModal},
		{"reply address", actions(`{"type":"conversations_select","response_url_enabled":true,"initial_conversation":"C1"}`), fakeslack.SurfaceModal},
		{"page of one", dataTable(`"page_size":1,"row_header_column_index":0,"rows":[[` + many(20, cell("h")) + `]]`), fakeslack.SurfaceHome},
		{"link of 3000", rich(`{"type":"link","url":"https://e.org/` + x(2986) + `"}`), fakeslack.SurfaceMessage},
		{"alert", `[{"type":"alert","level":"warning","text":` + plain(x(200)) + `}]`, fakeslack.SurfaceModal},
		{"50 in a message", `[` + many(50, `{"type":"divider"}`) + `]`, fakeslack.SurfaceMessage},
		{"100 in a modal", `[` + many(100, `{"type":"divider"}`) + `]`, fakeslack.SurfaceModal},
		{"11,000 in all", `[` + many(4, `{"type":"section","text":`+mrk(x(2750))+`}`) + `]`, fakeslack.SurfaceMessage},
		{"same action_ids", `[` + many(2, `{"type":"actions","elements":[{"type":"button","action_id":"a","text":`+plain("a")+`}]}`) + `]`, fakeslack.SurfaceMessage},
		{"emoji are double", `[{"type":"header","text":` + plain(strings.Repeat("🟢", 75)) + `}]`, fakeslack.SurfaceMessage},
	} {
		t.Run(c.name, func(t *testing.T) {
			assert.Empty(t, fakeslack.ValidateBlocks([]byte(c.blocks), c.on))
		})
	}
}

// A violation is a list of blocks with one error, and the place of the error.
type violation struct{ name, blocks, pointer string }

func violations() []violation {
	return []violation{
		{"unknown block", `[{"type":"marquee"}]`, "/blocks/0/type"},
		{"no type", `[{}]`, "/blocks/0/type"},
		{"no object", `["x"]`, "/blocks/0/type"},
		{"alert in a message", `[{"type":"alert","text":` + plain("a") + `}]`, "/blocks/0/type"},
		{"51 blocks", `[` + many(51, `{"type":"divider"}`) + `]`, "/blocks"},
		{"unknown field", `[{"type":"divider","colour":"red"}]`, "/blocks/0"},
		{"block_id too long", `[{"type":"divider","block_id":"` + x(256) + `"}]`, "/blocks/0/block_id"},
		{"block_id empty", `[{"type":"divider","block_id":""}]`, "/blocks/0/block_id"},
		{"block_id twice", `[` + many(2, `{"type":"divider","block_id":"b"}`) + `]`, "/blocks/1/block_id"},
		{"section empty", `[{"type":"section"}]`, "/blocks/0"},
		{"section text empty", `[{"type":"section","text":` + mrk("") + `}]`, "/blocks/0/text/text"},
		{"section text long", `[{"type":"section","text":` + mrk(x(3001)) + `}]`, "/blocks/0/text/text"},
		{"text without text", `[{"type":"section","text":{"type":"mrkdwn"}}]`, "/blocks/0/text"},
		{"text is a string", `[{"type":"section","text":"x"}]`, "/blocks/0/text/type"},
		{"text is a number", `[{"type":"section","text":{"type":"mrkdwn","text":1}}]`, "/blocks/0/text/text"},
		{"emoji in mrkdwn", `[{"type":"section","text":{"type":"mrkdwn","text":"a","emoji":true}}]`, "/blocks/0/text"},
		{"verbatim in plain_text", `[{"type":"section","text":{"type":"plain_text","text":"a","verbatim":true}}]`, "/blocks/0/text"},
		{"11 fields", `[{"type":"section","fields":[` + many(11, mrk("a")) + `]}]`, "/blocks/0/fields"},
		{"no field", `[{"type":"section","fields":[]}]`, "/blocks/0/fields"},
		{"field too long", `[{"type":"section","fields":[` + mrk(x(2001)) + `]}]`, "/blocks/0/fields/0/text"},
		{"accessory unknown", `[{"type":"section","text":` + mrk("a") + `,"accessory":{"type":"plain_text_input"}}]`, "/blocks/0/accessory/type"},
		{"header mrkdwn", `[{"type":"header","text":` + mrk("a") + `}]`, "/blocks/0/text/type"},
		{"header long", `[{"type":"header","text":` + plain(x(151)) + `}]`, "/blocks/0/text/text"},
		{"header of emoji long", `[{"type":"header","text":` + plain(strings.Repeat("🟢", 76)) + `}]`, "/blocks/0/text/text"},
		{"header level", `[{"type":"header","level":5,"text":` + plain("a") + `}]`, "/blocks/0/level"},
		{"context 11", `[{"type":"context","elements":[` + many(11, mrk("a")) + `]}]`, "/blocks/0/elements"},
		{"context none", `[{"type":"context","elements":[]}]`, "/blocks/0/elements"},
		{"context with a button", `[{"type":"context","elements":[{"type":"button"}]}]`, "/blocks/0/elements/0/type"},
		{"actions 26", actions(many(26, `{"type":"button","text":`+plain("a")+`}`)), "/blocks/0/elements"},
		{"actions none", actions(""), "/blocks/0/elements"},
		{"actions null", `[{"type":"actions","elements":null}]`, "/blocks/0/elements"},
		{"action_id twice", actions(many(2, `{"type":"button","action_id":"a","text":`+plain("a")+`}`)), "/blocks/0/elements/1/action_id"},
		{"action_id long", btn(`,"action_id":"` + x(256) + `"`), "/blocks/0/elements/0/action_id"},
		{"button text long", actions(`{"type":"button","text":` + plain(x(76)) + `}`), "/blocks/0/elements/0/text/text"},
		{"button mrkdwn", actions(`{"type":"button","text":` + mrk("a") + `}`), "/blocks/0/elements/0/text/type"},
		{"button value long", btn(`,"value":"` + x(2001) + `"`), "/blocks/0/elements/0/value"},
		{"button value empty", btn(`,"value":""`), "/blocks/0/elements/0/value"},
		{"button url", btn(`,"url":"example"`), "/blocks/0/elements/0/url"},
		{"button url long", btn(`,"url":"https://e.org/` + x(3000) + `"`), "/blocks/0/elements/0/url"},
		{"button style", btn(`,"style":"default"`), "/blocks/0/elements/0/style"},
		{"button label", btn(`,"accessibility_label":"` + x(76) + `"`), "/blocks/0/elements/0/accessibility_label"},
		{"confirm half", btn(`,"confirm":{` + confirmation + `}`), "/blocks/0/elements/0/confirm"},
		{"confirm long", btn(`,"confirm":{` + confirmation + `,"confirm":` + plain(x(31)) + `}`), "/blocks/0/elements/0/confirm/confirm/text"},
		{"overflow none", actions(`{"type":"overflow","options":[]}`), "/blocks/0/elements/0/options"},
		{"overflow 6", actions(`{"type":"overflow","options":[` + many(6, opt("%d")) + `]}`), "/blocks/0/elements/0/options"},
		{"option text long", menu(`,"options":[{"text":` + plain(x(76)) + `,"value":"a"}]`), "/blocks/0/elements/0/options/0/text/text"},
		{"option value long", menu(`,"options":[{"text":` + plain("a") + `,"value":"` + x(76) + `"}]`), "/blocks/0/elements/0/options/0/value"},
		{"option url in a select", menu(`,"options":[{"text":` + plain("a") + `,"value":"a","url":"https://e.org"}]`), "/blocks/0/elements/0/options/0"},
		{"options 101", menu(`,"options":[` + many(101, opt("%d")) + `]`), "/blocks/0/elements/0/options"},
		{"no options", menu(``), "/blocks/0/elements/0"},
		{"options and groups", menu(`,"options":[` + opt("a") + `],"option_groups":[{"label":` + plain("g") + `,"options":[` + opt("a") + `]}]`), "/blocks/0/elements/0"},
		{"group label long", menu(`,"option_groups":[{"label":` + plain(x(76)) + `,"options":[` + opt("a") + `]}]`), "/blocks/0/elements/0/option_groups/0/label/text"},
		{"initial not offered", menu(`,"options":[` + opt("a") + `],"initial_option":` + opt("b")), "/blocks/0/elements/0"},
		{"placeholder long", menu(`,"options":[` + opt("a") + `],"placeholder":` + plain(x(151))), "/blocks/0/elements/0/placeholder/text"},
		{"initial_user empty", actions(`{"type":"users_select","initial_user":""}`), "/blocks/0/elements/0/initial_user"},
		{"option description", menu(`,"options":[{"text":` + plain("a") + `,"value":"a","description":` + plain(x(76)) + `}]`), "/blocks/0/elements/0/options/0/description/text"},
		{"users take no reply", actions(`{"type":"users_select","response_url_enabled":true}`), "/blocks/0/elements/0"},
		{"select three, or none", actions(`{"type":"multi_users_select","max_selected_items":0}`), "/blocks/0/elements/0/max_selected_items"},
		{"initial_users empty", actions(`{"type":"multi_users_select","initial_users":[""]}`), "/blocks/0/elements/0/initial_users/0"},
		{"checkboxes not offered", actions(`{"type":"checkboxes","options":[` + opt("a") + `],"initial_options":[` + opt("b") + `]}`), "/blocks/0/elements/0"},
		{"picker placeholder", actions(`{"type":"datepicker","placeholder":` + plain(x(151)) + `}`), "/blocks/0/elements/0/placeholder/text"},
		{"flag no boolean", btn(`,"confirm":1`), "/blocks/0/elements/0/confirm"},
		{"expand no boolean", `[{"type":"section","expand":"yes","text":` + mrk("a") + `}]`, "/blocks/0/expand"},
		{"style no string", btn(`,"style":1`), "/blocks/0/elements/0/style"},
		{"radio 11", actions(`{"type":"radio_buttons","options":[` + many(11, opt("%d")) + `]}`), "/blocks/0/elements/0/options"},
		{"date", actions(`{"type":"datepicker","initial_date":"20-11-2026"}`), "/blocks/0/elements/0/initial_date"},
		{"time", actions(`{"type":"timepicker","initial_time":"25:00"}`), "/blocks/0/elements/0/initial_time"},
		{"focus twice", actions(many(2, `{"type":"datepicker","action_id":"%d","focus_on_load":true}`)), "/blocks"},
		{"input without label", `[{"type":"input","element":{"type":"plain_text_input"}}]`, "/blocks/0"},
		{"input with a button", input(`{"type":"button"}`), "/blocks/0/element/type"},
		{"input max_length", input(`{"type":"plain_text_input","max_length":3001}`), "/blocks/0/element/max_length"},
		{"input bounds crossed", input(`{"type":"plain_text_input","min_length":5,"max_length":4}`), "/blocks/0/element"},
		{"image without alt", `[{"type":"image","image_url":"https://e.org/a.png"}]`, "/blocks/0"},
		{"image without source", `[{"type":"image","alt_text":"a"}]`, "/blocks/0"},
		{"image with both sources", `[{"type":"image","alt_text":"a","image_url":"https://e.org/a.png","slack_file":{"id":"F1"}}]`, "/blocks/0"},
		{"image file and url", `[{"type":"image","alt_text":"a","slack_file":{"id":"F1","url":"https://e.org"}}]`, "/blocks/0/slack_file"},
		{"rich_text empty", `[{"type":"rich_text","elements":[]}]`, "/blocks/0/elements"},
		{"rich_text part unknown", `[{"type":"rich_text","elements":[{"type":"rich_text_aside"}]}]`, "/blocks/0/elements/0/type"},
		{"rich section empty", rich(""), "/blocks/0/elements/0/elements"},
		{"rich text empty", rich(`{"type":"text","text":""}`), "/blocks/0/elements/0/elements/0/text"},
		{"rich style unknown", rich(`{"type":"text","text":"a","style":{"blink":true}}`), "/blocks/0/elements/0/elements/0/style"},
		{"rich element unknown", rich(`{"type":"mrkdwn","text":"a"}`), "/blocks/0/elements/0/elements/0/type"},
		{"rich link without url", rich(`{"type":"link","text":"a"}`), "/blocks/0/elements/0/elements/0"},
		{"rich date format", rich(`{"type":"date","timestamp":1,"format":"{someday}"}`), "/blocks/0/elements/0/elements/0/format"},
		{"rich date no token", rich(`{"type":"date","timestamp":1,"format":"now"}`), "/blocks/0/elements/0/elements/0/format"},
		{"rich date fraction", rich(`{"type":"date","timestamp":1.5,"format":"{time}"}`), "/blocks/0/elements/0/elements/0/timestamp"},
		{"rich list indent", `[{"type":"rich_text","elements":[{"type":"rich_text_list","style":"bullet","indent":9,"elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"a"}]}]}]}]`, "/blocks/0/elements/0/indent"},
		{"rich list border", `[{"type":"rich_text","elements":[{"type":"rich_text_list","style":"bullet","border":2,"elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"a"}]}]}]}]`, "/blocks/0/elements/0/border"},
		{"rich emoji skin", rich(`{"type":"emoji","name":"wave","skin_tone":7}`), "/blocks/0/elements/0/elements/0/skin_tone"},
		{"rich link without host", rich(`{"type":"link","url":"https:"}`), "/blocks/0/elements/0/elements/0/url"},
		{"rich link long", rich(`{"type":"link","url":"https://e.org/` + x(2987) + `"}`), "/blocks/0/elements/0/elements/0/url"},
		{"rich broadcast", rich(`{"type":"broadcast","range":"all"}`), "/blocks/0/elements/0/elements/0/range"},
		{"rich list style", `[{"type":"rich_text","elements":[{"type":"rich_text_list","style":"dash","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"a"}]}]}]}]`, "/blocks/0/elements/0/style"},
		{"rich list item", `[{"type":"rich_text","elements":[{"type":"rich_text_list","style":"bullet","elements":[{"type":"text","text":"a"}]}]}]`, "/blocks/0/elements/0/elements/0/type"},
		{"preformatted user", `[{"type":"rich_text","elements":[{"type":"rich_text_preformatted","elements":[{"type":"user","user_id":"U1"}]}]}]`, "/blocks/0/elements/0/elements/0/type"},
		{"markdown long", `[{"type":"markdown","text":"` + x(12001) + `"}]`, "/blocks"},
		{"markdown long in all", `[` + many(2, `{"type":"markdown","text":"`+x(6001)+`"}`) + `]`, "/blocks"},
		{"table none", table(""), "/blocks/0/rows"},
		{"table rows", table(many(101, `[`+cell("a")+`]`)), "/blocks/0/rows"},
		{"table columns", table(`[` + many(21, cell("a")) + `]`), "/blocks/0/rows/0"},
		{"table alignment", `[{"type":"table","column_settings":[{"align":"middle"}],"rows":[[` + cell("a") + `]]}]`, "/blocks/0/column_settings/0/align"},
		{"table number", table(`[{"type":"raw_number","value":"1"}]`), "/blocks/0/rows/0/0/value"},
		{"table cell empty", table(`[` + cell("") + `]`), "/blocks/0/rows/0/0/text"},
		{"table cell unknown", table(`[{"type":"plain_text","text":"a"}]`), "/blocks/0/rows/0/0/type"},
		{"table text", table(`[` + cell(x(5000)) + `,` + cell(x(5001)) + `]`), "/blocks/0/rows"},
		{"two tables", `[` + many(2, `{"type":"table","rows":[[`+cell("a")+`]]}`) + `]`, "/blocks"},
		{"data_table no caption", `[{"type":"data_table","rows":[[` + cell("a") + `]]}]`, "/blocks/0"},
		{"data_table rows", dataTable(`"rows":[` + many(202, `[`+cell("a")+`]`) + `]`), "/blocks/0/rows"},
		{"data_table header", dataTable(`"rows":[[{"type":"raw_number","value":1}]]`), "/blocks/0/rows/0/0"},
		{"data_table ragged", dataTable(`"rows":[[` + cell("a") + `],[` + many(2, cell("a")) + `]]`), "/blocks/0/rows/1"},
		{"data_table columns", dataTable(`"rows":[[` + many(21, cell("a")) + `]]`), "/blocks/0/rows/0"},
		{"data_table page 0", dataTable(`"page_size":0,"rows":[[` + cell("a") + `]]`), "/blocks/0/page_size"},
		{"data_table page", dataTable(`"page_size":101,"rows":[[` + cell("a") + `]]`), "/blocks/0/page_size"},
		{"data_table index", dataTable(`"row_header_column_index":1,"rows":[[` + cell("a") + `]]`), "/blocks/0/row_header_column_index"},
		{"data_table text", dataTable(`"rows":[[` + many(2, cell(x(10001))) + `]]`), "/blocks/0/rows"},
		{"chart unknown", chartOf(`{"type":"radar"}`), "/blocks/0/chart/type"},
		{"chart title", `[{"type":"data_visualization","title":"` + x(51) + `","chart":{"type":"pie","segments":[{"label":"a","value":1}]}}]`, "/blocks/0/title"},
		{"three charts", `[` + many(3, `{"type":"data_visualization","title":"t","chart":{"type":"pie","segments":[{"label":"a","value":1}]}}`) + `]`, "/blocks"},
		{"pie 7", chartOf(`{"type":"pie","segments":[` + many(7, `{"label":"%d","value":1}`) + `]}`), "/blocks/0/chart/segments"},
		{"pie zero", chartOf(`{"type":"pie","segments":[{"label":"a","value":0}]}`), "/blocks/0/chart/segments/0/value"},
		{"pie label", chartOf(`{"type":"pie","segments":[{"label":"` + x(21) + `","value":1}]}`), "/blocks/0/chart/segments/0/label"},
		{"line 7 series", line(many(7, `{"name":"%d","data":[{"label":"a","value":1}]}`), `"a"`), "/blocks/0/chart/series"},
		{"series alike", line(aSeries+","+aSeries, `"a"`), "/blocks/0/chart/series"},
		{"category without point", line(aSeries, `"a","b"`), "/blocks/0/chart/series/0/data"},
		{"categories alike", line(aSeries, `"a","a"`), "/blocks/0/chart/axis_config/categories"},
		{"y label", chartOf(`{"type":"area","series":[` + aSeries + `],"axis_config":{"categories":["a"],"y_label":"` + x(51) + `"}}`), "/blocks/0/chart/axis_config/y_label"},
		{"axis label", chartOf(`{"type":"bar","series":[` + aSeries + `],"axis_config":{"categories":["a"],"x_label":"` + x(51) + `"}}`), "/blocks/0/chart/axis_config/x_label"},
	}
}

func TestEachViolationIsTheOnlyProblem(t *testing.T) {
	for _, c := range violations() {
		t.Run(c.name, func(t *testing.T) {
			require.True(t, json.Valid([]byte(c.blocks)), c.blocks)
			problems := fakeslack.ValidateBlocks([]byte(c.blocks), fakeslack.SurfaceMessage)
			require.Len(t, problems, 1)
			assert.Equal(t, "invalid_blocks", problems[0].Code)
			assert.Equal(t, c.pointer, problems[0].Pointer, problems[0].Message)
		})
	}
}

func TestBlocksAreRefusedOnOtherSurfaces(t *testing.T) {
	for _, c := range []struct {
		name   string
		blocks string
		on     fakeslack.Surface
		code   string
	}{
		{"label long", `[{"type":"input","label":` + plain(x(2001)) + `,"element":{"type":"plain_text_input"}}]`, fakeslack.SurfaceModal, "invalid_blocks"},
		{"no JSON", `[`, fakeslack.SurfaceMessage, "invalid_blocks_format"},
		{"no array", `{}`, fakeslack.SurfaceMessage, "invalid_blocks_format"},
		{"null", `null`, fakeslack.SurfaceMessage, "invalid_blocks_format"},
		{"two values", `[] []`, fakeslack.SurfaceMessage, "invalid_blocks_format"},
		{"no UTF-8", "[\"\xff\"]", fakeslack.SurfaceMessage, "invalid_blocks_format"},
		{"11,001 in all", `[` + many(4, `{"type":"section","text":`+mrk(x(2750))+`}`) + `,{"type":"header","text":` + plain("x") + `}]`, fakeslack.SurfaceMessage, "msg_blocks_too_long"},
		{"rich text in all", rich(`{"type":"text","text":"` + x(11_001) + `"}`), fakeslack.SurfaceMessage, "msg_blocks_too_long"},
		{"table in a modal", table(`[` + cell("a") + `]`), fakeslack.SurfaceModal, "invalid_blocks"},
		{"markdown in a home", `[{"type":"markdown","text":"a"}]`, fakeslack.SurfaceHome, "invalid_blocks"},
		{"alert long", `[{"type":"alert","text":` + plain(x(201)) + `}]`, fakeslack.SurfaceModal, "invalid_blocks"},
		{"101 in a modal", `[` + many(101, `{"type":"divider"}`) + `]`, fakeslack.SurfaceModal, "invalid_blocks"},
		{"alert of no level", `[{"type":"alert","level":"loud","text":` + plain("a") + `}]`, fakeslack.SurfaceModal, "invalid_blocks"},
		{"chart in a modal", line(aSeries, `"a"`), fakeslack.SurfaceModal, "invalid_blocks"},
		{"data table in modal", dataTable(`"rows":[[` + cell("a") + `]]`), fakeslack.SurfaceModal, "invalid_blocks"},
	} {
		t.Run(c.name, func(t *testing.T) {
			problems := fakeslack.ValidateBlocks([]byte(c.blocks), c.on)
			require.Len(t, problems, 1)
			assert.Equal(t, c.code, problems[0].Code)
		})
	}
	problems := fakeslack.ValidateBlocks([]byte(rich(`{"type":"text","text":"`+x(11_001)+`"}`)), fakeslack.SurfaceMessage)
	assert.Contains(t, problems[0].Message, "11001")
}

func TestEachViolationOfAViewIsTheOnlyProblem(t *testing.T) {
	const title = `"title":{"type":"plain_text","text":"t"}`
	blocks := `"blocks":[{"type":"divider"}]`
	require.Empty(t, fakeslack.ValidateView([]byte(`{"type":"modal",`+title+`,`+blocks+`}`), "modal"))
	require.Empty(t, fakeslack.ValidateView([]byte(`{"type":"home","blocks":[]}`), "home"))
	inputs := `"blocks":` + input(`{"type":"plain_text_input"}`)
	for _, c := range []struct{ name, view, pointer string }{
		{"wrong type", `{"type":"home",` + title + `,` + blocks + `}`, "/view/type"},
		{"no title", `{"type":"modal",` + blocks + `}`, "/view"},
		{"title long", `{"type":"modal","title":` + plain(x(25)) + `,` + blocks + `}`, "/view/title/text"},
		{"submit long", `{"type":"modal",` + title + `,"submit":` + plain(x(25)) + `,` + blocks + `}`, "/view/submit/text"},
		{"close mrkdwn", `{"type":"modal",` + title + `,"close":` + mrk("a") + `,` + blocks + `}`, "/view/close/type"},
		{"no blocks", `{"type":"modal",` + title + `}`, "/view"},
		{"null blocks", `{"type":"modal",` + title + `,"blocks":null}`, "/view/blocks"},
		{"empty blocks", `{"type":"modal",` + title + `,"blocks":[]}`, "/view/blocks"},
		{"input, no submit", `{"type":"modal",` + title + `,` + inputs + `}`, "/view"},
		{"metadata long", `{"type":"modal",` + title + `,"private_metadata":"` + x(3001) + `",` + blocks + `}`, "/view/private_metadata"},
		{"callback_id long", `{"type":"modal",` + title + `,"callback_id":"` + x(256) + `",` + blocks + `}`, "/view/callback_id"},
		{"unknown field", `{"type":"modal",` + title + `,"colour":1,` + blocks + `}`, "/view"},
		{"block within", `{"type":"modal",` + title + `,"blocks":[{"type":"header"}]}`, "/view/blocks/0"},
		{"no JSON", `{`, "/view"},
		{"no object", `[]`, "/view"},
		{"larger than 250 KB", `"` + x(250<<10) + `"`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			problems := fakeslack.ValidateView([]byte(c.view), "modal")
			require.Len(t, problems, 1)
			assert.Equal(t, c.pointer, problems[0].Pointer, problems[0].Message)
		})
	}
}

func FuzzValidateBlocks(f *testing.F) {
	for _, c := range violations() {
		if len(c.blocks) < 2000 {
			f.Add([]byte(c.blocks))
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, on := range []fakeslack.Surface{fakeslack.SurfaceMessage, fakeslack.SurfaceModal, fakeslack.SurfaceHome} {
			for _, p := range fakeslack.ValidateBlocks(raw, on) {
				assert.NotEmpty(t, p.Code)
				assert.NotEmpty(t, p.Message)
			}
		}
		fakeslack.ValidateView(raw, "modal")
	})
}
