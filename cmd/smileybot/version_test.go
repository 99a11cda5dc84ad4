package main

import (
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestBuildOr(t *testing.T) {
	t.Parallel()
	stamped := &debug.BuildInfo{
		Main:     debug.Module{Version: "v0.1.1-0.20261130210000-0123456789ab"},
		Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: "0123456789abcdef"}, {Key: "vcs.modified", Value: "true"}},
	}
	for _, test := range []struct {
		name string
		set  build
		info *debug.BuildInfo
		want build
	}{
		{"a release says it all", build{"v1.2.3", "fedcba"}, stamped, build{"v1.2.3", "fedcba"}},
		{"a release without a commit", build{"v1.2.3", ""}, stamped, build{"v1.2.3", "0123456789abcdef and changes"}},
		{"a build in a repository", build{}, stamped, build{"v0.1.1-0.20261130210000-0123456789ab", "0123456789abcdef and changes"}},
		{"a build outside a repository", build{}, &debug.BuildInfo{Main: debug.Module{Version: "(devel)"}}, build{"(devel)", ""}},
	} {
		assert.Equal(t, test.want, test.set.or(test.info), test.name)
	}
}

func TestVersionFlag(t *testing.T) {
	t.Parallel()
	assert.Equal(t, called{exitOK, "smileybot " + readBuild().version + "\n", ""}, call(t, "--version"))
}

func TestManPageNamesEverySetting(t *testing.T) {
	t.Parallel()
	page := call(t, "man", "--date", "2026-11-30")
	assert.Equal(t, exitOK, page.status, page.stderr)
	for _, want := range []string{`"SLACK_BOT_TOKEN"`, `"SMILEYBOT_DATABASE"`, `.SS "smileybot serve"`, `.SH "EXIT STATUS"`} {
		assert.Contains(t, page.stdout, want)
	}
}

func TestCompletionOfEveryShell(t *testing.T) {
	t.Parallel()
	for _, shell := range []string{"bash", "zsh", "fish"} {
		got := call(t, "completion", shell)
		assert.Equal(t, exitOK, got.status, got.stderr)
		assert.Contains(t, got.stdout, "dry-run")
	}
	assert.Equal(t, exitUsage, call(t, "completion", "tcsh").status)
}
