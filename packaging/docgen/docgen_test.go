package docgen

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// line is a command line with one of each: commands with and without flags, fixed values,
// files, free text, and a hidden command.
type line struct {
	Paint struct {
		Colour string `enum:"red,green" default:"red" help:"The colour: red or 'green'."`
		From   string `placeholder:"FILE" help:"What to paint [wet]."`
		Dry    bool   `help:"Only look."`
		Title  string `help:".title of the picture"`
	} `cmd:"" help:"Paint a picture."`
	Frame struct {
		Wood string `arg:"" enum:"oak,pine" help:"The wood."`
	} `cmd:"" help:"Frame it."`
	Hidden struct{} `cmd:"" hidden:"" help:"Not shown."`
	Quick  bool     `help:"Hurry."`
}

func model(t *testing.T) *kong.Application {
	t.Helper()
	parser, err := kong.New(new(line), kong.Name("easel"), kong.Description("Pictures.\n\nAn example:\n\n\teasel paint \\\n\t-x"))
	require.NoError(t, err)
	return parser.Model
}

func completion(t *testing.T, shell string) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, Completion(&b, model(t), shell))
	assert.NotContains(t, b.String(), "hidden")
	return b.String()
}

// TestBash asks bash itself what it completes.
func TestBash(t *testing.T) {
	t.Parallel()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash on this machine")
	}
	script := filepath.Join(t.TempDir(), "easel")
	require.NoError(t, os.WriteFile(script, []byte(completion(t, "bash")), 0o600))
	for _, test := range []struct{ typed, want string }{
		{"easel fr", "frame"},
		{"easel --q", "--quick"},
		{"easel paint --", "--colour --from --dry --title --help --quick"},
		{"easel paint --colour ", "red green"},
		{"easel paint --from ", ""},
		{"easel frame o", "oak"},
		{"easel frame --", "--help --quick"},
	} {
		words := strings.Split(test.typed, " ")
		const ask = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _easel; echo "${COMPREPLY[*]}"`
		got, err := exec.CommandContext(t.Context(), bash, append([]string{"-euc", ask, "bash", script}, words...)...).CombinedOutput()
		require.NoError(t, err, string(got))
		assert.Equal(t, test.want, strings.TrimSpace(string(got)), test.typed)
	}
}

func TestZshAndFish(t *testing.T) {
	t.Parallel()
	zsh := completion(t, "zsh")
	for _, want := range []string{
		"'frame:Frame it.'", `'--colour=[The colour\: red or '\''green'\''.]:colour:(red green)'`,
		`'--from=[What to paint \[wet\].]:from:_files'`, "'--dry[Only look.]'", "':wood:(oak pine)'",
	} {
		assert.Contains(t, zsh, want)
	}
	fish := completion(t, "fish")
	for _, want := range []string{
		"-a frame -d 'Frame it.'", "-l colour -x -a 'red green'", "-l from -r -F", "-l dry -d", "-a 'oak pine'",
	} {
		assert.Contains(t, fish, want)
	}
	assert.ErrorContains(t, Completion(new(bytes.Buffer), model(t), "tcsh"), "bash, zsh or fish")
}

func TestManPage(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	require.NoError(t, ManPage(&b, model(t), Page{
		Version: "v1.2.3", Date: time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC), Summary: "pictures",
		Sections: []Section{{"ENVIRONMENT", []Term{{"EASEL_SIZE", "The size."}}}},
	}))
	page := b.String()
	for _, want := range []string{
		`.TH EASEL 1 2026-11-30 "easel v1.2.3" "User Commands"` + "\n",
		"easel \\- pictures\n",
		".nf\neasel paint \\e\n\\-x\n.fi\n",
		`.SS "easel paint [flags]"` + "\n", `.SS "easel frame <wood>"` + "\n",
		".B \"\\-\\-colour=\"\"red\"\"\"\nThe colour: red or 'green'.\n",
		"\n\\&.title of the picture\n",
		".SH \"ENVIRONMENT\"\n.TP\n.B \"EASEL_SIZE\"\nThe size.\n",
	} {
		assert.Contains(t, page, want)
	}
	assert.NotContains(t, page, "Not shown")
}
