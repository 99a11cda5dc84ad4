package main

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"smileybot/bot"
)

// TestComposeFiles checks that the compose files name settings that exist and secrets that the service gets, and
// that the bot is not root.
func TestComposeFiles(t *testing.T) {
	known := make(map[string]bool)
	for _, s := range bot.DescribeConfig() {
		known[s.Name] = true
	}
	for file, bots := range map[string]int{"../../compose.yaml": 1, "../../compose.postgresql.yaml": 2} {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		var composed struct {
			Services map[string]struct {
				Image       string
				Environment map[string]string
				Secrets     []string
				ReadOnly    bool                                  `yaml:"read_only"`
				CapDrop     []string                              `yaml:"cap_drop"`
				DependsOn   map[string]struct{ Condition string } `yaml:"depends_on"`
				Healthcheck *struct{ Test []string }
			}
			Secrets map[string]struct{ File string }
		}
		require.NoError(t, yaml.Unmarshal(text, &composed), file)
		for name, service := range composed.Services {
			for variable, value := range service.Environment {
				setting, isFile := strings.CutSuffix(variable, "_FILE")
				if isFile {
					assert.Contains(t, service.Secrets, strings.TrimPrefix(value, "/run/secrets/"), "%s: %s of %s", file, variable, name)
				}
				assert.True(t, known[setting] || strings.HasPrefix(variable, "POSTGRES_"), "%s: %s is no setting", file, variable)
			}
			for _, secret := range service.Secrets {
				assert.Equal(t, "secrets/"+secret, composed.Secrets[secret].File, file)
			}
			for on, how := range service.DependsOn {
				assert.Equal(t, "service_healthy", how.Condition, file)
				assert.NotNil(t, composed.Services[on].Healthcheck, "%s: %s is waited for and has no health check", file, on)
			}
			if service.Image == "smileybot" {
				bots--
				assert.True(t, service.ReadOnly, file)
				assert.Equal(t, []string{"ALL"}, service.CapDrop, file)
			}
		}
		assert.Zero(t, bots, "%s: number of bots", file)
	}
}
