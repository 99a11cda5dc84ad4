// Package docgen writes the man page and the shell completions of a command line. Both come
// from kong's model, so a new command or flag is in them without another edit.
package docgen

import (
	"fmt"
	"io"
	"strings"
	"text/template"

	"github.com/alecthomas/kong"
)

// Completion writes the script that completes app's commands, flags and fixed values in
// shell: bash, zsh or fish.
func Completion(w io.Writer, app *kong.Application, shell string) error {
	text, known := map[string]string{"bash": bash, "zsh": zsh, "fish": fish}[shell]
	if !known {
		return fmt.Errorf("no completion for the shell %q: use bash, zsh or fish", shell)
	}
	functions := template.FuncMap{
		"commands": func() []*kong.Node { return commands(app) },
		"flags":    func(n *kong.Node) []*kong.Flag { return append(visible(n), visible(app.Node)...) },
		"general":  func() []*kong.Flag { return visible(app.Node) },
		"words":    words,
		"file":     takesFile,
		"action":   action,
		"quote":    func(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" },
		"describe": strings.NewReplacer("[", `\[`, "]", `\]`, ":", `\:`).Replace, // as zsh reads a description
		"short":    func(f *kong.Flag) string { return strings.Trim(string(f.Short), "\x00") },
	}
	return template.Must(template.New(shell).Funcs(functions).Parse(text)).Execute(w, app)
}

// commands lists the commands that help shows.
func commands(app *kong.Application) []*kong.Node {
	var shown []*kong.Node
	for _, n := range app.Children {
		if !n.Hidden {
			shown = append(shown, n)
		}
	}
	return shown
}

// visible lists the flags of n that help shows.
func visible(n *kong.Node) []*kong.Flag {
	var shown []*kong.Flag
	for _, f := range n.Flags {
		if !f.Hidden {
			shown = append(shown, f)
		}
	}
	return shown
}

// words lists the fixed values of a flag or an argument with a space between them.
func words(v *kong.Value) string {
	if v.Enum == "" {
		return ""
	}
	return strings.Join(v.EnumSlice(), " ")
}

// takesFile reports whether the value of a flag or an argument is the name of a file.
func takesFile(v *kong.Value) bool {
	return strings.EqualFold(v.Name, "file") || v.Flag != nil && v.Flag.PlaceHolder == "FILE"
}

// action is what zsh completes as the value of a flag or an argument.
func action(v *kong.Value) string {
	switch {
	case v.Enum != "":
		return "(" + words(v) + ")"
	case takesFile(v):
		return "_files"
	default:
		return " " // any text
	}
}

// "-o default" completes file names where no word fits.
const bash = `# bash completion for {{.Name}}
_{{.Name}}() {
  local words="" current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
  if ((COMP_CWORD == 1)); then
    words="{{range commands}}{{.Name}} {{end}}{{range general}}--{{.Name}} {{end}}"
  elif [[ $current == -* ]]; then
    case ${COMP_WORDS[1]} in
{{- range commands}}
      {{.Name}}) words="{{range flags .}}--{{.Name}} {{end}}" ;;
{{- end}}
    esac
  else
    case "${COMP_WORDS[1]} $previous" in
{{- range $c := commands}}{{range $f := .Flags}}{{with words .Value}}
      "{{$c.Name}} --{{$f.Name}}") words="{{.}}" ;;
{{- end}}{{end}}{{range .Positional}}{{with words .}}
      "{{$c.Name}} "*) words="{{.}}" ;;
{{- end}}{{end}}{{end}}
    esac
  fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -o default -F _{{.Name}} {{.Name}}
`

const zsh = `#compdef {{.Name}}
_{{.Name}}() {
  local context state state_descr line
  typeset -A opt_args
  _arguments -C{{range general}} {{quote (printf "(- *)--%s[%s]" .Name (describe .Help))}}{{end}} \
    '1:command:->command' '*::argument:->argument'
  case $state in
    command)
      local -a commands=(
{{- range commands}}
        {{quote (printf "%s:%s" .Name (describe .Help))}}
{{- end}}
      )
      _describe -t commands command commands
      ;;
    argument)
      case $words[1] in
{{- range commands}}
        {{.Name}})
          _arguments
{{- range flags .}} \
            {{if .IsBool}}{{quote (printf "--%s[%s]" .Name (describe .Help))}}
            {{- else}}{{quote (printf "--%s=[%s]:%s:%s" .Name (describe .Help) .Name (action .Value))}}{{end}}
{{- end}}
{{- range .Positional}} \
            {{if .IsCumulative}}'*'{{end}}{{quote (printf ":%s:%s" (describe .Name) (action .))}}
{{- end}}
          ;;
{{- end}}
      esac
      ;;
  esac
}
_{{.Name}} "$@"
`

const fish = `# fish completion for {{.Name}}
complete -c {{.Name}} -f
{{- range general}}
complete -c {{$.Name}} -l {{.Name}}{{with short .}} -s {{.}}{{end}} -d {{quote .Help}}
{{- end}}
{{- range $c := commands}}
complete -c {{$.Name}} -n __fish_use_subcommand -a {{.Name}} -d {{quote .Help}}
{{- range .Flags}}
complete -c {{$.Name}} -n '__fish_seen_subcommand_from {{$c.Name}}' -l {{.Name}}
{{- if file .Value}} -r -F{{else if not .IsBool}} -x{{end}}{{with words .Value}} -a '{{.}}'{{end}} -d {{quote .Help}}
{{- end}}
{{- range .Positional}}{{if or (file .) (words .)}}
complete -c {{$.Name}} -n '__fish_seen_subcommand_from {{$c.Name}}'{{if file .}} -F{{end}}{{with words .}} -a '{{.}}'{{end}}
{{- end}}{{end}}
{{- end}}
`
