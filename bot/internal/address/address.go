// Package address listens at the addresses of the settings, host:port or unix:PATH, and says why that
// is not possible.
package address

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// socketMode lets the user of the bot and its group, such as a proxy, connect to a Unix socket.
const socketMode = 0o660

// Fault is why an address cannot be listened at.
type Fault struct { //nolint:errname // as store.Fault
	Reason string // names the address
	Remedy string
	cause  error
}

// Error is the reason and the remedy.
func (f *Fault) Error() string { return f.Reason + "; " + f.Remedy }

// Unwrap is the error of the operating system or of the look-up of a name.
func (f *Fault) Unwrap() error { return f.cause }

// Split returns the network of an address and what it has there, as [net.Dial] takes them.
func Split(address string) (network, place string) {
	if path, unix := strings.CutPrefix(address, "unix:"); unix {
		return "unix", filepath.Clean(path)
	}
	return "tcp", address
}

// Listen opens an address. A Unix socket that a killed process left is replaced. The error is a
// [Fault].
func Listen(ctx context.Context, address string) (net.Listener, error) {
	network, place := Split(address)
	listener, err := listen(ctx, network, place)
	if err != nil {
		reason, remedy := explain(network, place, err)
		return nil, &Fault{Reason: "cannot listen at " + place + ": " + reason, Remedy: remedy, cause: err}
	}
	return listener, nil
}

func listen(ctx context.Context, network, place string) (net.Listener, error) {
	if network != "unix" {
		return new(net.ListenConfig).Listen(ctx, network, place)
	}
	if isLeft(ctx, place) {
		if err := os.Remove(place); err != nil {
			return nil, err
		}
	}
	listener, err := new(net.ListenConfig).Listen(ctx, network, place)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(place, socketMode); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	return listener, nil
}

// isLeft reports whether a Unix socket is there that nothing listens at.
func isLeft(ctx context.Context, path string) bool {
	info, err := os.Lstat(path)
	if err != nil || info.Mode().Type() != fs.ModeSocket {
		return false
	}
	conn, err := new(net.Dialer).DialContext(ctx, "unix", path)
	if err == nil {
		_ = conn.Close()
	}
	return errors.Is(err, syscall.ECONNREFUSED)
}

// explain returns why an address cannot be opened, and the remedy.
func explain(network, place string, err error) (reason, remedy string) {
	unix := network == "unix"
	name, byName := errors.AsType[*net.DNSError](err)
	switch {
	case byName:
		return "there is no such name: " + name.Name, "write an address of this machine, or only the port, as in :8080"
	case errors.Is(err, syscall.EADDRINUSE) && unix:
		return "another program listens there, or it is no socket", "end that program, or set another path"
	case errors.Is(err, syscall.EADDRINUSE):
		return "another program uses that port", "end it ('ss -ltnp' names it), or set another port"
	case errors.Is(err, fs.ErrPermission) && unix:
		return fmt.Sprintf("uid %d may not make a socket there", os.Geteuid()), "give it the folder: chown " + filepath.Dir(place)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Sprintf("uid %d may not use that port", os.Geteuid()), "set a port above 1023, and put a proxy in front of it"
	case errors.Is(err, syscall.EADDRNOTAVAIL), errors.Is(err, syscall.EAFNOSUPPORT):
		return "this machine has no such address", "write one of those that 'ip address' lists, or only the port, as in :8080"
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return "too many files are open", "raise the limit: ulimit -n, LimitNOFILE= of a unit, --ulimit nofile= of Docker"
	default:
		return err.Error(), "correct the address"
	}
}
