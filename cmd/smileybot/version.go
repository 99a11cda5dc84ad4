package main

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"
)

// version and commit are set by a release: -ldflags "-X main.version=v1.2.3 -X main.commit=…".
var (
	version string
	commit  string //nolint:gochecknoglobals // the linker sets variables only
)

type versionCommand struct{}

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

// versionFlag prints the version in one line.
type versionFlag bool

// BeforeReset is called by kong before it complains about what is missing.
func (versionFlag) BeforeReset(t streams) error {
	if _, err := fmt.Fprintln(t.out, "smileybot", readBuild().version); err != nil {
		return err
	}
	return errHelpPrinted
}

// build is the version and the commit of the program.
type build struct{ version, commit string }

// readBuild returns what the release set, and otherwise what the Go tool recorded. "go run"
// and a build outside a repository record nothing: "(devel)" and "unknown".
func readBuild() build {
	b := build{version, commit}
	if info, ok := debug.ReadBuildInfo(); ok {
		b = b.or(info)
	}
	return build{cmp.Or(b.version, "(devel)"), cmp.Or(b.commit, "unknown")}
}

// or fills what is empty in b from the build information of the Go tool.
func (b build) or(info *debug.BuildInfo) build {
	b.version = cmp.Or(b.version, info.Main.Version)
	if b.commit != "" {
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
