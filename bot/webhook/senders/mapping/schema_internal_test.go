package mapping

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"smileybot/bot/webhook/sender"
	"smileybot/feedback"
)

var update = flag.Bool("update", false, "write the schema of the mappings")

const schemaFile = "../../../../docs/senders/mappings.schema.json"

type object = map[string]any

// closed is a schema of an object with these keys and no others. Keys without a schema of their own are
// texts.
func closed(keys []string, with object, required ...string) object {
	properties := make(object)
	for _, key := range keys {
		properties[key] = object{"type": "string"}
		if s, there := with[key]; there {
			properties[key] = s
		}
	}
	s := object{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		s["required"] = required
	}
	return s
}

func oneOrMore(s any) object {
	return object{"anyOf": []any{s, object{"type": "array", "items": s}}}
}

func enum[T ~string](list ...T) object { return object{"enum": list} }

// schema is the JSON Schema of a file of mappings, of the keys that the reader knows.
func schema() object {
	scalar := object{"type": []string{"string", "number", "boolean"}}
	path := object{"type": "string", "pattern": `^\$`}
	flags := object{"enum": []any{true, false, "true", "false"}}
	program := object{"type": "string", "minLength": 1}
	formats := oneOrMore(object{"type": "string"})
	timestamp := closed(timestampKeys(), object{"format": enum(sender.TimeFormats()...)})
	hmac := closed(hmacKeys(), object{
		"algorithm": enum(algorithmWords()...), "encoding": enum(sender.Encodings()...), "timestamp": timestamp,
	}, "header")
	proof := object{"anyOf": []any{enum(proofWords()...), closed(proofKeys(), object{
		"hmac": hmac, "basic": closed(basicKeys(), nil, "user"), "body": path,
		"header": object{"anyOf": []any{object{"type": "string"}, closed(headerKeys(), nil, "name")}},
	})}}
	condition := closed(conditionKeys(), object{"path": path, "body": path, "jq": program, "form": scalar, "is": oneOrMore(scalar)})
	conditions := oneOrMore(condition)
	fields := make(object)
	for _, field := range fieldNames() {
		ours := scalar
		switch field {
		case "smiley":
			ours = enum(feedback.Smileys()...)
		case "kind":
			ours = enum(feedback.Kinds()...)
		case "channel":
			ours = enum(feedback.Channels()...)
		case "ticket.urgent":
			ours = flags
		}
		fields[field] = object{"anyOf": []any{path, closed(sourceKeys(field), object{
			"path": path, "body": path, "jq": program, "form": scalar, "constant": ours,
			"values": object{"type": "object", "additionalProperties": ours}, "format": formats,
			"added": flags, "html": flags, "required": flags,
		})}}
	}
	one := closed(senderKeys(), object{
		"method": oneOrMore(enum(methodWords()...)), "proof": proof, "delivery_id": closed(deliveryIDKeys(), object{"path": path}),
		"answer": object{"type": []string{"integer", "string"}, "pattern": `^2[0-9]{2}$`, "minimum": 200, "maximum": 299}, "challenge": closed(challengeKeys(), object{"body": path}),
		"only": conditions, "taken_back": conditions, "pull": pullSchema(path),
		"each":   object{"anyOf": []any{path, closed(eachKeys(), object{"jq": program}, "jq")}},
		"fields": object{"type": "object", "properties": fields, "additionalProperties": false, "required": []string{"id", "kind", "channel"}},
	})
	one["anyOf"] = []any{object{"required": []string{"proof", "fields"}}, object{"required": []string{"pull"}}}
	return object{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Mappings of smileybot",
		"description": "docs/senders/mapping.md describes the keys.", "type": "object", "additionalProperties": false, "required": []string{"senders"},
		"properties": object{"senders": object{
			"type": "object", "propertyNames": object{"pattern": senderName.String()}, "additionalProperties": one,
		}},
	}
}

// pullSchema is a schema of how a sender is asked: each ready-made site, or a feed.
func pullSchema(path object) object {
	var all []any
	for _, site := range sender.PullSites() {
		all = append(all, closed(siteKeys(site), object{"site": enum(site.Name)}, append([]string{"site"}, site.Required...)...))
	}
	texts := object{"type": "object", "additionalProperties": object{"type": "string"}}
	return object{"anyOf": append(all, closed(feedKeys(), object{"next": path, "headers": texts, "cursor": closed(cursorKeys(), object{"path": path}, cursorKeys()...)}, "url"))}
}

