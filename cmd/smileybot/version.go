package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// version is set by the release build: -ldflags "-X main.version=v1.2.3".
var version string

type versionCommand struct{}

// Help is printed by --help.
func (versionCommand) Help() string {
	return "Example:\n\n\tsmileybot version\n"
}

// Run prints what was built, from which commit, and with which Go.
func (versionCommand) Run(t streams) error {
	b := readBuild()
	_, err := fmt.Fprintf(t.out, "version  %s\ncommit   %s\ngo       %s %s/%s\n",
		b.version, b.commit, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

// build is what the program knows of its own making.
type build struct{ version, commit string }

// readBuild asks the Go tool's notes; what it did not note, as under "go run",
// is "unknown".
func readBuild() build {
	b := build{version: version, commit: "unknown"}
	info, ok := debug.ReadBuildInfo()
	if ok && b.version == "" {
		b.version = info.Main.Version
	}
	if b.version == "" {
		b.version = "(devel)"
	}
	if !ok {
		return b
	}
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			b.commit = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			b.commit += " and changes"
		}
	}
	return b
}
