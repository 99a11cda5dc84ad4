package message

import (
	"slices"

	"github.com/slack-go/slack"

	"smileybot/feedback/score"
)

// Slack's limits of a table, of which a message may have one (docs.slack.dev, table block).
const (
	maxTableRows = 100
	// maxTableUnits limits the text of all cells. Slack refuses 10,000.
	maxTableUnits = 9500
)

// noCell is in a cell without a value: Slack refuses an empty one.
const noCell = "–"

// tableOf is a table with a head, the first column on the left and the others on the right, with as
// many rows as Slack takes. It returns how many that are.
func tableOf(head []string, rows [][]string) (table *slack.TableBlock, shown int) {
	size := func(row []string) int {
		n := 0
		for _, cell := range row {
			n += units(cell) + len(noCell)
		}
		return n
	}
	shown = min(countThatFit(rows, maxTableUnits-size(head), size), maxTableRows-1)
	table = slack.NewTableBlock("")
	for _, row := range append([][]string{head}, rows[:shown]...) {
		cells := make([]slack.TableCell, len(row))
		for i, words := range row {
			if words == "" {
				words = noCell
			}
			cells[i] = slack.NewTableRawTextCell(words)
		}
		table.AddRow(cells...)
	}
	settings := []slack.ColumnSetting{{Align: slack.ColumnAlignmentLeft, IsWrapped: true}}
	for range head[1:] {
		settings = append(settings, slack.ColumnSetting{Align: slack.ColumnAlignmentRight})
	}
	return table.WithColumnSettings(settings...), shown
}

// scoreTable are the groups of all scores as one table, a row for each, and what it leaves out. It is
// nil without groups. They are in alphabetical order: it ranks no one.
func (r *Renderer) scoreTable(reports []score.Report) []slack.Block {
	per, changes := reports[0].GroupBy, len(reports) == 1 && reports[0].Period.Unit != score.UnitAll
	head, rows := []string{r.text("table_" + string(per))}, [][]string(nil)
	for _, report := range reports {
		head = append(head, r.metricWord(report.Score.Metric), r.text("table_between"), r.text("table_answers"))
	}
	if changes {
		head = append(head, r.text("table_change"))
	}
	for _, name := range groupNames(reports) {
		row := []string{r.groupWord(per, name)}
		for _, report := range reports {
			var group score.Group // without answers of this kind
			if i := slices.IndexFunc(report.Groups, func(g score.Group) bool { return g.Name == name }); i >= 0 {
				group = report.Groups[i]
			}
			row = append(row, r.groupCells(group.Score)...)
			if changes {
				row = append(row, r.changedWords(group.Report))
			}
		}
		rows = append(rows, row)
	}
	return r.groupTable(per, head, rows, r.unnamedWords(reports[0]))
}

// groupNames are those of the groups of all reports, in alphabetical order.
func groupNames(reports []score.Report) []string {
	var groups []score.Group
	for _, report := range reports {
		groups = append(groups, report.Groups...)
	}
	score.SortGroups(groups)
	var names []string
	for _, group := range groups {
		names = append(names, group.Name)
	}
	return slices.Compact(names)
}

// groupCells are a score, its margin of error, and the number of answers.
func (r *Renderer) groupCells(s score.Score) []string {
	between, answers := "", ""
	if low, high, ok := s.IntervalText(); ok {
		between = r.text("table_ends", values{"low": r.number(low), "high": r.number(high)})
	}
	if s.N > 0 {
		answers = r.count(s.N)
	}
	if customers, fewer := s.FewerCustomers(); fewer {
		answers = r.text("table_of", values{"answers": answers, "customers": r.text("customers", values{"n": customers})})
	}
	return []string{r.figure(s), between, answers}
}

// groupTable is a table of groups under what they are, and below it what it leaves out. It is nil
// without rows.
func (r *Renderer) groupTable(per score.GroupBy, head []string, rows [][]string, rest string) []slack.Block {
	if len(rows) == 0 {
		return nil
	}
	table, shown := tableOf(head, rows)
	blocks := []slack.Block{bold(r.text("groups_" + string(per))).block(), table}
	if more := len(rows) - shown; more > 0 {
		blocks = append(blocks, contextBlock(r.text("groups_more", values{"n": more})))
	}
	if rest != "" {
		blocks = append(blocks, contextBlock(rest))
	}
	return blocks
}
