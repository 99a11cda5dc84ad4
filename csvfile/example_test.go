package csvfile_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"smileybot/csvfile"
)

// A wrong row is reported with line and column, and reading goes on.
func ExampleReader_Read() {
	now := time.Date(2026, time.November, 20, 12, 0, 0, 0, time.UTC)
	file := "id,channel,smiley\nreply-1,ticket,green\nreply-2,ticket,blue\nreply-3,chat,red\n"
	rows, err := csvfile.NewReader(strings.NewReader(file), csvfile.Options{Now: now, UndatedNow: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(row.Event.ID, row.Event.Kind.RatingText(row.Event.Answer.Rating))
	}
	// Output:
	// reply-1 green
	// line 3, column 3 (smiley): must be one of red, yellow, green
	// reply-3 red
}