// TestSchemaIsThatOfTheReader: the schema for editors has the keys and words of the reader. Write it with
// -update.
func TestSchemaIsThatOfTheReader(t *testing.T) {
	want, err := json.MarshalIndent(schema(), "", "  ")
	require.NoError(t, err)
	if *update {
		require.NoError(t, os.WriteFile(schemaFile, append(want, '\n'), 0o600))
	}
	got, err := os.ReadFile(schemaFile)
	require.NoError(t, err)
	assert.JSONEq(t, string(want), string(got), schemaFile)
}

// TestSchemaTakesWhatTheReaderTakes: what is right for one is right for the other, and what is wrong in its
// keys and words is wrong for both.
func TestSchemaTakesWhatTheReaderTakes(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(schema())
	require.NoError(t, err)
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	require.NoError(t, err)
	compiler := jsonschema.NewCompiler()
	require.NoError(t, compiler.AddResource("mappings.json", document))
	compiled, err := compiler.Compile("mappings.json")
	require.NoError(t, err)
	check := func(file string) error {
		var tree yaml.Node
		require.NoError(t, yaml.Unmarshal([]byte(file), &tree))
		instance, err := jsonschema.UnmarshalJSON(strings.NewReader(asJSON(t, tree.Content[0])))
		require.NoError(t, err)
		return compiled.Validate(instance)
	}
	files, err := filepath.Glob("../../../../docs/senders/mappings/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range append(files, "testdata/everything.yaml", "testdata/language.yaml") {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		_, err = Parse(text)
		require.NoError(t, err, file)
		require.NoError(t, check(string(text)), file)
		// Each key of the file in turn is one that is not known. Our words for a sender's have any key.
		for at := 0; ; {
			next := strings.Index(string(text[at:]), ": ")
			if next < 0 {
				break
			}
			at += next + 2
			wrong := string(text[:at-2]) + "_z" + string(text[at-2:])
			if _, err := Parse([]byte(wrong)); err != nil && strings.Contains(err.Error(), "not known here") {
				require.Error(t, check(wrong), wrong)
			}
		}
	}
	const fields = "fields: {id: $.id, kind: {constant: nps}, channel: {constant: chat}, score: $.s"
	for _, line := range []string{
		"methd: POST", "method: DELETE", "answer: 404", "challenge: {quer: a}", "each: {path: $.a}", "proof: berer", "proof: {basic: {}}", "proof: {header: {prefix: a}}",
		"proof: {hmac: {header: X, algorithm: md5}}", "proof: {hmac: {algorithm: sha1}}", "only: {paht: $.a}", "delivery_id: {form: a}",
		fields + ", comment: a}", fields + ", coment: $.a}", fields + ", comment: {path: $.a, html: maybe}}", fields + ", ticket.url: {path: $.a, html: true}}", fields + ", ticket.urgent: {path: $.a, values: {a: yes}}}",
		"fields: {id: $.id}", "fields: {id: $.id, kind: {constant: mood}, channel: {constant: chat}, score: $.s}",
	} {
		lines := []string{"senders:", "  shop:", "    " + line}
		for _, other := range []string{"proof: bearer", fields + "}"} {
			if name, _, _ := strings.Cut(other, ":"); !strings.HasPrefix(line, name+":") {
				lines = append(lines, "    "+other)
			}
		}
		file := strings.Join(lines, "\n")
		_, err := Parse([]byte(file))
		require.Error(t, err, file)
		require.Error(t, check(file), file)
	}
}

// asJSON is a node as an editor sees it: keys are texts, and words are what YAML makes of them.
func asJSON(t *testing.T, n *yaml.Node) string {
	t.Helper()
	var parts []string
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			key, err := json.Marshal(n.Content[i].Value)
			require.NoError(t, err)
			parts = append(parts, string(key)+":"+asJSON(t, n.Content[i+1]))
		}
		return "{" + strings.Join(parts, ",") + "}"
	case yaml.SequenceNode:
		for _, one := range n.Content {
			parts = append(parts, asJSON(t, one))
		}
		return "[" + strings.Join(parts, ",") + "]"
	default:
		var value any
		require.NoError(t, n.Decode(&value))
		text, err := json.Marshal(value)
		require.NoError(t, err)
		return string(text)
	}
}
