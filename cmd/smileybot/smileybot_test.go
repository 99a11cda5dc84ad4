package main

import (
	"bytes"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/assert"

	"smileybot/bot"
	"smileybot/config"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"smileybot": main})
}

// TestScriptsOfTheProgram runs the program as people do. The scripts have one more command: "exits 2 smileybot …"
// runs it and checks its exit code.
func TestScriptsOfTheProgram(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": func(ts *testscript.TestScript, _ bool, args []string) {
				want, got := args[0], 0
				if err := ts.Exec(args[1], args[2:]...); err != nil {
					got = exitStatus(err)
				}
				if want != strconv.Itoa(got) {
					ts.Fatalf("exit status %d, want %s", got, want)
				}
			},
		},
	})
}

func exitStatus(err error) int {
	if coded, ok := err.(interface{ ExitCode() int }); ok {
		return coded.ExitCode()
	}
	return -1
}

// The secrets of the tests contain this word, so that a leak is found.
const canary = "c4n4ry"

// called is the result of a run of the program.
type called struct {
	status         int
	stdout, stderr string
}

// call runs the program in the process of the test.
func call(t *testing.T, args ...string) called {
	t.Helper()
	var out, errs bytes.Buffer
	status := run(t.Context(), args, strings.NewReader(""), &out, &errs)
	assert.NotContains(t, out.String(), canary)
	assert.NotContains(t, errs.String(), canary)
	return called{status, out.String(), errs.String()}
}

// setenv replaces all settings of the process.
func setenv(t *testing.T, variables map[string]string) {
	t.Helper()
	for _, s := range bot.DescribeConfig() {
		t.Setenv(s.Name, "")
		t.Setenv(s.Name+"_FILE", "")
	}
	for name, value := range variables {
		t.Setenv(name, value)
	}
}

func TestWithoutSecrets(t *testing.T) {
	for _, test := range []struct {
		text string
		want string
	}{
		{"unexpected argument whsec_abcde=", "unexpected argument [redacted]"},
		{`parse "xoxb-111-222": wrong, xapp-3-333-4`, `parse "[redacted]": wrong, [redacted]`},
		{`echo "whsec_$(openssl rand -base64 32)"`, `echo "whsec_$(openssl rand -base64 32)"`},
		{"it must be whsec_ and base64, or whsec_…", "it must be whsec_ and base64, or whsec_…"},
	} {
		assert.Equal(t, test.want, withoutSecrets(test.text))
	}
}

func TestExitCode(t *testing.T) {
	assert.Equal(t, exitUsage, exitCode(usageErrorf("wrong")))
	assert.Equal(t, exitUsage, exitCode(config.Mistakes{{Name: "SLACK_CHANNEL"}}))
	assert.Equal(t, exitFailed, exitCode(os.ErrPermission))
}
