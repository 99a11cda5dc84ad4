package selfcheck

import (
	"context"
	"fmt"
	"time"

	databases "smileybot/store/database"
)

// maxServerOffset is how far the clock of the database's server may be from this machine's.
const maxServerOffset = 5 * time.Second

// server reports what a PostgreSQL server is, and checks what it needs.
func (c *checker) server(ctx context.Context) {
	found, err := databases.Inspect(ctx, c.Database)
	if err != nil {
		c.failStore(err)
		return
	}
	between := "no pooler between"
	if found.Pooler {
		between = "a pooler between, which is fine: nothing of a session is used"
	}
	c.ok("PostgreSQL %s, %s, transactions are %s", found.Version, between, found.Isolation)
	if found.Replica {
		c.fail("the server is a replica and takes no writes", "let SMILEYBOT_DATABASE name the primary; with several hosts add target_session_attrs=read-write")
	}
	offset := fmt.Sprintf("the clock of the server differs by %s", found.Offset.Round(time.Millisecond))
	if found.Offset.Abs() > maxServerOffset {
		c.fail(offset, "let both machines take their time from NTP")
		return
	}
	c.ok("%s", offset)
}
