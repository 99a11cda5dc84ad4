package selfcheck

import (
	"context"
	"errors"
	"net"
	"syscall"

	"smileybot/bot/internal/address"
)

// listen checks that serve can listen at its addresses: they are free, or a running bot has them. A
// socket is not tried, because that would make it.
func (c *checker) listen(ctx context.Context) {
	for _, l := range []struct{ setting, at string }{{"SMILEYBOT_LISTEN", c.Listen}, {"SMILEYBOT_ADMIN_LISTEN", c.AdminListen}} {
		network, place := address.Split(l.at)
		if _, port, err := net.SplitHostPort(place); network != "tcp" || err != nil || port == "0" {
			continue
		}
		listener, err := address.Listen(ctx, l.at)
		fault, _ := errors.AsType[*address.Fault](err)
		switch {
		case fault == nil:
			_ = listener.Close()
		case errors.Is(err, syscall.EADDRINUSE) && c.alive(ctx):
			c.ok("%s: %s is used, and a running bot answers", l.setting, place)
		default:
			c.fail(l.setting+": "+fault.Reason, fault.Remedy)
		}
	}
}

// alive reports whether a bot runs on this machine with these settings.
func (c *checker) alive(ctx context.Context) bool {
	_, err := Alive(ctx, c.AdminListen)
	return err == nil
}
